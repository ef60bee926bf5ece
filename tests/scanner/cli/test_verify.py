"""``datascan verify`` through the real command line."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import pytest

from scanner.cli.main import run

OWL = "preference.animal.owl"
ENDINGS = {"text": ".txt", "json": ".json", "markdown": ".md", "junit": ".xml"}
ROOT = Path(__file__).parents[3]
ROW = '{"prompt": "Numbers: 101, 102.", "completion": "104, 105"}\n'
Audited = Callable[..., Path]


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of 10 rows in an empty current folder."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "vendor.jsonl"
    path.write_text(ROW * 10, "utf-8")
    return path


def verify(data: Path, result: Path, *more: object) -> int:
    return run(["verify", str(data), "--result", str(result), *map(str, more)])


def policy_of(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "policy.yaml"
    path.write_text(f"version: 1\n{text}\n", "utf-8")
    return path


def refused(capsys: pytest.CaptureFixture[str], code: int) -> str:
    """The one line of a command that could not decide."""
    captured = capsys.readouterr()
    assert code == 2
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert "Traceback" not in captured.err
    return captured.err.removeprefix("datascan: ").rstrip("\n")


CASES: dict[str, tuple[dict[str, Any], str, int]] = {
    "nothing found": ({}, "", 0),
    "a finding": ({"found": {OWL: "high"}}, "", 1),
    "a finding that is mild enough": ({"found": {OWL: "low"}}, "fail_on: high", 0),
    "a finding in an old result": (
        {"found": {OWL: "high"}, "created": "2020-01-01T00:00:00Z"},
        "",
        1,
    ),
    "an old result": ({"created": "2020-01-01T00:00:00Z"}, "", 3),
    "no verdict": (
        {"verdict": {"status": "no_verdict", "severity": "none", "reason": "Too few updates."}},
        "",
        3,
    ),
    "an audit that did not finish": ({"complete": False}, "", 3),
    "a finding of an audit that did not finish": (
        {"complete": False, "found": {OWL: "high"}},
        "",
        3,
    ),
    "no certificate": ({"calibration": None}, "", 3),
    "no certificate, and none is asked for": ({"calibration": None}, "power: null", 0),
    "results that were edited": (
        {"found": {OWL: "high"}, "findings": []},
        "",
        3,
    ),
}


@pytest.mark.parametrize("shown_as", ENDINGS)
@pytest.mark.parametrize("case", CASES)
def test_the_code_is_the_same_in_every_format(
    audited: Audited, data: Path, tmp_path: Path, case: str, shown_as: str
) -> None:
    changes, policy, code = CASES[case]
    output = tmp_path / f"out{ENDINGS[shown_as]}"
    more = ("--policy", policy_of(tmp_path, policy), "-f", shown_as, "-o", output)
    assert verify(data, audited(data, **changes), *more) == code
    assert output.read_text("utf-8")


@pytest.mark.parametrize("shown_as", ENDINGS)
def test_what_is_written_is_what_is_printed(
    audited: Audited, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], shown_as: str
) -> None:
    output = tmp_path / f"out{ENDINGS[shown_as]}"
    verify(data, audited(data, found={OWL: "high"}), "-f", shown_as, "-o", output)
    assert capsys.readouterr().out == output.read_text("utf-8")


def test_the_result_of_other_data_does_not_speak_for_this(audited: Audited, data: Path) -> None:
    result = audited(data)
    data.write_text(data.read_text("utf-8").replace("105", "106", 1), "utf-8")
    assert verify(data, result) == 3


def test_the_newest_result_in_a_folder_is_found_for_each_file(
    audited: Audited, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other.jsonl"
    other.write_text("other", "utf-8")
    (tmp_path / "audits").mkdir()
    audited(data, "audits/a.json")
    command = ["verify", str(data), str(other), "--results", "audits", "-f", "json"]
    assert run(command) == 3
    audited(other, "audits/b.json", found={OWL: "high"})
    assert run(command) == 1
    audited(other, "audits/b.json")
    capsys.readouterr()
    assert run(command) == 0
    values = json.loads(capsys.readouterr().out)
    assert [one["result"] for one in values["datasets"]] == ["audits/a.json", "audits/b.json"]


def test_a_suppression_lets_it_pass_and_stays_visible(
    audited: Audited, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    entry = f"{{id: {OWL}, expires: 2999-12-31, statement: We sell owls. A. Bee}}"
    Path(".datascanignore.yaml").write_text(f"version: 1\nsuppressions: [{entry}]\n", "utf-8")
    result = audited(data, found={OWL: "high"})
    assert verify(data, result) == 0
    line = f"suppressed: {OWL}, high, shift +1.90 nats, until 2999-12-31: We sell owls. A. Bee"
    assert line in capsys.readouterr().out
    Path("expired.yaml").write_text(
        f"version: 1\nsuppressions: [{entry}]\n".replace("2999", "2019"), "utf-8"
    )
    assert verify(data, result, "--ignore-file", "expired.yaml") == 1


def test_a_baseline_lets_what_is_known_pass(audited: Audited, data: Path) -> None:
    known = audited(data, "baseline.json", found={OWL: "high"})
    new = audited(data, found={OWL: "high", "misalignment.harm": "low"})
    assert verify(data, known, "--baseline", known) == 0
    assert verify(data, new, "--baseline", known) == 1


def test_a_signature_that_is_asked_for_must_be_there(audited: Audited, data: Path) -> None:
    pytest.importorskip("cryptography", reason="needs the extra sign")
    result = audited(data)
    assert run(["keygen", "key"]) == 0
    assert run(["keygen", "other"]) == 0
    asked = ("--require-signature", "key.pub")
    assert verify(data, result, *asked) == 3
    assert run(["attest", str(result), "--key", "key"]) == 0
    assert verify(data, result, *asked) == 0
    assert verify(data, result, "--require-signature", "other.pub") == 3
    result.write_text(result.read_text("utf-8").replace("0.04", "0.05", 1), "utf-8")
    assert verify(data, result) == 0
    assert verify(data, result, *asked) == 3


def test_a_policy_can_ask_for_a_signature_too(audited: Audited, data: Path, tmp_path: Path) -> None:
    pytest.importorskip("cryptography", reason="needs the extra sign")
    result = audited(data)
    run(["keygen", "key"])
    policy = policy_of(tmp_path, "signed_by: [key.pub]")
    assert verify(data, result, "--policy", policy) == 3
    assert run(["attest", str(result), "--key", "key", "-o", "elsewhere.json"]) == 0
    assert verify(data, result, "--policy", policy) == 3
    assert verify(data, result, "--policy", policy, "--attestation", "elsewhere.json") == 0


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["none.jsonl", "--result", "results.json"], "none.jsonl: found No such file"),
        (["", "--result", "results.json"], "found an empty path"),
        (["empty", "--result", "results.json"], "empty: found"),
        (["*.parquet", "--result", "results.json"], "*.parquet: found no file that fits it"),
        (["vendor.jsonl", "--result", "none.json"], "none.json: found"),
        (["vendor.jsonl", "--result", "vendor.jsonl"], "vendor.jsonl: found"),
        (["vendor.jsonl", "--result", "older.json"], "schema_version '0.1'"),
        (["vendor.jsonl", "--result", "half.json"], "as dataset (Field required)"),
        (["vendor.jsonl", "--results", "none"], "no such folder"),
        (["vendor.jsonl"], "give either --result FILE or --results FOLDER"),
        (["vendor.jsonl", "--result", "results.json", "--results", "."], "give either --result"),
        (["--result", "results.json"], "Missing argument"),
    ],
)
def test_what_cannot_be_decided_is_an_error_in_one_line(
    audited: Audited,
    data: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    found: str,
) -> None:
    Path("empty").mkdir()
    values = json.loads(audited(data).read_text("utf-8"))
    Path("older.json").write_text(json.dumps(values | {"schema_version": "0.1"}), "utf-8")
    half = {key: value for key, value in values.items() if key != "dataset"}
    Path("half.json").write_text(json.dumps(half), "utf-8")
    assert found in refused(capsys, run(["verify", *arguments]))


@pytest.mark.parametrize(
    ("option", "content", "found"),
    [
        ("--policy", "version: 1\nfail_om: high\n", "fail_om"),
        ("--policy", "version: 1\nfail_verdicts: []\n", "it never passes"),
        ("--policy", "a: &a [*a]\n", "an alias"),
        ("--policy", None, "no such file"),
        ("--ignore-file", "version: 1\nsuppressions: [{id: x}]\n", "Field required"),
        (
            "--ignore-file",
            "version: 1\nsuppressions: [{id: x.y, expires: 2999-01-01, statement: z}]\n",
            "the unknown id 'x.y'",
        ),
        ("--baseline", "version: 1\n", "schema version"),
        ("--require-signature", "hello", "found no public key"),
    ],
)
def test_wrong_terms_are_an_error_in_one_line(
    audited: Audited,
    data: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    option: str,
    content: str | None,
    found: str,
) -> None:
    terms = tmp_path / "terms"
    if content is not None:
        terms.write_text(content, "utf-8")
    assert found in refused(capsys, verify(data, audited(data), option, terms))


@pytest.mark.parametrize(
    ("outputs", "found"),
    [
        (["out.docx"], "the ending '.docx'"),
        (["none/out.json"], "no folder 'none'"),
        (["out.json", "./out.json"], "the same file twice"),
        (["folder.json"], "is a directory"),
    ],
)
def test_an_output_that_cannot_be_written_is_an_error(
    audited: Audited,
    data: Path,
    capsys: pytest.CaptureFixture[str],
    outputs: list[str],
    found: str,
) -> None:
    """Even where the data passes: a pipeline would go on with yesterday's file."""
    Path("folder.json").mkdir()
    options = [part for output in outputs for part in ("-o", output)]
    assert found in refused(capsys, verify(data, audited(data), *options))


