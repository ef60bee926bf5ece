"""Folders laid out as on the Hugging Face Hub, read as ``load_dataset(folder)`` reads them.

``README.md`` may say which files belong to which split; without that, names say it. Where
``datasets`` would quietly read one kind of file and leave the others, the folder is refused.
"""

import glob
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from scanner.dataset.card import CARD, default_config, train_patterns
from scanner.dataset.containers.detect import ENDINGS, name_of
from scanner.dataset.inside import inside, is_within, refuse
from scanner.dataset.limits import Limits
from scanner.dataset.shown import show_keys, show_text

TRAIN = "train"
NO_DATA = {"config.json", "dataset_info.json", "dataset_infos.json", "dataset_dict.json"}
"""JSON files that ``datasets`` takes for descriptions."""
ARCHIVES = (".zip", ".tar", ".tgz", ".xz", ".bz2", ".7z", ".rar")
REFUSED = dict.fromkeys((".pkl", ".pickle", ".pt"), "a pickle") | dict.fromkeys(
    ARCHIVES, "an archive"
)
REFUSED[".py"] = "a script"
"""Endings that a folder must not have: other readers run or unpack what we leave alone."""
SHARD = re.compile(r"data/([^/]+)-\d{5}-of-\d{5}[^/]*\.[^/]*")
"""``data/train-00000-of-00002.parquet``: the split and its shards."""
SPLITS = {
    TRAIN: ("train", "training"),
    "validation": ("validation", "valid", "dev", "val"),
    "test": ("test", "testing", "eval", "evaluation"),
}
"""Splits → words in names that mean them."""
SEPARATOR = "[-._ 0-9]"
IN_FOLDER_NAMES = (
    "(.*/)?{word}/.*",
    "(.*/)?{word}{sep}[^/]*/.*",
    "(.*/)?[^/]*{sep}{word}/.*",
    "(.*/)?[^/]*{sep}{word}{sep}[^/]*/.*",
)
IN_FILE_NAMES = ("(.*/)?{word}{sep}[^/]*", "(.*/)?[^/]*{sep}{word}{sep}[^/]*")
"""Where the words stand, in the order in which ``datasets`` looks for them."""


@dataclass(frozen=True)
class HubFiles:
    """The files of the training split."""

    files: tuple[Path, ...]
    notes: tuple[str, ...]


def find_in_hub_folder(folder: Path, limits: Limits) -> HubFiles:
    """The files of a folder's training split. Raises DatasetError."""
    present = {path.relative_to(folder).as_posix(): path for path in _files(folder, limits)}
    patterns = train_patterns(folder, default_config(folder, limits))
    if patterns is None:
        chosen = [present[name] for name in _by_name(folder, tuple(present))]
    else:
        chosen = [path for pattern in patterns for path in _matching(folder, pattern)]
    _refuse_mixture(folder, chosen)
    others = sorted(set(present) - {path.relative_to(folder).as_posix() for path in chosen})
    note = f"Not of the split '{TRAIN}', so not read: {show_keys(others)}."
    return HubFiles(tuple(chosen), (note,) if others else ())


def _files(folder: Path, limits: Limits) -> Iterator[Path]:
    """Every data file of a folder, those within folders in it, too; hidden ones are left alone."""
    count = 0
    for parent, folders, names in os.walk(folder, onerror=_refuse_unreadable):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__")))
        for name in sorted([*folders, *names]):
            path = Path(parent, name)
            count += 1
            if count > limits.files:
                _refuse(folder, f"more than {limits.files:,} files")
            if name in folders and not path.is_symlink():
                continue
            if path.is_symlink() and (name in folders or not is_within(folder, path)):
                _refuse(folder, f"the link {show_text(name)}, which leads elsewhere")
            if kind := REFUSED.get(path.suffix.lower()):
                _refuse(folder, f"{kind} ({show_text(name)})")
            if name_of(path).ending and not name.startswith(".") and name not in NO_DATA:
                yield path


def _refuse_unreadable(error: OSError) -> None:
    _refuse(Path(error.filename), f"a folder that cannot be read ({error.strerror})")


def _by_name(folder: Path, names: Sequence[str]) -> Sequence[str]:
    """Those files whose names say that they are for training; all where no name says anything."""
    shards = [(match[1], name) for name in names if (match := SHARD.fullmatch(name))]
    if shards:
        return _training(folder, [name for split, name in shards if split == TRAIN], shards)
    for layouts in (IN_FOLDER_NAMES, IN_FILE_NAMES):
        splits = {split: _of_split(split, layouts, names) for split in SPLITS}
        if any(splits.values()):
            return _training(folder, splits[TRAIN], splits)
    return _training(folder, names, ())


def _of_split(split: str, layouts: Sequence[str], names: Sequence[str]) -> list[str]:
    patterns = [
        re.compile(layout.format(word=word, sep=SEPARATOR))
        for word in SPLITS[split]
        for layout in layouts
    ]
    matches = [name for pattern in patterns for name in names if pattern.fullmatch(name)]
    return list(dict.fromkeys(matches))


def _training(folder: Path, names: Sequence[str], splits: object) -> Sequence[str]:
    if not names:
        _refuse(folder, "no file for training" if splits else "no data file")
    return names


def _matching(folder: Path, pattern: str) -> Iterator[Path]:
    """The files that a path or pattern in the card leads to."""
    named = inside(folder, pattern, folder / CARD)
    if not glob.has_magic(pattern):
        matches = [pattern] if os.path.isfile(named) else []
    else:
        matches = sorted(glob.glob(pattern, root_dir=folder, recursive=True))
    files = [
        name for name in matches if name_of(Path(name)).ending and os.path.isfile(folder / name)
    ]
    if not files:
        _refuse(folder / CARD, f"the path {show_text(pattern)}, where no data file is")
    for name in files:
        yield inside(folder, name, folder / CARD)


def _refuse_mixture(folder: Path, files: Sequence[Path]) -> None:
    endings = {name_of(path).ending for path in files}
    if (
        len({ENDINGS[ending] for ending in endings if not _is_json(ending)})
        + any(map(_is_json, endings))
        > 1
    ):
        _refuse(folder, f"files of different kinds ({show_keys(sorted(endings))})")


def _is_json(ending: str) -> bool:
    """Whether ``datasets`` takes the ending for JSON, in lines or not."""
    return ending in (".json", ".jsonl", ".ndjson")


def _refuse(path: Path, found: str) -> None:
    accepted = ", ".join(ENDINGS)
    refuse(
        path,
        found=found,
        expected=f"a folder of data files ({accepted}) of one kind",
        cure="name the files to be read instead of the folder",
    )
