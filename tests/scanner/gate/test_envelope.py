"""DSSE, against the vector of its specification."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from scanner.gate.envelope import (
    PAYLOAD_TYPE,
    EnvelopeError,
    from_base64,
    make_envelope,
    read_envelope,
    signed_bytes,
    statement_in,
)


def test_what_is_signed_is_what_the_specification_says() -> None:
    """protocol.md, "Test vectors"."""
    signed = signed_bytes("http://example.com/HelloWorld", b"hello world")
    assert signed == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"


def test_lengths_count_bytes() -> None:
    assert signed_bytes("é", b"") == b"DSSEv1 2 \xc3\xa9 0 "


def written(tmp_path: Path, values: object) -> Path:
    path = tmp_path / "a.intoto.json"
    path.write_text(values if isinstance(values, str) else json.dumps(values), "utf-8")
    return path


def test_an_envelope_comes_back_as_it_was_made(tmp_path: Path) -> None:
    payload = b'{"predicate":{}}'
    envelope = read_envelope(written(tmp_path, make_envelope(payload, b"sig", "key")))
    assert envelope.content == payload
    assert envelope.signed == signed_bytes(PAYLOAD_TYPE, payload)
    assert statement_in(envelope) == {"predicate": {}}
    assert from_base64(envelope.signatures[0].sig) == b"sig"


def test_both_alphabets_of_base64_are_read() -> None:
    content = bytes(range(256))
    assert from_base64(base64.b64encode(content).decode()) == content
    assert from_base64(base64.urlsafe_b64encode(content).decode()) == content


GOOD: dict[str, Any] = make_envelope(b"{}", b"sig", "key")


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ("", "JSON that cannot be read"),
        ("{", "JSON that cannot be read"),
        ("[" * 100_000, "JSON that cannot be read"),
        ([], "no DSSE envelope"),
        ({}, "no DSSE envelope"),
        ({key: value for key, value in GOOD.items() if key != "payload"}, "no DSSE envelope"),
        (GOOD | {"signatures": []}, "no DSSE envelope"),
        (GOOD | {"signatures": [{"keyid": "x"}]}, "no DSSE envelope"),
        (GOOD | {"signatures": GOOD["signatures"] * 101}, "no DSSE envelope"),
        (json.dumps(GOOD)[:-1] + ', "payload": "e30="}', "twice"),
    ],
)
def test_what_is_no_envelope(tmp_path: Path, values: object, found: str) -> None:
    with pytest.raises(EnvelopeError, match=found):
        read_envelope(written(tmp_path, values))


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"payloadType": "text/plain"}, "another payload type"),
        ({"payload": "%%%"}, "broken base64"),
        ({"payload": "e30"}, "broken base64"),
        ({"payload": "e"}, "broken base64"),
        ({"payload": "é"}, "broken base64"),
        ({"payload": base64.b64encode(b"{").decode()}, "no JSON"),
        ({"payload": base64.b64encode(b"[" * 100_000).decode()}, "no JSON"),
        ({"payload": base64.b64encode(b"[]").decode()}, "no statement"),
    ],
)
def test_what_holds_no_statement(tmp_path: Path, change: dict[str, str], found: str) -> None:
    with pytest.raises(EnvelopeError, match=found):
        statement_in(read_envelope(written(tmp_path, GOOD | change)))


@pytest.mark.parametrize("name", ["none", ".", "/dev/zero"])
def test_only_a_file_is_opened(tmp_path: Path, name: str) -> None:
    with pytest.raises(EnvelopeError, match="no attestation"):
        read_envelope(tmp_path / name)
