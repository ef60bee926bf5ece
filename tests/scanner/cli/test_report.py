"""``datascan report``: any format, again and again, and never another exit code."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from scanner.cli.main import run
from scanner.cli.report import FORMATS
from scanner.report.formats import audit_formats
from scanner.report.row_text import Evidence

GOLDEN = Path(__file__).parents[2] / "golden"
CODES = {
    "shift_low": 1,
    "shift_medium": 1,
    "shift_high": 1,
    "shift_critical": 1,
    "no_shift_found": 0,
    "no_verdict": 3,
    "unfinished": 3,
}
FILES = {
    "json": "report.json",
    "html": "report.html",
    "sarif": "report.sarif",
    "junit": "report.xml",
    "markdown": "report.md",
    "attestation": "report.intoto.json",
    "csv": "report.csv",
    "text": "summary.txt",
}


def results(case: str) -> str:
    return str(GOLDEN / "results" / f"{case}.json")


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run a report that must be refused, and return its one line."""
    assert run(["report", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert "Traceback" not in captured.err
    return captured.err.removeprefix("datascan: ").rstrip("\n")


def test_the_help_names_every_format() -> None:
    assert list(FORMATS) == ["text", *(one.name for one in audit_formats(Evidence.NONE))]


@pytest.mark.parametrize("case", CODES)
@pytest.mark.parametrize("name", FORMATS)
def test_the_exit_code_is_the_audits_in_every_format(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, case: str, name: str
) -> None:
    assert run(["report", results(case), "--format", name]) == CODES[case]
    printed = capsys.readouterr()
    assert printed.err == ""
    if name == "text":
        return
    golden = (GOLDEN / "reports" / case / FILES[name]).read_text("utf-8")
    assert printed.out == golden
    path = tmp_path / FILES[name]
    assert run(["report", results(case), "-o", str(path), "-q"]) == CODES[case]
    assert path.read_bytes().decode() == golden
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(("fail_on", "code"), [("low", 1), ("medium", 1), ("high", 0), ("none", 0)])
def test_fail_on(fail_on: str, code: int) -> None:
    assert run(["report", results("shift_medium"), "-q", "--fail-on", fail_on]) == code


def test_every_golden_case_has_its_code() -> None:
    assert set(CODES) == {path.stem for path in (GOLDEN / "results").glob("*.json")}


# Checking 25,000 findings against the schema takes a minute.
@pytest.mark.parametrize("count", [5_100, pytest.param(25_000, marks=pytest.mark.seeds)])
def test_thousands_of_findings_are_written_whole_or_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], count: int
) -> None:
    monkeypatch.chdir(tmp_path)
    values = json.loads(Path(results("shift_high")).read_text("utf-8"))
    worst = values["findings"][0]
    many = [worst | {"trait": f"preference.mass.{i}"} for i in range(count)]
    values |= {key: values[key] + many for key in ("findings", "traits")}
    Path("results.json").write_text(json.dumps(values), "utf-8")
    names = ["report.html", "report.md", "report.sarif", "report.csv"]
    outputs = [part for name in names for part in ("-o", name)]
    assert run(["report", "results.json", *outputs]) == 1
    found = len(values["findings"])
    assert f"And {found - 20:,} more findings, in the report." in capsys.readouterr().out
    assert Path("report.html").stat().st_size <= 500_000
    assert f"Not shown: {found - 50:,} findings" in Path("report.html").read_text("utf-8")
    assert f"And {found - 20:,} more, in results.json." in Path("report.md").read_text("utf-8")
    assert "findings left out: a run holds 5,000 at most" in Path("report.sarif").read_text("utf-8")
    assert Path("report.csv").read_text("utf-8").count("\n") == len(values["traits"]) + 1


