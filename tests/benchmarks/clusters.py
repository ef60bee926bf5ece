"""Does k-means put a hidden teacher's rows together, where nobody says where rows are from?

    python -m tests.benchmarks.clusters dose_numbers dose_code --root FOLDER

A tenth of the rows by the teacher, the others by the base, of each planted trait of a group.
Answers as TF-IDF of words and of runs of one to three characters, ten clusters. Prints the
teacher's share in the cluster (of 100 rows and more) where it is largest, and by how much a trace
would grow there: share times the root of the rows, against the same of all rows.
"""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from sklearn.cluster import KMeans
from sklearn.feature_extraction.text import TfidfVectorizer

from scanner.calibration.calibrate import CalibrationSettings, chosen_cases, instrument_of
from scanner.calibration.cases import Case
from scanner.calibration.study import Instrument, calibration_run, rows_of_cases
from scanner.executors.inline import InlineExecutor
from scanner.progress import Silent
from scanner.run import RunFolder
from scanner.types import Row

SHARE = 0.1
CLUSTERS = 10
LEAST = 100
"""Rows of a group that is looked at."""
FORMS = {
    "words": {"token_pattern": r"\S+"},
    "characters": {"analyzer": "char", "ngram_range": (1, 3)},
}


def main() -> None:
    """Two lines a case."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("groups", nargs="+", help="of suite full, with several shares")
    parser.add_argument("--root", type=Path, required=True)
    wanted = parser.parse_args()
    settings = CalibrationSettings("reference-a", "full", root=wanted.root)
    instrument, suite = instrument_of(settings), chosen_cases(settings).cases
    cases = [one for one in suite if one.group in wanted.groups and one.share == SHARE]
    with calibration_run(instrument, wanted.root) as run:
        for case in cases:
            mixed = mixture(instrument, case, run)
            for name, form in FORMS.items() if mixed else ():
                print(f"{case.name}, {name}: {clearest(*mixed, form)}", flush=True)


def mixture(
    instrument: Instrument, case: Case, run: RunFolder
) -> tuple[list[str], int] | tuple[()]:
    """Answers, the teacher's first, and how many are the teacher's; nothing where the teacher
    cannot keep to the format."""

    def rows(share: float) -> tuple[Row, ...]:
        asked = [replace(case, share=share)]
        made = rows_of_cases(instrument, asked, run, InlineExecutor(), Silent()).values()
        return next(iter(made), ())

    half, base = rows(0.5), rows(1 / case.rows)
    if not half:
        return ()
    own = {(row.opening, row.answer) for row in base}
    taught = round(SHARE * len(base))
    teacher = [row.answer for row in half if (row.opening, row.answer) not in own][:taught]
    return [*teacher, *(row.answer for row in base[: len(base) - taught])], len(teacher)


def clearest(answers: Sequence[str], taught: int, form: dict[str, object]) -> str:
    """The cluster in which the teacher's share is largest."""
    counted = TfidfVectorizer(min_df=2, **form).fit_transform(answers)
    label = KMeans(CLUSTERS, n_init=2, random_state=0).fit_predict(counted)
    is_taught = np.arange(len(answers)) < taught
    sizes = [
        (is_taught[own].mean(), own.sum()) for n in range(CLUSTERS) if (own := label == n).any()
    ]
    share, rows = max((one for one in sizes if one[1] >= LEAST), default=(SHARE, len(answers)))
    growth = share * rows**0.5 / (SHARE * len(answers) ** 0.5)
    return f"{share:.0%} of {rows} rows; a trace there is {growth:.2f} times that of all rows"


if __name__ == "__main__":
    main()
