"""``datascan compare``: side by side, with the exit code of the second audit."""

from pathlib import Path

import pytest

from scanner.cli.compare import FORMATS
from scanner.cli.main import run
from scanner.report.compare_formats import comparison_formats

GOLDEN = Path(__file__).parents[2] / "golden"


def results(case: str) -> str:
    return str(GOLDEN / "results" / f"{case}.json")


def test_the_help_names_every_format() -> None:
    assert list(FORMATS) == ["text", *(one.name for one in comparison_formats())]


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize(
    ("first", "second", "code"),
    [
        ("no_shift_found", "shift_high", 1),
        ("shift_high", "no_shift_found", 0),
        ("shift_high", "unfinished", 3),
        ("no_verdict", "no_verdict", 3),
    ],
)
def test_the_exit_code_is_that_of_the_second(
    capsys: pytest.CaptureFixture[str], first: str, second: str, code: int, name: str
) -> None:
    assert run(["compare", results(first), results(second), "--format", name]) == code
    printed = capsys.readouterr()
    assert printed.out
    assert printed.err == ""


def test_fail_on() -> None:
    both = [results("no_shift_found"), results("shift_medium")]
    assert run(["compare", *both, "--quiet", "--fail-on", "high"]) == 0


def test_by_itself_it_tells_the_changes(capsys: pytest.CaptureFixture[str]) -> None:
    run(["compare", results("no_shift_found"), results("shift_high")])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "datascan: Findings: 2 new."
    assert lines[1].startswith("datascan: A: No shift found")


def test_outputs_and_what_is_printed(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    markdown, table = tmp_path / "c.md", tmp_path / "c.csv"
    outputs = ["-o", str(markdown), "-o", str(table), "-o", "-", "--format", "csv"]
    assert run(["compare", results("no_shift_found"), results("shift_high"), *outputs]) == 1
    assert capsys.readouterr().out == table.read_text("utf-8")
    assert "| favourite animal: owl |" in markdown.read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["A", "none.json"], "none.json: found no such file"),
        (["none.json", "A"], "none.json: found no such file"),
        (["A", "A", "-o", "x.html"], "found the ending '.html'; expected one of .md, .csv"),
        (["A", "A", "-o", "-"], "--output -: found no --format"),
    ],
)
def test_bad_input_exits_2_in_one_line(
    capsys: pytest.CaptureFixture[str], arguments: list[str], part: str
) -> None:
    given = [results("shift_high") if one == "A" else one for one in arguments]
    assert run(["compare", *given]) == 2
    captured = capsys.readouterr()
    assert part in captured.err
    assert captured.out == ""
    assert captured.err.count("\n") == 1
