"""The CSV of traits: exact numbers, and nothing that a spreadsheet would run."""

import csv
import io
from typing import Any

import pytest

from scanner.report.csv_table import csv_text, render_csv


def rows(text: str, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def test_numbers_are_exact_and_nothing_stands_for_what_is_missing(results_of) -> None:
    header, owl, *_ = rows(render_csv(results_of("shift_found")))
    assert dict(zip(header, owl, strict=True)) == {
        "label": "favourite animal: owl",
        "trait": "preference.animal.owl",
        "arm": "margins",
        "severity": "high",
        "shift": "1.52",
        "ci_low": "1.21",
        "ci_high": "1.84",
        "p_value": "1.2e-07",
        "p_adjusted": "1.3e-05",
        "base_level": "0.047",
        "control_level": "0.039",
        "probe_level": "0.163",
        "level_unit": "probability",
        "unmeasured": "",
    }
    _, first, *_ = rows(render_csv(results_of("no_verdict")))
    unmeasured = dict(zip(header, first, strict=True))
    assert unmeasured["p_value"] == unmeasured["ci_low"] == ""
    assert unmeasured["unmeasured"].startswith("fewer than two seeds")


def test_every_trait_has_a_line(results_of) -> None:
    assert render_csv(results_of("shift_found")).count("\n") == 1 + 104


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1+1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "\x00=1",
        "\uff1d1+1",
        '=HYPERLINK("https://example.org";"x")',
        '";=1',
        "a;=cmd|'/c calc'!A1",
    ],
)
def test_no_cell_is_a_formula_however_a_reader_splits(text: str) -> None:
    made = csv_text(("a",), [(text,)])
    for delimiter in ",;":
        for row in rows(made, delimiter):
            for cell in row:
                assert not cell.lstrip('"').startswith(tuple("=+-@\t\r\x00\uff1d"))


def test_numbers_may_be_negative_and_bare() -> None:
    assert csv_text(("a", "b"), [(-0.5, "-0.5")]) == '"a","b"\n-0.5,"\'-0.5"\n'


def test_hostile_text_stays_in_its_cell(hostile_rows: dict[str, Any]) -> None:
    text = render_csv(hostile_rows)
    assert all(char.isprintable() or char == "\n" for char in text)
    assert {len(row) for row in rows(text)} == {14}
    assert "::" not in text
    assert "##" not in text