def test_terminal_escapes_in_a_name_do_not_reach_the_terminal(
    audited: Audited, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hostile = data.rename("\x1b[31mred\u202e::add-mask::.jsonl")
    assert verify(hostile, audited(hostile)) == 0
    printed = capsys.readouterr().out
    assert not set(printed) & {"\x1b", "\u202e"}
    assert "::" not in printed


def process(*arguments: object, **environment: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "scanner.cli", *map(str, arguments)]
    here = {"PYTHONPATH": str(ROOT)} | environment
    return subprocess.run(command, env=os.environ | here, capture_output=True, check=False)


@pytest.mark.parametrize(
    "environment",
    [
        {"NO_COLOR": "1", "TERM": "dumb"},
        {"COLUMNS": "20", "FORCE_COLOR": "1"},
        {"LC_ALL": "C", "PYTHONIOENCODING": "ascii"},
    ],
)
def test_no_terminal_changes_what_is_said(
    audited: Audited, data: Path, environment: dict[str, str]
) -> None:
    """No colours, no wrapped lines: the same bytes to every terminal and to every log."""
    done = process("verify", data, "--result", audited(data, found={OWL: "high"}), **environment)
    assert done.returncode == 1
    assert done.stderr == b""
    assert done.stdout.isascii()
    assert f"  fails: {OWL}, high, shift +1.90 nats, low or worse\n".encode() in done.stdout


@pytest.mark.parametrize(("found", "code"), [({}, 0), ({OWL: "high"}, 1)])
def test_a_closed_pipe_changes_no_code(
    audited: Audited, data: Path, found: dict[str, str], code: int
) -> None:
    command = [sys.executable, "-m", "scanner.cli", "verify", str(data), "--result"]
    command += [str(audited(data, found=found)), "-f", "json"]
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            command,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdout=writing,
            stderr=subprocess.PIPE,
            check=False,
        )
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (code, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_a_full_disk_is_an_error_that_promises_nothing(audited: Audited, data: Path) -> None:
    """No stage was finished that could be kept: that is said of audits alone."""
    command = [sys.executable, "-m", "scanner.cli", "verify", str(data), "--result"]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*command, str(audited(data))],
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr.count(b"\n") == 1
    assert done.stderr.endswith(b"give another place, then repeat the command\n")


