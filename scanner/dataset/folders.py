"""Folders that say themselves which files the rows are in.

Three kinds: what ``datasets`` writes with ``save_to_disk``, LLaMA-Factory's ``data`` folder, and
folders laid out as on the Hugging Face Hub.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scanner.dataset.hub import find_in_hub_folder
from scanner.dataset.inside import inside, read_json, refuse
from scanner.dataset.limits import Limits
from scanner.dataset.shown import describe, show_keys, show_path

SPLITS = "dataset_dict.json"
STATE = "state.json"
INFO = "dataset_info.json"
TRAIN = "train"


@dataclass(frozen=True)
class Found:
    """The files that a path leads to."""

    files: tuple[Path, ...]
    """In the order in which trainers read them."""
    entry: Mapping[str, object] | None = None
    """What LLaMA-Factory's ``dataset_info.json`` says of them."""
    notes: tuple[str, ...] = ()


def find_in_folder(folder: Path, limits: Limits) -> Found:
    """The files of a folder's training rows. Raises DatasetError."""
    if os.path.isfile(folder / SPLITS):
        return _saved_splits(folder, limits)
    if os.path.isfile(folder / STATE):
        return _saved(folder, limits)
    if entries := llama_factory_entries(folder, limits):
        return _only_entry(folder, entries)
    found = find_in_hub_folder(folder, limits)
    return Found(found.files, notes=found.notes)


def llama_factory_entries(folder: Path, limits: Limits) -> dict[str, Mapping[str, object]]:
    """The datasets in the folder that its ``dataset_info.json`` names, by their file.

    None where the file is not LLaMA-Factory's: ``datasets`` writes one of the same name.
    """
    if not os.path.isfile(folder / INFO):  # a Path raises where a name is too long
        return {}
    entries = read_json(folder / INFO, limits).values()
    return {
        entry["file_name"]: entry
        for entry in entries
        if isinstance(entry, dict) and isinstance(entry.get("file_name"), str)
    }


def _saved_splits(folder: Path, limits: Limits) -> Found:
    splits = _texts(folder / SPLITS, read_json(folder / SPLITS, limits).get("splits"))
    if TRAIN not in splits and len(splits) != 1:
        refuse(
            folder,
            found=f"the splits {show_keys(splits)}",
            expected=f"a split '{TRAIN}'",
            cure="name the folder of one split",
        )
    split = TRAIN if TRAIN in splits else splits[0]
    found = _saved(inside(folder, split, folder / SPLITS), limits)
    others = [name for name in splits if name != split]
    note = f"Only the split '{split}' is read, not {show_keys(others)}."
    return Found(found.files, notes=(*found.notes, *([note] if others else [])))


def _saved(folder: Path, limits: Limits) -> Found:
    state = read_json(folder / STATE, limits)
    if state.get("_format_columns") or state.get("_indices_data_files"):
        refuse(
            folder / STATE,
            found="columns or rows that are to be left out",
            expected="a dataset that is read whole",
            cure="save it again after reset_format() and flatten_indices()",
        )
    listed = state.get("_data_files")
    names = [
        item.get("filename") if isinstance(item, dict) else item
        for item in (listed if isinstance(listed, list) else [listed])
    ]
    files = tuple(inside(folder, name, folder / STATE) for name in _texts(folder / STATE, names))
    unlisted = sorted(path.name for path in folder.glob("*.arrow") if path not in files)
    note = f"Not read, since {STATE} does not list them: {show_keys(unlisted)}."
    return Found(files, notes=(note,) if unlisted else ())


def _only_entry(folder: Path, entries: Mapping[str, Mapping[str, object]]) -> Found:
    if len(entries) > 1:
        refuse(
            folder / INFO,
            found=f"{len(entries)} datasets ({show_keys(entries)})",
            expected="one dataset",
            cure="name the file of one of them",
        )
    ((name, entry),) = entries.items()
    return Found((inside(folder, name, folder / INFO),), entry)


def _texts(path: Path, value: object) -> Sequence[str]:
    """A list of names. Raises DatasetError for anything else, and for none at all."""
    if not isinstance(value, list) or not value or not all(isinstance(item, str) for item in value):
        refuse(
            path,
            found=f"{describe(value)} instead of names",
            expected="a list of files or splits",
            cure=f"save the dataset again, or name the files in {show_path(path.parent)}",
        )
    return value
