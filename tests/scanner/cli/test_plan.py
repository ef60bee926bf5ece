"""``datascan plan`` and ``datascan doctor`` through the real command line."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import reference_models
from scanner.cli.main import run
from tests.conftest import EXAMPLES
from tests.scanner.plan.test_shape import QWEN_7B

DATA = str(EXAMPLES / "overt_owls.jsonl")


def test_a_plan_says_everything_and_exits_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plan", DATA, "--base", "reference-a", "--gpu", "l4"]) == 0
    said = capsys.readouterr().out
    for name in ("base", "tokens", "steps", "on", "twin", "train", "ask", "memory", "disk"):
        assert f"\n{name} " in f"\n{said}", name
    assert "fits       yes" in said
    assert "nothing was run" in said


def test_what_does_not_fit_exits_2_and_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "long.jsonl"
    data.write_text('{"prompt": "' + "1 " * 600 + '", "completion": "2"}\n')
    assert run(["plan", str(data), "--base", "reference-a", "--gpu", "l4"]) == 2
    assert "shorten or remove such rows" in capsys.readouterr().out


def test_a_large_base_does_not_fit_a_machine_without_a_gpu(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the base settings and tokenizer are enough."""
    monkeypatch.setattr("scanner.plan.plan.torch_gpu", lambda: None)
    source = reference_models.verified_folder("reference-a")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (tmp_path / name).write_bytes((source / name).read_bytes())
    (tmp_path / "config.json").write_text(json.dumps(QWEN_7B))
    assert run(["plan", DATA, "--base", str(tmp_path)]) == 2
    said = " ".join(capsys.readouterr().out.split())
    assert "fits no: found no GPU for 7.6 billion weights; expected one, such as" in said
    assert run(["plan", DATA, "--base", str(tmp_path), "--gpu", "h200"]) == 0


def test_a_budget_says_how_many_rows_fit(capsys: pytest.CaptureFixture[str]) -> None:
    given = ["plan", DATA, "--base", "reference-a", "--workers", "2", "--budget"]
    assert run([*given, "60"]) == 0
    assert "budget     all of 2,000 rows in 60 min at the usual speed" in capsys.readouterr().out
    assert run([*given, "0.1"]) == 2
    said = capsys.readouterr().out
    assert "budget     about 0 of 2,000 rows in 0.1 min" in said
    assert "fits       no: found time for 0 rows; expected 529 at least" in said


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--base", "reference-a", "--gpu", "abacus"], "--gpu 'abacus': found no such GPU"),
        (["--base", "referenc-a"], "did you mean reference-a?"),
        (["--base", "reference-a", "--revision", "main"], "it ships with us"),
    ],
)
def test_wrong_usage_is_one_line(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["plan", DATA, *arguments]) == 2
    captured = capsys.readouterr()
    assert told in captured.err
    assert captured.err.count("\n") == 1


def test_a_plan_and_a_diagnosis_load_no_model_library() -> None:
    script = (
        "import sys\nfrom scanner.cli.main import run\n"
        f"assert run(['plan', {DATA!r}, '--base', 'reference-a']) == 0\n"
        "run(['doctor'])\n"
        "print(sorted({'torch', 'transformers', 'peft', 'vllm'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[]"


def test_doctor_ends_with_a_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["doctor"])
    last = capsys.readouterr().out.splitlines()[-1]
    assert (code, last) in ((0, "datascan: ready"), (2, last))
    assert last.startswith("datascan: ")


def test_memory_is_told_where_it_is_planned(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plan", DATA, "--base", "reference-a"]) == 0
    assert "memory     not planned on the CPU\n" in capsys.readouterr().out
    assert run(["plan", DATA, "--base", "reference-a", "--gpu", "L4"]) == 0
    told = capsys.readouterr().out
    assert "GB to train (whole updates), " in told
    assert "; vLLM beside training " in told
    assert "; of 24 GB\n" in told


def test_larger_updates_are_fewer(capsys: pytest.CaptureFixture[str]) -> None:
    """2,000 rows in 3 passes: 125 updates of 16 rows each, and 32 of 64."""
    for more, steps in (((), "375"), (("--rows-per-step", "64"), "96")):
        assert run(["plan", DATA, "--base", "reference-a", *more]) == 0
        assert f"steps      {steps} for each of 4 copies" in capsys.readouterr().out
