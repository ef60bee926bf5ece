"""Finds the base that the user names: a reference model, a folder, an alias, or a repository of
which this machine's Hugging Face cache has a copy. Nothing is downloaded here."""

import difflib
import json
from dataclasses import dataclass
from pathlib import Path

import reference_models
from scanner.bases.aliases import UNPINNED, Alias, alias_of, aliases
from scanner.bases.base import Base, revision_of
from scanner.bases.cache import find_snapshot, is_repository, repository_folder, snapshots
from scanner.bases.checkpoint import (
    NEEDED,
    WEIGHTS,
    check_checkpoint,
    missing_files,
    pickled_files,
)
from scanner.bases.tokens import TOKENIZER
from scanner.errors import BaseModelError

ALLOW_DOWNLOAD = "--allow-download"


@dataclass(frozen=True)
class Named:
    """What the user's name for a base means."""

    name: str
    """Without the revision."""
    folder: Path | None
    """The local folder; None for a repository."""
    repository: str | None = None
    revision: str | None = None
    """The commit, branch or tag wanted; None for the newest that is there."""
    alias: Alias | None = None

    @property
    def pinned(self) -> bool:
        """Whether the name says which commit it means."""
        return self.revision is not None


def find_base(name: str, option: str = "--base") -> Base:
    """The base of that name: a reference model, checked against its sums, a local folder, or an
    alias or repository in the Hugging Face cache; ``NAME@REVISION`` says which commit.

    ``option`` is where the user named it.

    Raises ``BaseModelError`` if there is none, or if its files are not what they were.
    """
    if name in reference_models.NAMES:
        try:
            path = reference_models.verified_folder(name)
        except reference_models.ChangedWeightsError as error:
            raise BaseModelError(str(error)) from error
        return Base(name, path, revision_of(path), lineage=name, licence="Apache-2.0")
    named = what_is_named(name, option)
    path, commit = _folder_of(named, option)
    known = named.alias or (alias_of(named.repository) if named.repository else None)
    shown = f"{option} {name!r}"
    missing = missing_files(path)
    if missing:
        raise BaseModelError(_incomplete(shown, named, path, missing))
    notes = check_checkpoint(shown, path)
    if named.repository and not named.pinned:
        notes = (f"{named.name}: {UNPINNED}; commit {commit} was found in the cache.", *notes)
    return Base(
        id=named.name,
        path=path,
        revision=revision_of(path),
        repository=named.repository,
        commit=commit,
        lineage=known.lineage if known else None,
        licence=known.licence if known else None,
        notes=notes,
    )


def what_is_named(name: str, option: str = "--base") -> Named:
    """What a name means, whether it is on this machine or not.

    Raises ``BaseModelError`` if it is neither a folder, an alias nor a repository's id.
    """
    if Path(name).is_dir():
        return Named(name, Path(name))
    plain, _, revision = name.partition("@")
    if alias := aliases().get(plain):
        return Named(plain, None, alias.repository, revision or alias.revision, alias)
    if is_repository(plain):
        return Named(plain, None, plain, revision or None)
    raise BaseModelError(
        f"{option} {name!r}: found no such folder; expected {_expected()}; nothing is downloaded: "
        f"check the spelling or give the folder's path{_near(plain)}"
    )


def find_tokenizer(name: str) -> Path:
    """The tokenizer's file of a base; the weights need not be there and are not read.

    Raises ``BaseModelError`` if there is none, or if it cannot be read.
    """
    file = find_folder(name) / TOKENIZER
    try:
        json.loads(file.read_bytes())
    except (OSError, ValueError) as error:
        raise BaseModelError(
            f"--base {name!r}: found no {TOKENIZER} that can be read ({error}); expected "
            f"{_expected()}, with a Hugging Face tokenizer; "
            "nothing is downloaded: check the spelling or give the folder's path"
        ) from error
    return file


def find_folder(name: str) -> Path:
    """Where the files of a base are, whichever of them are there; nothing is checked.

    Raises ``BaseModelError`` if there is no such place.
    """
    if name in reference_models.NAMES:
        return reference_models.WEIGHTS / name
    return _folder_of(what_is_named(name), "--base")[0]


def _folder_of(named: Named, option: str) -> tuple[Path, str | None]:
    """The folder and, of a repository, its commit. Raises ``BaseModelError``."""
    if named.folder is not None:
        return named.folder, None
    assert named.repository is not None
    found = find_snapshot(named.repository, named.revision)
    if found is None:
        raise BaseModelError(_not_cached(named, option))
    return found.path, found.commit


def _not_cached(named: Named, option: str) -> str:
    assert named.repository is not None
    there = snapshots(named.repository)
    wanted = f"commit {named.revision}" if named.revision else "a downloaded commit"
    found = f"only {', '.join(there)}" if there else "nothing"
    also = f", or --revision {there[-1]} to take the one that is there" if there else ""
    gated = " (accept its terms on the Hub first)" if named.alias and named.alias.gated else ""
    return (
        f"{option} {named.name!r}: found {found} of {named.repository} in "
        f"{repository_folder(named.repository)}; expected {wanted}: {', '.join(NEEDED)}, {WEIGHTS} "
        f"or its shards; give {ALLOW_DOWNLOAD} to fetch it{gated}{also}, or the path of a folder"
    )


def _incomplete(shown: str, named: Named, path: Path, missing: list[str]) -> str:
    files = ", ".join((*NEEDED, WEIGHTS))
    pickled = pickled_files(path)
    if missing == [WEIGHTS] and pickled:
        return (
            f"{shown}: found pickled weights ({pickled[0]}) in {path}; expected {WEIGHTS}, for "
            "reading the others runs code; give a revision that has safetensors, or convert them "
            "on a machine that you can lose"
        )
    where = f"a folder without {', '.join(missing)}: {path}"
    way = f"give {ALLOW_DOWNLOAD} to fetch them" if named.repository else "complete the folder"
    return (
        f"{shown}: found {where}; expected {_expected()} ({files}, or shards and their index); "
        f"{way}, or check the spelling"
    )


def _expected() -> str:
    return (
        f"{', '.join(reference_models.NAMES)}, an alias such as qwen2.5-7b (datascan doctor lists "
        "them), a repository (owner/name) in the Hugging Face cache, or a folder with a Hugging "
        "Face checkpoint"
    )


def _near(name: str) -> str:
    near = difflib.get_close_matches(name, [*reference_models.NAMES, *aliases()], 1)
    return f" (did you mean {near[0]}?)" if near else ""
