"""Signed attestations: who vouches that a results file is the one that the audit wrote."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from scanner.gate.checks import Check
from scanner.gate.envelope import (
    PAYLOAD_TYPE,
    Envelope,
    EnvelopeError,
    from_base64,
    make_envelope,
    read_envelope,
    signed_bytes,
    statement_in,
)
from scanner.gate.keys import PrivateKey, PublicKey
from scanner.gate.result import ResultFile

ENDING = ".intoto.json"
RESULTS = "results"
"""Name under which the statement's configuration holds the digest of the results."""


def attestation_beside(result: Path) -> Path:
    """Where the attestation of a results file lies unless it is said: same name, another ending."""
    return result.with_name(result.name.removesuffix(".json") + ENDING)


def sign_statement(statement: Mapping[str, Any], key: PrivateKey) -> dict[str, Any]:
    """The statement in a DSSE envelope."""
    payload = json.dumps(statement, sort_keys=True, separators=(",", ":")).encode()
    return make_envelope(payload, key.sign(signed_bytes(PAYLOAD_TYPE, payload)), key.public.id)


def check_signature(file: ResultFile, attestation: Path, keys: Sequence[PublicKey]) -> Check:
    """Whether one of the keys has signed a statement about this very results file."""
    try:
        wrong = _wrong(read_envelope(attestation), keys, file)
    except EnvelopeError as error:
        wrong = str(error)
    return Check(
        "signature",
        wrong is None,
        f"{wrong} in {attestation.name}" if wrong else "a signature by a key that was asked for",
        "a signature over this results file",
        "sign it with `datascan attest --key`, or give the file with --attestation",
        voids=True,
    )


def _wrong(envelope: Envelope, keys: Sequence[PublicKey], file: ResultFile) -> str | None:
    signatures = [from_base64(one.sig) for one in envelope.signatures]
    if not any(key.has_signed(envelope.signed, one) for key in keys for one in signatures):
        return "no signature by a key that was asked for"
    if _results_sha256(statement_in(envelope)) != file.sha256:
        return "a signature over another results file"
    return None


def _results_sha256(statement: Mapping[str, Any]) -> str | None:
    """Digest of the results that a statement is made from; None if it names none."""
    try:
        configuration = statement["predicate"]["configuration"]
        [own] = [one for one in configuration if one["name"] == RESULTS]
        return str(own["digest"]["sha256"])
    except (KeyError, TypeError, ValueError):
        return None
