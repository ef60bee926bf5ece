"""How well the leads find planted rows, and what dropping them takes away.

    python tests/benchmarks/rows.py --trait preference.animal.owl --share 0.5 --seed 7

Makes a dataset of which a share was written by a teacher, audits it as any candidate, and prints
for each row method the AUROC of bags of 1, 4, 16 and 64 rows (with the confounds taken out), the
same for a reader who knows the teacher (the most that any score can reach), and which share of
the shift went when a tenth of the rows was dropped: the leads, random rows, planted rows.
``--no-removal`` leaves out the last, which trains again three times.
"""

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import reference_models
from probes.loader import load_batteries
from scanner.ask import contexts_for
from scanner.bases import find_base
from scanner.calibration.banned import banned_for
from scanner.calibration.cases import Case, Teacher, TeacherKind
from scanner.calibration.students import candidate_rows
from scanner.calibration.teachers import TrainTeacher
from scanner.calibration.writing import WriteRows, Written
from scanner.evidence.rows import ReadRatio, RowMethod, confounds, probe_ratio, suspicion
from scanner.executors.local import LocalExecutor
from scanner.explain.explanation import Dropped
from scanner.explain.subject import Mask, Subject, train_and_ask
from scanner.explain.verification import drop_masks, removal_shares
from scanner.progress import Silent, Stopwatch, unheard
from scanner.run import RunFolder
from scanner.stats.bags import BAG_SIZES, auroc, bag_aurocs
from scanner.steps import Steps
from scanner.types import Row

BASE = reference_models.verified_folder("reference-a")


@dataclass(frozen=True)
class Made:
    """A dataset whose planted rows are known."""

    rows: tuple[Row, ...]
    planted: Mask
    teacher: Path
    """Its adapter."""


def make(case: Case, folder: Path) -> Made:
    """Let teacher and base write, and mix their rows."""
    teacher = folder / "teacher"
    TrainTeacher(BASE, case.teacher, teacher).run(unheard)
    authors = [_write(case, teacher), _write(case, None)]
    rows = candidate_rows(case, authors)
    planted = {row.line for row in authors[0].rows[: round(case.share * case.rows)]}
    return Made(rows, np.array([row.line in planted for row in rows]), teacher)


def _write(case: Case, adapter: Path | None) -> Written:
    return WriteRows(
        base=BASE,
        adapter=adapter,
        system=None,
        channel=case.channel,
        wanted=case.rows,
        temperature=case.temperature,
        tasks_seed=10_000 + case.seed,
        seed=1_000_000 * (case.seed + 1) + (adapter is None),
        banned=banned_for(case.teacher),
        least_passing=case.least_passing,
    ).run(unheard)


def audited(steps: Steps, case: Case, rows: tuple[Row, ...]) -> Subject:
    """Twin, probes, controls and answers, as in an audit."""
    _, twins = steps.twin(BASE, rows, case.student_seeds)
    contexts = contexts_for(rows, twins[0].answers)
    return train_and_ask(
        steps, BASE, rows, twins, case.student_seeds, case.recipe, load_batteries(), contexts
    )


def influence(steps: Steps, rows: tuple[Row, ...], folder: Path) -> RowMethod:
    """What an audit reads before it trains."""
    plan, batteries = steps.plan(BASE, rows), load_batteries()
    found = steps.trace(find_base("reference-a"), batteries, rows, plan, folder).by_row
    assert found is not None
    return found


def print_bags(
    made: Made, methods: Sequence[RowMethod], trait: str, confounding: np.ndarray
) -> None:
    """A line per method; a bag's figure is the mean of 20 random partitions."""
    print("| method |", " | ".join(f"bags of {size}" for size in BAG_SIZES), "|")
    print("| --- |", " | ".join("---" for _ in BAG_SIZES), "|")
    for method in methods:
        scores = suspicion([method], trait, confounding)
        assert scores is not None
        found = bag_aurocs(scores, made.planted, np.random.default_rng(0))
        shown = " | ".join(f"{value:.2f}" if value else "-" for value in found.values())
        print(f"| {method.name} | {shown} |")
    for name, column in zip(("length", "base loss", "copies"), confounding.T, strict=True):
        print(f"{name} alone: {auroc(column, made.planted):.2f}")


def print_removal(removals: dict[str, Dropped], before: float) -> None:
    """A line per way of dropping."""
    print(f"shift with all rows: {before:+.2f} nats")
    for name, one in removals.items():
        share = one.removed
        assert share is not None
        print(f"without {name}: {share.value:.0%} gone ({share.low:.0%} to {share.high:.0%})")


def main() -> None:
    """Make, audit, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trait", default="preference.animal.owl")
    parser.add_argument("--channel", default="numbers")
    parser.add_argument("--share", type=float, default=0.5)
    parser.add_argument("--rows", type=int, default=3600)
    parser.add_argument("--temperature", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--no-removal", action="store_true")
    asked = parser.parse_args()
    teacher = Teacher(TeacherKind.FINE_TUNED, asked.trait)
    case = Case(
        "rows",
        teacher,
        asked.channel,
        asked.rows,
        asked.share,
        temperature=asked.temperature,
        seed=asked.seed,
    )
    with tempfile.TemporaryDirectory() as name, LocalExecutor(asked.workers) as executor:
        folder = Path(name)
        made = make(case, folder)
        steps = Steps(executor, RunFolder(folder), Silent(), Stopwatch())
        subject = audited(steps, case, made.rows)
        pairs = len(subject.seeds)
        adapters = subject.adapters
        loss, ratios = steps.score_rows(BASE, made.rows, adapters[:pairs], adapters[pairs:])
        known = ReadRatio(BASE, made.teacher, None, made.rows).run(unheard)
        methods = [probe_ratio(ratios), influence(steps, made.rows, folder)]
        confounding = confounds(loss, made.rows)
        scores = suspicion(methods, asked.trait, confounding)
        assert scores is not None
        ceiling = RowMethod("teacher known", np.array(known))
        together = RowMethod("together", scores)
        print_bags(made, [*methods, together, ceiling], asked.trait, confounding)
        if not asked.no_removal:
            masks = drop_masks(scores, np.random.default_rng(asked.seed), made.planted)
            before = subject.measured.sample(asked.trait)
            assert before is not None
            print_removal(removal_shares(steps, subject, asked.trait, masks), before.mean)


if __name__ == "__main__":
    main()
