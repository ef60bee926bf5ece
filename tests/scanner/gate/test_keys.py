import stat
import sys
from pathlib import Path

import pytest

from scanner.errors import GateError
from scanner.gate.keys import PASSWORD, load_private_key, load_public_key, write_new_keys

pytest.importorskip("cryptography", reason="needs the extra sign")

from cryptography.hazmat.primitives import serialization as pem
from cryptography.hazmat.primitives.asymmetric import ec


@pytest.fixture
def pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    monkeypatch.delenv(PASSWORD, raising=False)
    private, public = tmp_path / "gate", tmp_path / "gate.pub"
    write_new_keys(private, public)
    return private, public


def test_what_one_half_signs_the_other_checks(pair: tuple[Path, Path]) -> None:
    private, public = load_private_key(pair[0]), load_public_key(pair[1])
    signature = private.sign(b"content")
    assert public.has_signed(b"content", signature)
    assert not public.has_signed(b"another", signature)
    assert not public.has_signed(b"content", signature[:-1] + bytes([signature[-1] ^ 1]))
    assert not public.has_signed(b"content", b"")
    assert private.public.id == public.id


def test_the_private_half_is_its_owners_alone(pair: tuple[Path, Path]) -> None:
    assert stat.S_IMODE(pair[0].stat().st_mode) == 0o600


def test_keys_are_never_written_over(pair: tuple[Path, Path]) -> None:
    before = pair[0].read_bytes(), pair[1].read_bytes()
    with pytest.raises(GateError, match="File exists"):
        write_new_keys(*pair)
    assert (pair[0].read_bytes(), pair[1].read_bytes()) == before


def test_no_key_pair_is_like_another(pair: tuple[Path, Path], tmp_path: Path) -> None:
    other = write_new_keys(tmp_path / "other", tmp_path / "other.pub")
    assert other.id != load_public_key(pair[1]).id
    signature = load_private_key(tmp_path / "other").sign(b"content")
    assert not load_public_key(pair[1]).has_signed(b"content", signature)


def test_a_password_locks_the_private_half(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PASSWORD, "correct horse")
    write_new_keys(tmp_path / "k", tmp_path / "k.pub")
    assert b"ENCRYPTED" in (tmp_path / "k").read_bytes()
    load_private_key(tmp_path / "k")
    for password in ("wrong", ""):
        monkeypatch.setenv(PASSWORD, password)
        with pytest.raises(GateError, match=PASSWORD):
            load_private_key(tmp_path / "k")


def test_a_password_for_an_open_key_is_an_error(
    pair: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be another key than the one that was meant."""
    monkeypatch.setenv(PASSWORD, "correct horse")
    with pytest.raises(GateError, match=PASSWORD):
        load_private_key(pair[0])


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    private = key.private_bytes(pem.Encoding.PEM, pem.PrivateFormat.PKCS8, pem.NoEncryption())
    public = key.public_key().public_bytes(pem.Encoding.PEM, pem.PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "k").write_bytes(private)
    (tmp_path / "k.pub").write_bytes(public)
    with pytest.raises(GateError, match="a key of another kind"):
        load_private_key(tmp_path / "k")
    with pytest.raises(GateError, match="a key of another kind"):
        load_public_key(tmp_path / "k.pub")


@pytest.mark.parametrize("content", [b"", b"hello", b"\xff\xfe", b"-----BEGIN PUBLIC KEY-----\n"])
def test_what_is_no_key_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "k").write_bytes(content)
    with pytest.raises(GateError, match="found no private key"):
        load_private_key(tmp_path / "k")
    with pytest.raises(GateError, match="found no public key"):
        load_public_key(tmp_path / "k")


def test_the_halves_are_not_mixed_up(pair: tuple[Path, Path]) -> None:
    with pytest.raises(GateError, match="found no public key"):
        load_public_key(pair[0])
    with pytest.raises(GateError, match="found no private key"):
        load_private_key(pair[1])


@pytest.mark.parametrize("name", ["none", ".", "/dev/zero"])
def test_only_a_file_is_opened(tmp_path: Path, name: str) -> None:
    with pytest.raises(GateError, match="no such file"):
        load_public_key(tmp_path / name)


def test_without_the_library_it_says_what_to_install(
    pair: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith("cryptography")]:
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(GateError, match=r"pip install 'datascan-audit\[sign\]'"):
        load_public_key(pair[1])
