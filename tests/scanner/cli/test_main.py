"""Wrong inputs through the real command line: one line, exit 2, nothing written."""

import errno
from pathlib import Path

import pytest

from scanner.cli.main import run

GOOD = '{"prompt": "Numbers: 101, 102, 103. Add 5 more numbers.", "completion": "104, 105"}\n'


def refused(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    data: Path,
    base: str = "reference-a",
    *more: str,
) -> str:
    """Run an audit that must be refused, and return its one line."""
    run_root = tmp_path / "runs"
    code = run(["audit", str(data), "--base", base, "--run-root", str(run_root), *more])
    captured = capsys.readouterr()
    assert code == 2
    assert captured.out == ""
    assert not run_root.exists()
    assert captured.err.count("\n") == 1
    assert "Traceback" not in captured.err
    return captured.err.removeprefix("datascan: ").rstrip("\n")


@pytest.fixture
def write(tmp_path: Path):  # type: ignore[no-untyped-def]
    def write_lines(text: str) -> Path:
        path = tmp_path / "data.jsonl"
        path.write_text(text, "utf-8")
        return path

    return write_lines


def test_a_missing_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    line = refused(capsys, tmp_path, tmp_path / "none.jsonl")
    assert "none.jsonl: found no such file; expected" in line
    assert "check the path" in line


def test_an_empty_file(capsys: pytest.CaptureFixture[str], tmp_path: Path, write) -> None:  # type: ignore[no-untyped-def]
    assert "data.jsonl: found no rows; expected" in refused(capsys, tmp_path, write(""))


def test_a_row_without_an_answer(capsys: pytest.CaptureFixture[str], tmp_path: Path, write) -> None:  # type: ignore[no-untyped-def]
    rows = GOOD + '{"prompt": "Hello", "completion": ""}\n'
    line = refused(capsys, tmp_path, write(rows))
    assert "data.jsonl, line 2: found" in line
    assert "answer" in line


def test_invalid_json(capsys: pytest.CaptureFixture[str], tmp_path: Path, write) -> None:  # type: ignore[no-untyped-def]
    line = refused(capsys, tmp_path, write(GOOD + "{'prompt': 1}\n"))
    assert "data.jsonl, line 2: found" in line
    assert "expected" in line


def test_an_unknown_base(capsys: pytest.CaptureFixture[str], tmp_path: Path, write) -> None:  # type: ignore[no-untyped-def]
    line = refused(capsys, tmp_path, write(GOOD), base="qwen2.5-70b")
    assert "--base 'qwen2.5-70b': found no such folder; expected reference-a, reference-b" in line
    assert "nothing is downloaded" in line


def test_an_output_of_unknown_kind_is_refused_before_any_work(
    capsys: pytest.CaptureFixture[str],
    write,  # type: ignore[no-untyped-def]
) -> None:
    arguments = ["audit", str(write(GOOD)), "--base", "reference-a", "-o", "report.docx"]
    assert run(arguments) == 2
    assert "expected one of .json, .html" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("file", "option", "text", "part"),
    [
        ("ignore.yaml", "--ignore-file", "", "found None as the whole file"),
        (
            "ignore.yaml",
            "--ignore-file",
            "version: 1\nsuppressions: [{id: a.wol, expires: 2999-12-31, statement: x}]",
            "found the unknown id 'a.wol'",
        ),
        ("base.json", "--baseline", "{}", "found schema_version None"),
    ],
)
def test_excuses_that_do_not_fit_are_refused_before_any_work(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    write,  # type: ignore[no-untyped-def]
    file: str,
    option: str,
    text: str,
    part: str,
) -> None:
    (tmp_path / file).write_text(text, "utf-8")
    line = refused(capsys, tmp_path, write(GOOD), "reference-a", option, str(tmp_path / file))
    assert f"{file}: {part}" in line