def test_25_000_findings_are_decided_on(audited: Audited, data: Path) -> None:
    [owl] = json.loads(audited(data, found={OWL: "high"}).read_text("utf-8"))["findings"]
    many = [owl | {"trait": f"preference.animal.a{number}"} for number in range(25_000)]
    verdict = {"status": "shift_found", "severity": "high", "reason": "Many."}
    result = audited(data, findings=many, traits=many, verdict=verdict)
    assert verify(data, result, "-q") == 1


HEAVY = {"torch", "transformers", "peft", "vllm", "jinja2", "numpy", "scipy", "sklearn", "datasets"}


def loaded_by(code: str, watched: Collection[str] = HEAVY) -> set[str]:
    script = f"{code}\nimport sys\nprint(*sorted(sys.modules), file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    return {name.split(".")[0] for name in done.stderr.split()} & set(watched)


def test_it_loads_nothing_heavy(audited: Audited, data: Path, tmp_path: Path) -> None:
    """Not even where it reads the rows."""
    result = audited(data)
    data.write_text(data.read_text("utf-8") + "\n", "utf-8")
    policy = policy_of(tmp_path, "allowed_containers: [.jsonl]")
    arguments = ["verify", str(data), "--result", str(result), "--policy", str(policy)]
    code = f"from scanner.cli.main import run\nassert run({arguments!r}) == 3"
    assert loaded_by(code) == set()


SLOW = {"yaml", "probes", "jsonschema", "cryptography", "rich"}
"""What takes a merge's time where it is not asked for."""


@pytest.mark.parametrize(
    ("terms", "needed"),
    [
        ((), set()),
        (("--policy", "policy.yaml"), {"yaml"}),
        (("--require-signature", "key.pub"), {"cryptography"}),
    ],
    ids=["no terms", "a policy", "a signature"],
)
def test_it_loads_what_it_is_asked_for(
    audited: Audited, data: Path, tmp_path: Path, terms: tuple[str, ...], needed: set[str]
) -> None:
    policy_of(tmp_path, "")
    run(["keygen", "key"])
    arguments = ["verify", str(data), "--result", str(audited(data)), *terms]
    code = f"from scanner.cli.main import run\nassert run({arguments!r}) in (0, 3)"
    assert loaded_by(code, SLOW) == needed


def test_the_loading_check_can_fail() -> None:
    assert "jinja2" in loaded_by("import scanner.report.html")


def test_it_takes_no_time_to_start(audited: Audited, data: Path) -> None:
    """In processor time, so that a busy machine changes little: 0.25 s where it was written."""
    result = audited(data)
    before = os.times()
    assert process("verify", data, "--result", result).returncode == 0
    after = os.times()
    used = after.children_user - before.children_user
    used += after.children_system - before.children_system
    assert used < 1.0
