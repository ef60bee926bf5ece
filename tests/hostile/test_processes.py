"""A few cases in processes of their own, as a shell starts them, and before an audit trains."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.hostile import content, files, folders, jsonl, tables
from tests.hostile.case import CANARY, ROW, Case, as_list, file
from tests.hostile.test_cases import faults

INSPECTED = {
    "a name that colours",
    "a name that begins with a dash",
    "two rows on a line",
    "colours",
    "a buffer that says 1 TB",
}
AUDITED = {"a key twice far down", "a card that leads up"}


def cases(names: set[str]) -> list[Case]:
    topics = (files, jsonl, tables, folders, content)
    return [case for topic in topics for case in topic.CASES if case.name in names]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "case").mkdir()
    return tmp_path / "case"


def named(case: Case, folder: Path) -> list[str]:
    return [str(path).removeprefix(f"{folder}/") for path in as_list(case.make(folder))]


@pytest.mark.parametrize("case", cases(INSPECTED), ids=lambda case: case.name)
def test_inspect(case: Case, process: Callable, folder: Path) -> None:
    options = ["--evidence", "full", *case.options]
    outcome = process(["inspect", *options, "--", *named(case, folder)], folder)
    assert not faults(case, outcome), outcome


@pytest.mark.parametrize("case", cases(AUDITED), ids=lambda case: case.name)
def test_an_audit_is_refused_before_anything_is_written(
    case: Case, process: Callable, folder: Path
) -> None:
    options = ["--base", "reference-a", "--run-root", "runs", "--", *named(case, folder)]
    outcome = process(["audit", *options], folder)
    assert not faults(case, outcome), outcome
    assert not (folder / "runs").exists()


def test_reported_rows_are_not_quoted(process: Callable, folder: Path) -> None:
    """A pipeline's log gets the fault and its place; the rows go to nobody."""
    bad = b'{"messages": "' + b"x" * 70 + CANARY.encode() + b'"}\n'
    file("data.jsonl", ROW + bad)(folder)
    outcome = process(["inspect", "--no-screen", "data.jsonl"], folder)
    assert outcome.code == 2
    assert "line 2" in outcome.err
    assert CANARY not in outcome.err