def test_a_baseline_of_another_base_is_refused_before_any_work(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    write,  # type: ignore[no-untyped-def]
) -> None:
    golden = Path(__file__).parents[2] / "golden" / "results" / "shift_high.json"
    baseline = ("--baseline", str(golden))
    line = refused(capsys, tmp_path, write(GOOD), "reference-a", *baseline)
    assert "found an audit on base" in line
    assert "give a baseline of that base" in line


@pytest.mark.parametrize(
    "arguments",
    [
        ["audit"],
        ["audit", "x.jsonl"],
        ["nonsense"],
        ["audit", "x.jsonl", "--base", "b", "--fail-on", "often"],
        ["audit", "x.jsonl", "--base", "b", "--pairs", "0"],
    ],
)
def test_wrong_usage_exits_2(arguments: list[str]) -> None:
    assert run(arguments) == 2


def test_terminal_escapes_in_a_path_do_not_reach_the_terminal(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    line = refused(capsys, tmp_path, tmp_path / "\x1b[31mred\u202e.jsonl")
    assert "\x1b" not in line
    assert "\u202e" not in line


@pytest.mark.parametrize("arguments", [["--help"], ["audit", "--help"], ["--version"]])
def test_help_and_version_exit_0(arguments: list[str]) -> None:
    assert run(arguments) == 0


def test_a_defect_of_ours_is_not_taken_for_findings(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def defect(*args: object, **kwargs: object) -> None:
        raise ZeroDivisionError("ours")

    monkeypatch.setattr("scanner.cli.main.datascan.main", defect)
    assert run(["audit"]) == 2
    assert "please report it" in capsys.readouterr().err


def raising(error: BaseException):  # type: ignore[no-untyped-def]
    def fail(*args: object, **kwargs: object) -> None:
        raise error

    return fail


def test_an_interrupt_exits_130_and_says_how_to_go_on(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scanner.cli.main.datascan.main", raising(KeyboardInterrupt()))
    assert run(["audit", "x.jsonl"]) == 130
    assert capsys.readouterr().err == (
        "datascan: interrupted; finished stages are kept: the same command goes on from here\n"
    )
    assert run(["audit", "x.jsonl", "--no-resume"]) == 130
    assert "the same command without --no-resume goes on" in capsys.readouterr().err
    assert run(["inspect", "x.jsonl"]) == 130
    assert capsys.readouterr().err == (
        "datascan: interrupted; nothing was kept: give the same command again\n"
    )


def test_no_librarys_exit_is_taken_for_findings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scanner.cli.main.datascan.main", raising(SystemExit(1)))
    assert run(["audit"]) == 2


def test_a_full_disk_is_one_line_and_no_defect(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    full = OSError(errno.ENOSPC, "No space left on device", "runs/\x1b[2J.json")
    monkeypatch.setattr("scanner.cli.main.datascan.main", raising(full))
    assert run(["audit"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("datascan: runs/\\x1b[2J.json: found No space left on device; expected")
    assert said.count("\n") == 1


def test_hostile_text_in_a_traceback_is_tamed_for_terminals_and_ci(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "\x1b]0;owned\x07\n::add-mask::x\n##vso[task.complete]\u202e"
    monkeypatch.setattr("scanner.cli.main.datascan.main", raising(ValueError(text)))
    assert run(["audit"]) == 2
    said = capsys.readouterr().err
    assert not set("\x1b\x07\u202e") & set(said)
    assert "::" not in said
    assert "##" not in said


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder nobody can write")
def test_a_run_root_that_cannot_be_written(
    capsys: pytest.CaptureFixture[str],
    write,  # type: ignore[no-untyped-def]
) -> None:
    code = run(["audit", str(write(GOOD)), "--base", "reference-a", "--run-root", "/proc/runs"])
    assert code == 2
    said = capsys.readouterr().err
    assert said.startswith("datascan: --run-root '/proc/runs': found ")
    assert said.count("\n") == 1
