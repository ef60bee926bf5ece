"""Is a folder a whole checkpoint that may be used? Decided from headers, before a model is loaded.

Weights are never unpickled and no code that comes with them is run.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scanner.bases.tokens import TOKENIZER
from scanner.errors import BaseModelError

CONFIG = "config.json"
WEIGHTS = "model.safetensors"
INDEX = "model.safetensors.index.json"
NEEDED = (CONFIG, TOKENIZER)
PICKLED = ("*.bin", "*.pt", "*.pth", "*.pkl", "*.ckpt")
MOST_HEADER = 100 << 20
"""Bytes of a header of safetensors; the format allows no more."""
LFS_POINTER = b"version https://git-lfs"


def missing_files(path: Path) -> list[str]:
    """The files that a checkpoint's folder needs and this one lacks."""
    missing = [file for file in NEEDED if not (path / file).is_file()]
    if not any((path / file).is_file() for file in (WEIGHTS, INDEX)):
        missing.append(WEIGHTS)
    return missing


def check_checkpoint(named: str, path: Path) -> tuple[str, ...]:
    """Refuse a checkpoint that cannot or may not be used; ``named`` is how the user named it.

    Returns what a reader should know of it, a sentence each. Raises ``BaseModelError``.
    """
    _refuse_remote_code(named, path)
    _refuse_adapter(named, path)
    config = read_config(named, path)
    _refuse_architecture(named, config)
    for file in weight_files(named, path):
        tensors_of(named, file)
    _check_complete(named, path)
    return _check_vocabulary(named, path, config)


def pickled_files(path: Path) -> list[str]:
    """Names of files in the folder that only unpickling could read."""
    found = {file.name for pattern in PICKLED for file in path.glob(pattern)}
    return sorted(found)


def read_config(named: str, path: Path) -> dict[str, Any]:
    """What ``config.json`` says. Raises ``BaseModelError``."""
    config = _read_json(named, path / CONFIG)
    if not isinstance(config, dict):
        raise BaseModelError(
            f"{named}: found no settings in {CONFIG}; expected a Hugging Face checkpoint; "
            "download it again"
        )
    return config


def weight_files(named: str, path: Path) -> list[Path]:
    """The files that hold the weights: one, or the shards of the index.

    Raises ``BaseModelError`` if a shard is missing.
    """
    if (path / WEIGHTS).is_file():
        return [path / WEIGHTS]
    names = sorted(set(_weight_map(named, path).values()))
    foreign = [name for name in names if Path(name).name != name or not _is_safetensors(name)]
    if foreign:
        raise BaseModelError(
            f"{named}: found {foreign[0]!r} among the shards of {INDEX}; expected names of "
            "safetensors files in the same folder; download the checkpoint again"
        )
    missing = [name for name in names if not (path / name).is_file()]
    if missing:
        raise BaseModelError(
            f"{named}: found {len(names) - len(missing)} of {len(names)} shards in {path} "
            f"({', '.join(missing[:3])} missing); expected all that {INDEX} names; finish the "
            "download with --allow-download"
        )
    return [path / name for name in names]


def has_weights(path: Path) -> bool:
    """Whether all files of the weights are there; they are not looked into."""
    try:
        return bool(weight_files(str(path), path))
    except BaseModelError:
        return False


@dataclass(frozen=True)
class StoredTensor:
    """A tensor as a header describes it."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    """safetensors' name: ``BF16``."""


def tensors_of(named: str, file: Path) -> list[StoredTensor]:
    """What a file of safetensors holds, by its header, checked against the file's size.

    Raises ``BaseModelError`` if it is cut short, a Git LFS pointer, or no safetensors at all.
    """
    size = file.stat().st_size
    with file.open("rb") as content:
        start = content.read(8)
        if start and LFS_POINTER.startswith(start):
            raise BaseModelError(
                f"{named}: found a Git LFS pointer in {file.name}; expected the weights; run "
                "git lfs pull in the folder"
            )
        length = int.from_bytes(start, "little")
        header = content.read(length) if length <= min(size, MOST_HEADER) else b""
    try:
        entries = json.loads(header)
        described = {name: entry for name, entry in entries.items() if name != "__metadata__"}
        end = max((entry["data_offsets"][1] for entry in described.values()), default=0)
        tensors = [
            StoredTensor(name, tuple(entry["shape"]), entry["dtype"])
            for name, entry in described.items()
        ]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BaseModelError(
            f"{named}: found no safetensors in {file.name}; expected a whole file of weights; "
            "download it again"
        ) from error
    if 8 + length + end != size:
        raise BaseModelError(
            f"{named}: found {size:,} bytes in {file.name}; expected {8 + length + end:,}; its "
            "download broke off: download it again"
        )
    return tensors


