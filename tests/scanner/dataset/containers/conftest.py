"""Containers read through a real file, and the same file as trainers read it."""

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scanner.dataset.containers.detect import detect_container
from scanner.dataset.interface import Entry
from scanner.dataset.limits import Limits
from scanner.dataset.opened import open_file

Write = Callable[[str, bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a file of that name."""

    def write_file(name: str, content: bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write_file


@pytest.fixture
def entries() -> Callable[..., list[Entry]]:
    """Every entry of a file, whatever container it is."""

    def read(path: Path, limits: Limits | None = None) -> list[Entry]:
        with open_file(path, limits or Limits()) as file:
            return list(detect_container(file).entries(file))

    return read


@pytest.fixture
def records(entries: Callable[..., list[Entry]]) -> Callable[..., list[Any]]:
    """What the entries hold."""
    return lambda path, limits=None: [entry.content for entry in entries(path, limits)]


@pytest.fixture
def trainers_rows(tmp_path: Path) -> Callable[[Path, str], list[dict[str, Any]] | None]:
    """The rows that ``datasets`` reads, without what is null; None where it refuses the file."""

    def read(path: Path, builder: str) -> list[dict[str, Any]] | None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import datasets

            datasets.disable_progress_bars()
            datasets.logging.set_verbosity(datasets.logging.CRITICAL)
            try:
                rows = datasets.load_dataset(
                    builder, data_files=str(path), split="train", cache_dir=str(tmp_path / "cache")
                )
                return [without_nulls(row) for row in rows]
            except Exception:
                return None

    return read


def without_nulls(value: Any) -> Any:
    """A value without the fields that a table cannot leave out."""
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [without_nulls(item) for item in value]
    return value