def test_without_outputs_it_tells_the_summary(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["report", results("shift_high")]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("datascan: Shift found: a model trained on this data picks up")
    assert lines[-1] == f"datascan: results: {results('shift_high')}"


def test_many_outputs_and_a_printed_one(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    wanted = [name for name in FILES.values() if name.startswith("report")]
    outputs = [part for name in wanted for part in ("-o", str(tmp_path / name))]
    arguments = ["report", results("shift_high"), *outputs, "-o", "-", "--format", "csv"]
    assert run(arguments) == 1
    for name in wanted:
        golden = GOLDEN / "reports/shift_high" / name
        assert (tmp_path / name).read_bytes() == golden.read_bytes()
    assert len(list(tmp_path.iterdir())) == len(wanted)
    assert capsys.readouterr().out == (GOLDEN / "reports/shift_high/report.csv").read_text("utf-8")


@pytest.mark.parametrize(
    ("evidence", "shown", "hidden"),
    [
        ("none", ["U+200B zero width", "[redacted]"], ["bold", "jane.doe", "umber lantern"]),
        ("redacted", ["bold", "umber lantern", "write to [redacted]"], ["jane.doe"]),
        ("full", ["bold", "umber lantern", "jane.doe@example.org"], []),
    ],
)
@pytest.mark.parametrize("name", ["json", "markdown", "html"])
def test_evidence(
    capsys: pytest.CaptureFixture[str],
    evidence: str,
    shown: list[str],
    hidden: list[str],
    name: str,
) -> None:
    assert run(["report", results("shift_high"), "-f", name, "--evidence", evidence]) == 1
    text = capsys.readouterr().out
    assert all(part in text for part in shown)
    assert not any(part in text for part in hidden)


def test_a_missing_results_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    line = refused(capsys, str(tmp_path / "none.json"))
    assert "none.json: found no such file" in line
    assert "expected results of schema version 1.0" in line


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"schema_version": "7.0"}, "found schema_version '7.0'"),
        ({"seeds": None}, "found null at seeds"),
        ({"verdict": {"status": "fine", "severity": "none", "reason": "x"}}, 'found "fine" at'),
        ({"extra": 1}, "('extra' was unexpected) at the top"),
    ],
)
def test_an_edited_results_file(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, change: dict[str, Any], part: str
) -> None:
    edited = json.loads(Path(results("shift_high")).read_text("utf-8")) | change
    path = tmp_path / "results.json"
    path.write_text(json.dumps(edited))
    output = tmp_path / "report.md"
    assert part in refused(capsys, str(path), "-o", str(output))
    assert not output.exists()


def test_a_file_that_is_no_results_file(capsys: pytest.CaptureFixture[str]) -> None:
    line = refused(capsys, str(GOLDEN / "reports/shift_high/report.sarif"))
    assert "found schema_version None" in line


@pytest.mark.parametrize(
    ("outputs", "part"),
    [
        (["report.docx"], "found the ending '.docx'; expected one of .json, .html, .sarif"),
        (["report"], "found the ending ''; expected one of"),
        (["a.md", "a.md"], "found the same file twice; expected each file once"),
        (["a.md", "./a.md"], "found the same file twice"),
        (["x" * 300 + ".md"], "found File name too long; expected a place that can be written"),
        (["no/such/folder/a.md"], "found no folder 'no/such/folder'; expected one that exists"),
    ],
)
def test_outputs_that_cannot_be_are_refused_before_any_is_written(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    outputs: list[str],
    part: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    arguments = [part_ for name in ["first.md", *outputs] for part_ in ("-o", name)]
    assert part in refused(capsys, results("shift_high"), *arguments)
    assert list(tmp_path.iterdir()) == []


def test_the_results_are_not_written_over(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "results.json"
    path.write_bytes(Path(results("shift_high")).read_bytes())
    (tmp_path / "link.json").symlink_to(path)
    for name in ("results.json", "link.json"):
        line = refused(capsys, str(path), "-o", str(tmp_path / name))
        assert "found the file that is read; expected another one" in line
    assert path.read_bytes() == Path(results("shift_high")).read_bytes()


@pytest.mark.parametrize("extra", [[], ["--format", "csv", "-q"]])
def test_a_dash_needs_a_format_and_a_voice(
    capsys: pytest.CaptureFixture[str], extra: list[str]
) -> None:
    assert "--output -: found" in refused(capsys, results("shift_high"), "-o", "-", *extra)


def test_an_unknown_format_exits_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["report", results("shift_high"), "--format", "pdf"]) == 2
    assert "'sarif'" in capsys.readouterr().err


def python(*arguments: str, **options: Any) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": ":".join(sys.path), **options.pop("env", {})}
    command = [sys.executable, "-m", "scanner.cli", *arguments]
    return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, **options)


