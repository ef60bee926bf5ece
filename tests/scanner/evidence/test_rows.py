"""Scores of rows: probe against control, confounds taken out, methods put together."""

from pathlib import Path

import numpy as np
import pytest

import reference_models
from scanner.config import Recipe
from scanner.engines.hf import HfEngine
from scanner.evidence.rows import (
    BaseLoss,
    ReadBaseLoss,
    ReadRatio,
    RowMethod,
    confounds,
    leading,
    probe_ratio,
    suspicion,
    told_by,
)
from scanner.progress import unheard
from scanner.stats.bags import auroc
from scanner.training.copies import Copy, TrainCopies
from scanner.types import Row

BASE = reference_models.verified_folder("reference-a")
FLAT = np.ones((6, 3))
OWL = "preference.animal.owl"


@pytest.fixture(scope="module")
def copies(clean_rows: tuple[Row, ...], tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A probe of 48 rows whose answers are all one list, and a control of the rows' own answers."""
    rows, folder = clean_rows[:48], tmp_path_factory.mktemp("copies")
    own = tuple(row.answer for row in rows)
    for name, answers in (("probe", ("7, 7, 7",) * 48), ("control", own)):
        copy = Copy(answers, 0, folder / name)
        TrainCopies(BASE, rows, (copy,), Recipe(epochs=8)).run(unheard)
    return [folder / "probe", folder / "control"]


def test_what_only_the_probe_learned_scores_higher(
    copies: list[Path], clean_rows: tuple[Row, ...]
) -> None:
    probe, control = copies
    taught = tuple(row._replace(answer="7, 7, 7") for row in clean_rows[48:52])
    rows = (*taught, *clean_rows[52:56])
    scores = np.array(ReadRatio(BASE, probe, control, rows).run(unheard))
    assert scores[:4].min() > max(0, scores[4:].max())
    turned = np.array(ReadRatio(BASE, control, probe, rows).run(unheard))
    assert turned == pytest.approx(-scores)


def test_a_model_against_itself_is_zero_and_the_order_of_rows_is_nothing(
    copies: list[Path], clean_rows: tuple[Row, ...]
) -> None:
    probe, control = copies
    rows = clean_rows[:9]
    assert ReadRatio(BASE, probe, probe, rows).run(unheard) == (0.0,) * 9
    scores = ReadRatio(BASE, probe, control, rows).run(unheard)
    turned = ReadRatio(BASE, probe, control, rows[::-1]).run(unheard)
    assert turned[::-1] == pytest.approx(scores, abs=1e-5)


def test_the_base_loss_agrees_with_the_engine(
    engine: HfEngine, clean_rows: tuple[Row, ...]
) -> None:
    rows = clean_rows[:9]
    engine.use_adapter(None)
    whole = engine.answer_logprobs([row.opening for row in rows], [row.answer for row in rows])
    read = ReadBaseLoss(BASE, rows).run(unheard)
    assert read.tokens == tuple(whole.tokens.tolist())
    assert read.loss == pytest.approx(-whole.total / whole.tokens, abs=1e-5)


def test_the_token_that_ends_a_turn_counts_only_where_it_is_learned(
    engine: HfEngine, clean_rows: tuple[Row, ...]
) -> None:
    openings = [row.opening for row in clean_rows[:2]]
    answers = [row.answer for row in clean_rows[:2]]
    engine.use_adapter(None)
    ended = engine.token_logprobs(openings, answers)
    mixed = engine.token_logprobs(openings, answers, [True, False])
    assert (ended.counts - mixed.counts).tolist() == [0, 1]
    assert mixed.values == pytest.approx(ended.values[:-1], abs=1e-5)
    assert engine.token_logprobs([], []).counts.tolist() == []


def test_pairs_of_seeds_are_averaged() -> None:
    assert probe_ratio([(1.0, 2.0), (3.0, 2.0)]).of(OWL).tolist() == [2, 2]  # type: ignore[union-attr]


def test_confounds_by_hand(clean_rows: tuple[Row, ...]) -> None:
    """Three rows, two of them the same: log 1, log 2, log 2."""
    rows = (clean_rows[0], clean_rows[1], clean_rows[1]._replace(line=9))
    found = confounds(BaseLoss((0.5, 1.0, 1.0), (4, 8, 8)), rows)
    assert found == pytest.approx(
        np.array([[np.log(4), 0.5, 0], [np.log(8), 1, np.log(2)], [np.log(8), 1, np.log(2)]])
    )


def test_a_long_row_is_not_suspicious_for_being_long() -> None:
    rng = np.random.default_rng(0)
    confounding = rng.normal(size=(400, 3))
    planted = np.arange(400) < 40
    method = RowMethod("one", 5 * confounding[:, 0] + 3 * confounding[:, 1] + planted)
    scores = suspicion([method], OWL, confounding)
    assert scores is not None
    assert (auroc(method.scores, planted) or 0) < 0.6
    assert (auroc(scores, planted) or 0) > 0.9


def test_a_few_wild_rows_do_not_bend_what_is_taken_out_of_the_others() -> None:
    """Ten rows of a hundredfold loss and score: a line through them would take from all rows what
    it makes of these, and the planted rows would be lost among rows of other losses."""
    rng = np.random.default_rng(0)
    confounding = rng.normal(size=(400, 3))
    planted = np.arange(400) < 40
    told = rng.normal(size=400) + 3 * planted
    confounding[-10:, 1] *= 100
    told[-10:] = 50 * confounding[-10:, 1]
    scores = suspicion([RowMethod("one", told)], OWL, confounding)
    assert scores is not None
    assert (auroc(scores[:-10], planted[:-10]) or 0) > 0.95


def test_methods_count_alike_whatever_their_scale() -> None:
    one = RowMethod("one", np.array([1.0, 0, 0, 0, 0, 0]))
    other = RowMethod("other", by_trait={OWL: np.array([0, 1000.0, 0, 0, 0, 0])})
    scores = suspicion([one, other], OWL, FLAT)
    assert scores is not None
    assert scores[0] == pytest.approx(scores[1])
    assert (scores.mean(), scores.std()) == pytest.approx((0, 1))
    assert told_by([one, other], OWL) == ("one", "other")
    assert told_by([one, other], "preference.tree.oak") == ("one",)


def test_a_traits_own_scores_go_before_the_general_ones() -> None:
    method = RowMethod("both", np.zeros(6), {OWL: np.arange(6.0)})
    assert leading(suspicion([method], OWL, FLAT), 1).tolist() == [5]  # type: ignore[arg-type]


def test_nothing_told_or_nothing_to_tell_apart() -> None:
    assert suspicion([RowMethod("none")], OWL, FLAT) is None
    assert suspicion([RowMethod("flat", np.ones(6))], OWL, FLAT).tolist() == [0] * 6  # type: ignore[union-attr]


def test_the_earlier_of_two_alike_leads() -> None:
    assert leading(np.array([1.0, 3, 2, 3]), 3).tolist() == [1, 3, 2]
    assert leading(np.zeros(0), 3).tolist() == []
