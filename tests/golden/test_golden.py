"""Whole reports, byte by byte: one audit per verdict and severity, in every format.

``python -m pytest tests/golden --update-golden`` writes them again (``make golden``).
"""

import io
from pathlib import Path

import pytest
from rich.console import Console

from scanner.report.checking import checked_results
from scanner.report.compare import compare
from scanner.report.compare_formats import comparison_formats
from scanner.report.compare_terminal import print_comparison
from scanner.report.formats import audit_formats
from scanner.report.row_text import Evidence
from scanner.report.terminal import print_summary

HERE = Path(__file__).parent
CASES = sorted(path.stem for path in (HERE / "results").glob("*.json"))


def results_of(case: str) -> dict[str, object]:
    return checked_results(HERE / "results" / f"{case}.json")


def audit_reports(case: str) -> dict[str, str]:
    """File name to text."""
    results, stream = results_of(case), io.StringIO()
    print_summary(results, Console(file=stream, width=100), results_path="results.json")
    formats = audit_formats(Evidence.REDACTED)
    made = {f"report{one.endings[0]}": one.render(results) for one in formats}
    return {**made, "summary.txt": stream.getvalue()}


def comparison_reports() -> dict[str, str]:
    """Of a quiet first delivery and a second one with findings."""
    names = ("no_shift_found.json", "shift_high.json")
    made = compare(results_of("no_shift_found"), results_of("shift_high"), names)
    stream = io.StringIO()
    print_comparison(made, Console(file=stream, width=100))
    texts = {f"comparison{one.endings[0]}": one.render(made) for one in comparison_formats()}
    return {**texts, "comparison.txt": stream.getvalue()}


def check(folder: Path, texts: dict[str, str], update: bool) -> None:
    if update:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_bytes(text.encode())
    for name, text in texts.items():
        assert text == (folder / name).read_bytes().decode(), f"{folder / name}: see above"
    assert {path.name for path in folder.iterdir()} == set(texts), "files of no format"


@pytest.fixture
def update(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-golden", default=False))


def test_every_verdict_and_severity_has_a_case() -> None:
    assert CASES == [
        "no_shift_found",
        "no_verdict",
        "shift_critical",
        "shift_high",
        "shift_low",
        "shift_medium",
        "unfinished",
    ]
    for case in CASES:
        severity = results_of(case)["verdict"]["severity"]  # type: ignore[index]
        assert severity == case.removeprefix("shift_") or not case.startswith("shift_")


@pytest.mark.parametrize("case", CASES)
def test_reports_are_the_golden_ones(case: str, update: bool) -> None:
    check(HERE / "reports" / case, audit_reports(case), update)


def test_the_comparison_is_the_golden_one(update: bool) -> None:
    check(HERE / "reports" / "comparison", comparison_reports(), update)


def test_a_changed_byte_would_be_seen(tmp_path: Path) -> None:
    check(tmp_path / "case", {"a.md": "one\n"}, update=True)
    with pytest.raises(AssertionError):
        check(tmp_path / "case", {"a.md": "two\n"}, update=False)
    with pytest.raises(AssertionError):
        check(tmp_path / "case", {}, update=False)
