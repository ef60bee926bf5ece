"""Finds the base that the user names."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import reference_models
from scanner.errors import BaseModelError


@dataclass(frozen=True)
class Base:
    """A base on disk."""

    id: str
    """As the user named it."""
    path: Path
    """Folder of the Hugging Face checkpoint."""
    revision: str
    """Digest of the files that decide its behaviour: ``sha256:`` and the first 16 hex digits."""


TOKENIZER = "tokenizer.json"
NEEDED = ("config.json", TOKENIZER)
WEIGHTS = ("model.safetensors", "model.safetensors.index.json")
"""One file, or the index of several. Pickled weights are refused by not being looked for."""


def find_base(name: str, option: str = "--base") -> Base:
    """The base of that name: a reference model, checked against its sums, or a local folder.

    ``option`` is where the user named it.

    Raises ``BaseModelError`` if there is none, or if its files are not what they were.
    """
    if name in reference_models.NAMES:
        try:
            path = reference_models.verified_folder(name)
        except reference_models.ChangedWeightsError as error:
            raise BaseModelError(str(error)) from error
        return Base(name, path, _revision(path))
    path = Path(name)
    missing = [file for file in NEEDED if not (path / file).is_file()]
    if not any((path / file).is_file() for file in WEIGHTS):
        missing.append(WEIGHTS[0])
    if missing:
        files = ", ".join((*NEEDED, WEIGHTS[0]))
        what = f"a folder without {', '.join(missing)}" if path.is_dir() else "no such folder"
        raise BaseModelError(
            f"{option} {name!r}: found {what}; expected {' or '.join(reference_models.NAMES)}, or "
            f"a folder with a Hugging Face checkpoint ({files}); nothing is downloaded: check "
            "the spelling or give the folder's path"
        )
    _refuse_remote_code(f"{option} {name!r}", path)
    return Base(name, path, _revision(path))


def find_tokenizer(name: str) -> Path:
    """The tokenizer's file of a base; the weights need not be there and are not read.

    Raises ``BaseModelError`` if there is none, or if it cannot be read.
    """
    folder = reference_models.WEIGHTS / name if name in reference_models.NAMES else Path(name)
    file = folder / TOKENIZER
    try:
        json.loads(file.read_bytes())
    except (OSError, ValueError) as error:
        raise BaseModelError(
            f"--base {name!r}: found no {TOKENIZER} that can be read ({error}); expected "
            f"{' or '.join(reference_models.NAMES)}, or a folder with a Hugging Face tokenizer; "
            "nothing is downloaded: check the spelling or give the folder's path"
        ) from error
    return file


def special_tokens(tokenizer: Path) -> tuple[str, ...]:
    """The tokens that steer the base, as they are written: no row should hold one."""
    written = json.loads(tokenizer.read_bytes())
    return tuple(one["content"] for one in written.get("added_tokens", ()) if one.get("special"))


def token_counter(tokenizer: Path) -> Callable[[str], int]:
    """What counts the tokens of a text. Raises ``BaseModelError`` if the file is no tokenizer."""
    from tokenizers import Tokenizer  # here, not above: few commands count tokens

    try:
        loaded = Tokenizer.from_file(str(tokenizer))
    except Exception as error:  # the library raises nothing more particular
        raise BaseModelError(
            f"{tokenizer}: found no tokenizer ({error}); expected that of a Hugging Face "
            "checkpoint; download it again"
        ) from error
    return lambda text: len(loaded.encode(text, add_special_tokens=False).ids)


def _refuse_remote_code(named: str, path: Path) -> None:
    for file in (path / "config.json", path / "tokenizer_config.json"):
        try:
            settings = json.loads(file.read_bytes()) if file.is_file() else {}
        except ValueError as error:
            raise BaseModelError(
                f"{named}: found no JSON in {file.name} ({error}); expected a Hugging Face "
                "checkpoint; download it again"
            ) from error
        if "auto_map" in settings:
            raise BaseModelError(
                f"{named}: found code of its own in {file.name} (auto_map); expected an "
                "architecture of transformers; datascan runs no code that comes with weights"
            )


def _revision(path: Path) -> str:
    digest = hashlib.sha256()
    for file in sorted(path.iterdir()):
        if file.suffix in {".json", ".safetensors", ".jinja"}:
            digest.update(f"{file.name}\n".encode())
            with file.open("rb") as content:
                digest.update(hashlib.file_digest(content, "sha256").digest())
    return f"sha256:{digest.hexdigest()[:16]}"