def _check_complete(named: str, path: Path) -> None:
    if (path / WEIGHTS).is_file():
        return
    wanted = _weight_map(named, path)
    held = {
        (tensor.name, file.name)
        for file in weight_files(named, path)
        for tensor in tensors_of(named, file)
    }
    lost = [name for name, shard in wanted.items() if (name, shard) not in held]
    if lost:
        raise BaseModelError(
            f"{named}: found no {lost[0]} in {wanted[lost[0]]} ({len(lost)} tensors missing); "
            f"expected what {INDEX} says; the shards are of two versions: download them again"
        )


def _weight_map(named: str, path: Path) -> dict[str, str]:
    index = _read_json(named, path / INDEX)
    weight_map = index.get("weight_map") if isinstance(index, dict) else None
    if not isinstance(weight_map, dict) or not weight_map:
        raise BaseModelError(
            f"{named}: found no weight_map in {INDEX}; expected the names of its shards; download "
            "it again"
        )
    return {str(name): str(file) for name, file in weight_map.items()}


def _is_safetensors(name: str) -> bool:
    return name.endswith(".safetensors")


def _refuse_remote_code(named: str, path: Path) -> None:
    for file in (path / CONFIG, path / "tokenizer_config.json"):
        settings = _read_json(named, file) if file.is_file() else {}
        if "auto_map" in settings:
            raise BaseModelError(
                f"{named}: found code of its own in {file.name} (auto_map); expected an "
                "architecture of transformers; datascan runs no code that comes with weights"
            )


def _refuse_adapter(named: str, path: Path) -> None:
    if (path / "adapter_config.json").is_file():  # transformers would load it on top, unasked
        raise BaseModelError(
            f"{named}: found an adapter (adapter_config.json); expected an untouched model; merge "
            "it into its base and save that, or name the base"
        )


def _refuse_architecture(named: str, config: dict[str, Any]) -> None:
    architectures = [str(name) for name in config.get("architectures") or ()]
    if architectures and not any(name.endswith("ForCausalLM") for name in architectures):
        raise BaseModelError(
            f"{named}: found {architectures[0]}; expected a causal language model of text alone "
            "(…ForCausalLM); use the text checkpoint of this base"
        )
    quantised = config.get("quantization_config")
    if quantised:
        method = quantised.get("quant_method", "?") if isinstance(quantised, dict) else "?"
        raise BaseModelError(
            f"{named}: found quantised weights ({method}); expected plain ones, which a probe can "
            "be trained on; name the checkpoint that was quantised"
        )


def _check_vocabulary(named: str, path: Path, config: dict[str, Any]) -> tuple[str, ...]:
    """Every token must have a row in the embedding; only special ones may lack it."""
    rows = config.get("vocab_size")
    if not isinstance(rows, int):
        return ()
    written = _read_json(named, path / TOKENIZER)
    try:
        vocabulary = dict(_ordinary(written["model"]["vocab"]))
        added = {one["content"]: one["id"] for one in written.get("added_tokens", ())}
        special = {one["content"] for one in written["added_tokens"] if one.get("special")}
    except (KeyError, TypeError, IndexError):
        return ()  # what loads the tokenizer says what is wrong with it
    homeless = {token: i for token, i in (vocabulary | added).items() if i >= rows}
    ordinary = sorted(set(homeless) - special)
    if ordinary:
        raise BaseModelError(
            f"{named}: found token {ordinary[0]!r} with id {homeless[ordinary[0]]:,} in "
            f"{TOKENIZER}; expected ids below {rows:,}, the rows of the embedding; weights and "
            "tokenizer are of two models: take both from one checkpoint"
        )
    if homeless:
        names = ", ".join(sorted(homeless)[:3])
        return (f"{names}: special tokens without a row in the embedding; no row may hold them.",)
    return ()


def _ordinary(vocabulary: Any) -> Iterator[tuple[str, int]]:
    """Token and id; Unigram tokenizers list (token, score) in the order of ids."""
    if isinstance(vocabulary, dict):
        yield from vocabulary.items()
    else:
        yield from ((str(entry[0]), place) for place, entry in enumerate(vocabulary))


def _read_json(named: str, file: Path) -> Any:
    try:
        return json.loads(file.read_bytes())
    except (ValueError, OSError) as error:
        raise BaseModelError(
            f"{named}: found no JSON in {file.name} ({error}); expected a Hugging Face "
            "checkpoint; download it again"
        ) from error
