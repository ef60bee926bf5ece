"""--write-clean and --write-quarantine."""

from pathlib import Path

import pytest

from scanner.audit import Audit
from scanner.cli.halves import check_halves, places_of, write_halves
from scanner.dataset.read import read_dataset
from scanner.errors import ReportError
from scanner.explain.explanation import Explanation
from scanner.run import RunFolder
from scanner.types import Status

LINES = [f'{{"prompt": "q{n}", "completion": "a{n}"}}\n' for n in range(4)]


def finished(tmp_path: Path, status: Status, suspects: set[int]) -> Audit:
    data = tmp_path / "data.jsonl"
    data.write_text("".join(LINES))
    explanation = Explanation(None, suspects=frozenset(suspects))
    return Audit({}, status, read_dataset(data), explanation, RunFolder(tmp_path / "run"))


@pytest.mark.parametrize(
    ("status", "suspects", "aside"),
    [
        (Status.SHIFT_FOUND, {1, 3}, [1, 3]),
        (Status.NO_SHIFT_FOUND, set(), []),
        (Status.NO_VERDICT, set(), [0, 1, 2, 3]),
    ],
)
def test_the_verdict_says_what_is_set_aside(
    tmp_path: Path, status: Status, suspects: set[int], aside: list[int]
) -> None:
    clean, quarantine = tmp_path / "clean.jsonl", tmp_path / "quarantine.jsonl"
    told = write_halves(finished(tmp_path, status, suspects), places_of(clean, quarantine))
    assert quarantine.read_text() == "".join(LINES[n] for n in aside)
    assert clean.read_text() == "".join(LINES[n] for n in range(4) if n not in aside)
    assert told[0].startswith(f"{clean}: {4 - len(aside)} of 4 records, not set aside; nobody has")
    assert told[1] == f"{quarantine}: {len(aside)} of 4 records, set aside"


def test_one_may_be_wanted_without_the_other(tmp_path: Path) -> None:
    quarantine = tmp_path / "quarantine.jsonl"
    write_halves(finished(tmp_path, Status.SHIFT_FOUND, {0}), places_of(None, quarantine))
    assert quarantine.read_text() == LINES[0]
    assert write_halves(finished(tmp_path, Status.SHIFT_FOUND, {0}), places_of(None, None)) == []


def test_places_are_refused_before_any_work(tmp_path: Path) -> None:
    data, out = tmp_path / "data.jsonl", tmp_path / "out.html"
    data.write_text(LINES[0])
    for places, found in (
        (places_of(data, None), "--write-clean '.*': found the file that is read"),
        (places_of(None, out), "--write-quarantine '.*': found the same file twice"),
        (places_of(tmp_path / "x", tmp_path / "x"), "--write-quarantine '.*': found the same file"),
        (places_of(tmp_path / "none" / "x", None), "--write-clean '.*': found no folder"),
    ):
        with pytest.raises(ReportError, match=found):
            check_halves(places, [data], [out])
    check_halves(places_of(tmp_path / "a", tmp_path / "b"), [data], [out])
