import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from scanner.gate.envelope import from_base64, make_envelope, signed_bytes
from scanner.gate.keys import PrivateKey, load_private_key, write_new_keys
from scanner.gate.result import ResultFile, read_result
from scanner.gate.signature import attestation_beside, check_signature, sign_statement
from scanner.gate.verification import Candidate, Outcome, Terms, verify
from scanner.report.attestation import attestation

pytest.importorskip("cryptography", reason="needs the extra sign")

WriteResult = Callable[..., ResultFile]


def new_key(tmp_path: Path, name: str) -> PrivateKey:
    write_new_keys(tmp_path / name, tmp_path / f"{name}.pub")
    return load_private_key(tmp_path / name)


@pytest.fixture
def key(tmp_path: Path) -> PrivateKey:
    return new_key(tmp_path, "key")


@pytest.fixture
def signed(key: PrivateKey, result_file: WriteResult) -> ResultFile:
    """A result with its signed attestation beside it."""
    file = result_file()
    envelope = sign_statement(attestation(file.values), key)
    attestation_beside(file.path).write_text(json.dumps(envelope), "utf-8")
    return file


def found(file: ResultFile, *keys: PrivateKey) -> str:
    """What is wrong with the signature; empty if it is met."""
    check = check_signature(file, attestation_beside(file.path), tuple(key.public for key in keys))
    return "" if check.met else check.found


def test_a_signed_result_is_met(signed: ResultFile, key: PrivateKey, tmp_path: Path) -> None:
    assert found(signed, key) == ""
    assert found(signed, new_key(tmp_path, "other"), key) == ""


def test_somebody_elses_signature_is_none(
    signed: ResultFile, key: PrivateKey, tmp_path: Path
) -> None:
    other = new_key(tmp_path, "other")
    assert found(signed, other) == "no signature by a key that was asked for in results.intoto.json"


def test_an_edited_result_is_another_one(signed: ResultFile, key: PrivateKey) -> None:
    text = signed.path.read_text("utf-8")
    signed.path.write_text(text.replace('"shift": 0.04', '"shift": 0.05', 1), "utf-8")
    edited = read_result(signed.path)
    assert found(edited, key) == "a signature over another results file in results.intoto.json"


def test_a_result_that_is_only_laid_out_anew_is_the_same(
    signed: ResultFile, key: PrivateKey
) -> None:
    signed.path.write_text(json.dumps(json.loads(signed.path.read_text("utf-8"))), "utf-8")
    assert found(read_result(signed.path), key) == ""


def change_envelope(file: ResultFile, change: Callable[[dict[str, Any]], None]) -> None:
    path = attestation_beside(file.path)
    envelope = json.loads(path.read_text("utf-8"))
    change(envelope)
    path.write_text(json.dumps(envelope), "utf-8")


def test_an_edited_statement_has_no_signature(signed: ResultFile, key: PrivateKey) -> None:
    def edit(envelope: dict[str, Any]) -> None:
        payload = from_base64(envelope["payload"]).replace(b"PASSED", b"FAILED")
        envelope |= {"payload": make_envelope(payload, b"", "")["payload"]}

    change_envelope(signed, edit)
    assert found(signed, key).startswith("no signature by a key")


def test_a_signature_over_another_type_does_not_count(signed: ResultFile, key: PrivateKey) -> None:
    """The same payload, signed as something else."""
    envelope = json.loads(attestation_beside(signed.path).read_text("utf-8"))
    payload = from_base64(envelope["payload"])
    other = make_envelope(payload, key.sign(signed_bytes("text/plain", payload)), "")
    attestation_beside(signed.path).write_text(json.dumps(other), "utf-8")
    assert found(signed, key).startswith("no signature by a key")


def test_the_key_that_an_envelope_names_is_not_believed(
    signed: ResultFile, key: PrivateKey, tmp_path: Path
) -> None:
    other = new_key(tmp_path, "other")

    def claim(envelope: dict[str, Any]) -> None:
        envelope["signatures"][0]["keyid"] = other.public.id

    change_envelope(signed, claim)
    assert found(signed, other).startswith("no signature by a key")
    assert found(signed, key) == ""


@pytest.mark.parametrize(
    "statement",
    [{}, {"predicate": []}, {"predicate": {"configuration": "x"}}, {"predicate": None}],
)
def test_a_statement_about_nothing_is_none_about_this(
    signed: ResultFile, key: PrivateKey, statement: dict[str, Any]
) -> None:
    envelope = sign_statement(statement, key)
    attestation_beside(signed.path).write_text(json.dumps(envelope), "utf-8")
    assert found(signed, key).startswith("a signature over another results file")


def test_a_statement_that_names_two_results_names_none(signed: ResultFile, key: PrivateKey) -> None:
    statement = json.loads(json.dumps(attestation(signed.values)))
    other = {"name": "results", "digest": {"sha256": "00" * 32}}
    statement["predicate"]["configuration"].insert(0, other)
    envelope = sign_statement(statement, key)
    attestation_beside(signed.path).write_text(json.dumps(envelope), "utf-8")
    assert found(signed, key).startswith("a signature over another results file")


def test_no_attestation_is_no_signature(result_file: WriteResult, key: PrivateKey) -> None:
    assert found(result_file(), key) == "no attestation in results.intoto.json"


def test_a_result_that_nobody_signed_says_nothing_about_the_data(
    data: Path, result_file: WriteResult, signed: ResultFile, key: PrivateKey, tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    keys = (key.public,)
    signed_terms = Terms(now, keys=keys)
    assert verify(Candidate.of([data]), signed, signed_terms).outcome is Outcome.PASSES
    forged = result_file(found={"preference.animal.owl": "high"})
    decided = verify(Candidate.of([data]), forged, signed_terms)
    assert decided.outcome is Outcome.NO_VERDICT
    assert verify(Candidate.of([data]), forged, Terms(now)).outcome is Outcome.FAILS


@pytest.mark.parametrize(
    ("result", "beside"),
    [
        ("results.json", "results.intoto.json"),
        ("r", "r.intoto.json"),
        ("a.b.json", "a.b.intoto.json"),
    ],
)
def test_the_attestation_lies_beside_the_result(result: str, beside: str) -> None:
    assert attestation_beside(Path("x") / result) == Path("x") / beside
