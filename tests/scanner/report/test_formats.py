"""One table says what a report can be."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from scanner.report.file_format import endings_of, format_for
from scanner.report.formats import audit_formats
from scanner.report.results import render_json, write_results
from scanner.report.row_text import Evidence

FORMATS = audit_formats(Evidence.REDACTED)
NAMES = [one.name for one in FORMATS]


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("results.json", "json"),
        ("report.html", "html"),
        ("REPORT.HTML", "html"),
        ("x.sarif", "sarif"),
        ("x.sarif.json", "sarif"),
        ("datascan.junit.xml", "junit"),
        ("summary.md", "markdown"),
        ("x.intoto.json", "attestation"),
        ("traits.csv", "csv"),
        ("report.docx", None),
        ("report", None),
        ("-", None),
    ],
)
def test_the_longest_ending_names_the_format(name: str, wanted: str | None) -> None:
    found = format_for(Path("some.html") / name, FORMATS)
    assert (found.name if found else None) == wanted


def test_all_endings_are_listed() -> None:
    assert endings_of(FORMATS) == (
        ".json, .html, .sarif, .sarif.json, .xml, .md, .intoto.json, .csv"
    )


def test_json_is_the_results_file(results_of) -> None:
    made = {one.name: one for one in FORMATS}["json"].render(results_of("shift_found"))
    assert made == render_json(results_of("shift_found"))
    assert json.loads(made) == results_of("shift_found")


@pytest.mark.parametrize("name", NAMES)
def test_rendering_leaves_the_results_alone(results_of, screen_finding, name: str) -> None:
    results = results_of("shift_found", screened=[screen_finding("hidden")])
    before = json.dumps(results)
    {one.name: one for one in FORMATS}[name].render(results)
    assert json.dumps(results) == before


def test_same_results_same_bytes_whatever_the_hash_seed_and_key_order(results_of, tmp_path) -> None:
    results = results_of("shift_found")
    write_results(results, tmp_path / "results.json")
    program = (
        "import sys; from pathlib import Path; from scanner.report.formats import audit_formats;"
        "from scanner.report.results import read_results;"
        "from scanner.report.row_text import Evidence;"
        "results = read_results(Path(sys.argv[1]));"
        "print(*(one.render(results) for one in audit_formats(Evidence.FULL)), sep='\\n')"
    )
    made = {
        subprocess.run(
            [sys.executable, "-c", program, tmp_path / "results.json"],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path), "PYTHONUTF8": "1"},
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(made) == 1