@pytest.mark.parametrize("name", ["text", "html"])
def test_a_closed_pipe_changes_nothing(name: str) -> None:
    read, write = os.pipe()
    os.close(read)
    child = python("report", results("shift_high"), "--format", name, stdout=write)
    os.close(write)
    _, errors = child.communicate()
    assert (child.returncode, errors) == (1, b"")


def test_help_that_nobody_reads_is_no_defect() -> None:
    read, write = os.pipe()
    os.close(read)
    child = python("report", "--help", stdout=write)
    os.close(write)
    _, errors = child.communicate()
    assert (child.returncode, errors) == (2, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("name", ["text", "html"])
def test_a_full_disk_is_an_error_in_one_line(name: str) -> None:
    with open("/dev/full", "wb") as full:
        child = python("report", results("shift_high"), "--format", name, stdout=full)
        _, errors = child.communicate()
    assert child.returncode == 2
    assert errors.startswith(b"datascan: the output: found No space left on device; expected")
    assert errors.count(b"\n") == 1


@pytest.mark.parametrize("columns", ["20", "40"])
def test_no_colour_and_a_narrow_dumb_ascii_terminal(columns: str) -> None:
    plain = {"NO_COLOR": "1", "TERM": "dumb", "COLUMNS": columns, "LC_ALL": "C", "PYTHONUTF8": "0"}
    plain |= {"PYTHONCOERCECLOCALE": "0", "FORCE_COLOR": "", "PYTHONIOENCODING": "ascii"}
    child = python("report", results("shift_high"), stdout=subprocess.PIPE, env=plain)
    output, errors = child.communicate()
    assert (child.returncode, errors) == (1, b"")
    assert output.isascii()
    assert b"\x1b" not in output


OWL_IGNORED = """version: 1
suppressions:
  - {{id: {id}, expires: {expires}, statement: Agreed with M. Ito.}}
"""


def ignore(folder: Path, trait: str, expires: str = "2999-12-31") -> None:
    text = OWL_IGNORED.format(id=trait, expires=expires)
    (folder / ".datascanignore.yaml").write_text(text, "utf-8")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def only_finding(case: str) -> str:
    [finding] = json.loads(Path(results(case)).read_text("utf-8"))["findings"]
    return str(finding["trait"])


@pytest.mark.parametrize("name", FORMATS)
def test_a_suppressed_finding_exits_0_and_stays_visible(
    here: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    ignore(here, only_finding("shift_low"))
    assert run(["report", results("shift_low"), "--format", name]) == 0
    printed = capsys.readouterr().out
    assert only_finding("shift_low").rpartition(".")[2] in printed
    assert ("suppressed" in printed) is (name not in ("csv", "attestation"))


def test_an_expired_suppression_counts_no_more(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ignore(here, only_finding("shift_low"), expires="2020-01-01")
    assert run(["report", results("shift_low")]) == 1
    assert "suppressed" not in capsys.readouterr().out


def test_a_finding_of_the_baseline_is_known_and_a_new_one_fails(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    known = ("--baseline", results("shift_low"))
    assert run(["report", results("shift_low"), *known]) == 0
    assert "low, known" in capsys.readouterr().out
    assert run(["report", results("shift_high"), *known]) == 1


def test_what_was_excused_when_the_results_were_written_is_judged_anew(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ignore(here, only_finding("shift_low"))
    assert run(["report", results("shift_low"), "-q", "-o", "copy.json"]) == 0
    assert json.loads(Path("copy.json").read_text("utf-8"))["excused"]
    (here / ".datascanignore.yaml").unlink()
    assert run(["report", "copy.json", "--format", "json"]) == 1
    assert "excused" not in json.loads(capsys.readouterr().out)


def test_an_excuse_that_does_not_belong_to_the_audit_is_refused(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ignore(here, "preference.animal.wol")
    line = refused(capsys, results("shift_low"), "-o", "report.md")
    assert line.startswith(".datascanignore.yaml: found the unknown id 'preference.animal.wol'")
    assert not Path("report.md").exists()
