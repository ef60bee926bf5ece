"""DSSE envelopes: a statement and the signatures over it.

What is signed is ``DSSEv1 <length of type> <type> <length of payload> <payload>``, so that a
signature over one kind of statement is never one over another. Specification: DSSE v1.0.2.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from scanner.files import unread
from scanner.report.strict_json import read_json
from scanner.report.text import safe_text, shorten

PAYLOAD_TYPE = "application/vnd.in-toto+json"


class EnvelopeError(Exception):
    """What is wrong with an envelope, for the message of whoever opens it."""


@dataclass(frozen=True)
class Signature:
    """One signature over a payload, both as the envelope's base64."""

    sig: str
    keyid: str = ""
    """A hint for people: which key it should be. Never trusted."""


@dataclass(frozen=True)
class Envelope:
    """An envelope as it stands in its file."""

    payload_type: Annotated[str, Field(alias="payloadType")]
    payload: str
    signatures: Annotated[tuple[Signature, ...], Field(min_length=1, max_length=100)]

    @property
    def content(self) -> bytes:
        """The payload. Raises EnvelopeError."""
        return from_base64(self.payload)

    @property
    def signed(self) -> bytes:
        """The bytes that signatures are over. Raises EnvelopeError."""
        return signed_bytes(self.payload_type, self.content)


def signed_bytes(payload_type: str, payload: bytes) -> bytes:
    """The pre-authentication encoding."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def make_envelope(payload: bytes, signature: bytes, keyid: str) -> dict[str, Any]:
    """An envelope of an in-toto statement, ready for JSON."""
    return {
        "payloadType": PAYLOAD_TYPE,
        "payload": base64.b64encode(payload).decode(),
        "signatures": [{"keyid": keyid, "sig": base64.b64encode(signature).decode()}],
    }


def read_envelope(path: Path) -> Envelope:
    """The envelope in a file. Raises EnvelopeError."""
    try:
        if not path.is_file():
            raise EnvelopeError("no attestation")
        return TypeAdapter(Envelope).validate_python(read_json(path))
    except ValidationError as error:
        raise EnvelopeError(f"no DSSE envelope ({error.errors()[0]['msg']})") from None
    except OSError as error:
        raise EnvelopeError(unread(error)) from None
    except (ValueError, RecursionError) as error:
        reason = shorten(safe_text(str(error)), 80)
        raise EnvelopeError(f"JSON that cannot be read ({reason})") from None


def statement_in(envelope: Envelope) -> Mapping[str, Any]:
    """The in-toto statement; its signatures are the caller's to check. Raises EnvelopeError."""
    if envelope.payload_type != PAYLOAD_TYPE:
        raise EnvelopeError("an envelope of another payload type")
    try:
        statement = json.loads(envelope.content)
    except (ValueError, RecursionError):
        raise EnvelopeError("an envelope whose payload is no JSON") from None
    if not isinstance(statement, dict):
        raise EnvelopeError("an envelope whose payload is no statement")
    return statement


def from_base64(text: str) -> bytes:
    """Standard or URL-safe base64, as the specification allows. Raises EnvelopeError."""
    try:
        return base64.b64decode(text.translate(_URL_SAFE), validate=True)
    except (binascii.Error, ValueError):
        raise EnvelopeError("an envelope with broken base64") from None


_URL_SAFE = str.maketrans("-_", "+/")
