"""What the card of a Hub folder says of its files: the front matter of ``README.md``."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

import yaml

from scanner.dataset.inside import read_description, refuse
from scanner.dataset.limits import Limits
from scanner.dataset.shown import describe, show_keys

CARD = "README.md"
SETTINGS = ".huggingface.yaml"
"""Goes before the card where there is one."""
FRONT_MATTER = re.compile(r"\A\s*---[\r\n]+([\S\s]*?)[\r\n]+---(?:\r\n|\n|\Z)")
HARMLESS = {"config_name", "data_files", "default", "description", "version"}
"""Settings of a configuration that do not change how its files are read."""
TRAIN = "train"

Config = Mapping[str, object]


def default_config(folder: Path, limits: Limits) -> Config | None:
    """The configuration that is loaded when none is named; None where the card has none.

    Raises DatasetError where there are several, or one with settings of its own for the reader.
    """
    configs = _card(folder, limits).get("configs")
    if not configs:
        return None
    if not isinstance(configs, list) or not all(isinstance(one, dict) for one in configs):
        _refuse(folder, f"{describe(configs)} as 'configs'", "a list of configurations")
    named = [one for one in configs if one.get("config_name") == "default" or one.get("default")]
    chosen = configs if len(configs) == 1 else named
    if len(chosen) != 1:
        names = [str(one.get("config_name")) for one in configs]
        _refuse(folder, f"the configurations {show_keys(names)}", "one that is the default")
    if unknown := [str(key) for key in chosen[0] if key not in HARMLESS]:
        _refuse(folder, f"the settings {show_keys(unknown)}", f"none but {', '.join(HARMLESS)}")
    config: Config = chosen[0]
    return config


def train_patterns(folder: Path, config: Config | None) -> list[str] | None:
    """The paths and patterns of the training split; None where names alone decide."""
    files = config.get("data_files") if config else None
    if files is None:
        return None
    by_split = [one for one in _list(files) if isinstance(one, dict)]
    of_train = [one.get("path") for one in by_split if one.get("split") == TRAIN]
    paths = [path for one in of_train for path in _list(one)] if by_split else _list(files)
    if not paths or not all(isinstance(path, str) for path in paths):
        _refuse(folder, f"{describe(files)} as 'data_files'", f"paths of the split '{TRAIN}'")
    return [str(path) for path in paths]


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _card(folder: Path, limits: Limits) -> dict[str, object]:
    card: dict[str, object] = {}
    if os.path.isfile(folder / CARD):
        text = FRONT_MATTER.match(read_description(folder / CARD, limits))
        card |= _yaml(folder / CARD, text[1]) if text else {}
    if os.path.isfile(folder / SETTINGS):
        settings = folder / SETTINGS
        card |= _yaml(settings, read_description(settings, limits))
    return card


def _yaml(path: Path, text: str) -> dict[str, object]:
    try:
        value = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError):
        refuse(
            path,
            found="YAML that cannot be read",
            expected="front matter in YAML",
            cure="correct it, or name the files to be read instead of the folder",
        )
    return value if isinstance(value, dict) else {}


def _refuse(folder: Path, found: str, expected: str) -> NoReturn:
    cure = "name the files to be read instead of the folder"
    refuse(folder / CARD, found=found, expected=expected, cure=cure)
