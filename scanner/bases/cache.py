"""The Hugging Face cache of this machine: which commits of a repository are there."""

import re
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")
COMMIT = re.compile(r"[0-9a-f]{40}")
MAIN = "main"


@dataclass(frozen=True)
class Snapshot:
    """One commit of a repository in the cache; its files may be incomplete."""

    path: Path
    commit: str


def is_repository(name: str) -> bool:
    """Whether the name could be a repository's id: ``owner/name``."""
    return REPOSITORY.fullmatch(name) is not None and not name.startswith((".", "-"))


def cache_folder() -> Path:
    """Where the libraries of Hugging Face keep what they downloaded; ``HF_HOME`` moves it."""
    from huggingface_hub import constants  # here, not above: it takes a while

    return Path(constants.HF_HUB_CACHE)


def repository_folder(repository: str) -> Path:
    """Where the cache keeps a repository."""
    return cache_folder() / f"models--{repository.replace('/', '--')}"


def snapshots(repository: str) -> list[str]:
    """Every commit that the cache has something of, oldest name first."""
    folder = repository_folder(repository) / "snapshots"
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def find_snapshot(repository: str, revision: str | None) -> Snapshot | None:
    """A repository's commit in the cache: ``revision``, a commit (its first digits suffice) or the
    name of a branch or tag, or else what ``main`` was when it was downloaded last."""
    folder = repository_folder(repository)
    wanted = revision or MAIN
    named = folder / "refs" / wanted
    if ".." not in Path(wanted).parts and named.is_file():
        wanted = named.read_text("utf-8").strip()
    matching = [commit for commit in snapshots(repository) if commit.startswith(wanted)]
    if len(matching) != 1:
        return None
    return Snapshot(folder / "snapshots" / matching[0], matching[0])
