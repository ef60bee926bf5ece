"""Ed25519 keys in PEM files. Needs the extra ``sign``; nothing else does."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from scanner.errors import GateError
from scanner.files import unread

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (
        Ed25519PrivateKey,
        Ed25519PublicKey,
    )

MAX_BYTES = 16 * 1024
PASSWORD = "DATASCAN_KEY_PASSWORD"
"""Environment variable that locks and unlocks private keys."""


@dataclass(frozen=True)
class PublicKey:
    """A key that signatures are checked with."""

    id: str
    """Hex digest of the key: a name for it that cannot lie."""
    key: "Ed25519PublicKey"

    def has_signed(self, content: bytes, signature: bytes) -> bool:
        """Whether this is the signature over the content by this key."""
        from cryptography.exceptions import InvalidSignature

        try:
            self.key.verify(signature, content)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True)
class PrivateKey:
    """A key that signs."""

    public: PublicKey
    key: "Ed25519PrivateKey"

    def sign(self, content: bytes) -> bytes:
        """The signature over the content."""
        return self.key.sign(content)


def write_new_keys(private: Path, public: Path) -> PublicKey:
    """Make a key pair; the private file is its owner's alone.

    With ``DATASCAN_KEY_PASSWORD`` set, the private key is locked with it. Raises GateError, also
    where a file is there already: a key that is lost cannot be made again.
    """
    with _needs_cryptography():
        from cryptography.hazmat.primitives import serialization as pem
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    key = Ed25519PrivateKey.generate()
    password = _password()
    lock = pem.BestAvailableEncryption(password) if password else pem.NoEncryption()
    secret = key.private_bytes(pem.Encoding.PEM, pem.PrivateFormat.PKCS8, lock)
    open_half = key.public_key().public_bytes(
        pem.Encoding.PEM, pem.PublicFormat.SubjectPublicKeyInfo
    )
    _write_new(private, secret, 0o600)
    try:
        _write_new(public, open_half, 0o644)
    except GateError:
        private.unlink()  # one half is no use
        raise
    return _named(key.public_key())


def load_private_key(path: Path) -> PrivateKey:
    """The private key in a PEM file. Raises GateError."""
    content = _read(path)
    with _needs_cryptography():
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key
    try:
        key = load_pem_private_key(content, _password())
    except TypeError as error:  # a password is missing, or there is one too many
        raise _refused(path, str(error), f"set or clear {PASSWORD}") from None
    except Exception:
        raise _refused(path, "no private key that can be opened", f"check {PASSWORD}") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise _refused(path, "a key of another kind", "make one with `datascan keygen`")
    return PrivateKey(_named(key.public_key()), key)


def load_public_key(path: Path) -> PublicKey:
    """The public key in a PEM file. Raises GateError."""
    content = _read(path)
    with _needs_cryptography():
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
        from cryptography.hazmat.primitives.serialization import load_pem_public_key
    try:
        key = load_pem_public_key(content)
    except Exception:
        raise _refused(path, "no public key", "give the .pub file of `datascan keygen`") from None
    if not isinstance(key, Ed25519PublicKey):
        raise _refused(path, "a key of another kind", "make one with `datascan keygen`")
    return _named(key)


def _named(key: "Ed25519PublicKey") -> PublicKey:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return PublicKey(hashlib.sha256(der).hexdigest(), key)


def _password() -> bytes | None:
    return os.environ.get(PASSWORD, "").encode() or None


def _read(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise _refused(path, "no such file", "check the path")
        with path.open("rb") as file:
            return file.read(MAX_BYTES)
    except OSError as error:
        raise _refused(path, unread(error), "check the path") from None
    except ValueError:
        raise _refused(path, "a name that no file has", "check the path") from None


def _write_new(path: Path, content: bytes, mode: int) -> None:
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(content)
    except OSError as error:
        raise GateError(
            f"{path}: found {error.strerror}; expected to make a new file there; give another name"
        ) from None


def _refused(path: Path, found: str, cure: str) -> GateError:
    return GateError(f"{path}: found {found}; expected an Ed25519 key as PEM; {cure}")


@contextmanager
def _needs_cryptography() -> Iterator[None]:
    try:
        yield
    except ImportError:
        raise GateError(
            "signatures: found no package cryptography; expected it installed; run "
            "`pip install 'datascan-audit[sign]'`"
        ) from None
