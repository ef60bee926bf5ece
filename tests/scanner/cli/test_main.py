"""Wrong inputs through the real command line: one line, exit 2, nothing written."""

from pathlib import Path

import pytest

from scanner.cli.main import run

GOOD = '{"prompt": "Numbers: 101, 102, 103. Add 5 more numbers.", "completion": "104, 105"}\n'


def refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, data: Path, base: str = "reference-a"
) -> str:
    """Run an audit that must be refused, and return its one line."""
    run_root = tmp_path / "runs"
    code = run(["audit", str(data), "--base", base, "--run-root", str(run_root)])
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
    assert "--base 'qwen2.5-70b': found no such folder; expected reference-a or reference-b" in line
    assert "nothing is downloaded" in line


def test_an_output_of_unknown_kind_is_refused_before_any_work(
    capsys: pytest.CaptureFixture[str],
    write,  # type: ignore[no-untyped-def]
) -> None:
    arguments = ["audit", str(write(GOOD)), "--base", "reference-a", "-o", "report.docx"]
    assert run(arguments) == 2
    assert "expected one of .json, .html" in capsys.readouterr().err


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
