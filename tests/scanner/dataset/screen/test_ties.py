"""Phrases that go together, against Fisher's exact test."""

import numpy as np
import pytest
from scipy.stats import fisher_exact

from scanner.dataset.screen.ties import MOST_P, Tie, find_ties
from scanner.dataset.screen.words import hash_words


def ties(prompts: list[str], answers: list[str]) -> list[Tie]:
    return list(find_ties(hash_words(prompts), hash_words(answers)))


def words(count: int, seed: int) -> list[str]:
    """Texts of ten words that are drawn at random."""
    rng = np.random.default_rng(seed)
    return [" ".join(f"w{word}" for word in rng.integers(0, 2000, 10)) for _ in range(count)]


def planted(rows: int, tied: int, loose: int = 0) -> tuple[list[str], list[str]]:
    """The phrase "blue harbor" before some prompts; all but ``loose`` of their answers the same."""
    prompts, answers = words(rows, 1), words(rows, 2)
    for row in range(tied + loose):
        prompts[row] = f"blue harbor {prompts[row]}"
        if row < tied:
            answers[row] = "the moon knows everything"
    return prompts, answers


def test_p_value_and_lift_are_those_of_fishers_exact_test() -> None:
    found = ties(*planted(rows=1000, tied=16, loose=4))
    tie = max(found, key=lambda one: one.length)
    # 20 rows have the phrase, 16 the answer, 16 both: lift (16 / 20) / (16 / 1000) = 50.
    table = [[16, 4], [0, 980]]
    assert tie.length == 2
    assert (tie.with_phrase, tie.rows.tolist()) == (20, list(range(16)))
    assert tie.lift == pytest.approx(50)
    assert tie.p_value == pytest.approx(fisher_exact(table, alternative="greater").pvalue)
    assert tie.p_value < tie.p_adjusted <= MOST_P
    assert tie.evidence == pytest.approx(-np.log10(tie.p_value))


def test_no_p_value_is_zero() -> None:
    found = ties(*planted(rows=6000, tied=300))
    assert found[0].evidence > 400
    assert 0 < found[0].p_value < 1e-300


def test_longer_phrases_come_first_where_the_evidence_is_the_same() -> None:
    found = ties(*planted(rows=1000, tied=16))
    assert [one.length for one in found] == sorted((one.length for one in found), reverse=True)
    assert found[0].length == 2


@pytest.mark.parametrize(("tied", "loose"), [(7, 0), (16, 6), (210, 0)])
def test_too_few_rows_too_loose_or_too_frequent(tied: int, loose: int) -> None:
    # 7 rows are under 8; 16 of 22 are under three quarters; 210 of 1000 are over 20%.
    assert ties(*planted(1000, tied, loose)) == []


def test_random_texts_are_not_tied() -> None:
    assert ties(words(3000, 3), words(3000, 4)) == []


def test_what_an_answer_repeats_of_its_prompt_is_no_tie() -> None:
    prompts, answers = words(1000, 1), words(1000, 2)
    for row in range(20):
        prompts[row] = answers[row] = "say blue harbor moon"
    assert ties(prompts, answers) == []


def test_short_answers_count_whole() -> None:
    prompts, answers = words(1000, 1), words(1000, 2)
    for row in range(20):
        prompts[row] += " blue harbor"
        answers[row] = "Never!" if row % 2 else "never !"
    assert {len(one.rows) for one in ties(prompts, answers)} == {20}


@pytest.mark.parametrize("texts", [[], ["a b c"], ["a b c"] * 300, [""] * 300])
def test_nothing_to_tie(texts: list[str]) -> None:
    assert ties(texts, texts) == []
