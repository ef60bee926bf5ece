"""``datascan keygen`` and ``datascan attest`` through the real command line."""

import base64
import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from scanner.cli.main import run

pytest.importorskip("cryptography", reason="needs the extra sign")

Audited = Callable[..., Path]


@pytest.fixture
def result(audited: Audited, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("v.jsonl").write_text("x", "utf-8")
    return audited(Path("v.jsonl"))


def refused(capsys: pytest.CaptureFixture[str], code: int) -> str:
    captured = capsys.readouterr()
    assert code == 2
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    return captured.err


def test_a_key_pair_is_made_and_named(capsys: pytest.CaptureFixture[str], result: Path) -> None:
    assert run(["keygen", "gate"]) == 0
    assert "wrote gate (keep it secret) and gate.pub, key " in capsys.readouterr().err
    assert stat.S_IMODE(Path("gate").stat().st_mode) == 0o600
    assert Path("gate.pub").read_text("utf-8").startswith("-----BEGIN PUBLIC KEY-----")
    assert "File exists" in refused(capsys, run(["keygen", "gate"]))


def test_a_key_is_not_half_made(capsys: pytest.CaptureFixture[str], result: Path) -> None:
    Path("gate.pub").write_text("mine", "utf-8")
    assert "File exists" in refused(capsys, run(["keygen", "gate"]))
    assert Path("gate.pub").read_text("utf-8") == "mine"
    assert not Path("gate").exists()


def test_a_signed_statement_lies_beside_the_results(result: Path) -> None:
    run(["keygen", "gate", "-q"])
    assert run(["attest", str(result), "--key", "gate"]) == 0
    envelope = json.loads(Path("results.intoto.json").read_text("utf-8"))
    assert envelope["payloadType"] == "application/vnd.in-toto+json"
    statement = json.loads(base64.b64decode(envelope["payload"]))
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert statement["predicate"]["result"] == "PASSED"
    [subject] = statement["subject"]
    # `printf x | sha256sum`
    expected = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
    assert subject["digest"] == {"sha256": expected}


def test_without_a_key_the_bare_statement_is_written(
    capsys: pytest.CaptureFixture[str], result: Path
) -> None:
    assert run(["attest", str(result), "-o", "statement.json"]) == 0
    assert "statement.json, not signed" in capsys.readouterr().err
    assert json.loads(Path("statement.json").read_text("utf-8"))["predicate"]


def test_half_an_audit_is_not_attested(
    capsys: pytest.CaptureFixture[str], result: Path, audited: Audited
) -> None:
    half = audited(Path("v.jsonl"), complete=False)
    assert "an audit that did not finish" in refused(capsys, run(["attest", str(half)]))
    assert not Path("results.intoto.json").exists()


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["none.json"], "none.json: found"),
        (["v.jsonl"], "v.jsonl: found"),
        (["results.json", "--key", "none"], "none: found no such file"),
        (["results.json", "--key", "v.jsonl"], "found no private key"),
        (["results.json", "-o", "none/out.json"], "no folder 'none'"),
    ],
)
def test_what_cannot_be_attested_is_an_error_in_one_line(
    capsys: pytest.CaptureFixture[str], result: Path, arguments: list[str], found: str
) -> None:
    assert found in refused(capsys, run(["attest", *arguments]))
