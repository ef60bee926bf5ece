import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import reference_models
from scanner.bases.checkpoint import (
    INDEX,
    WEIGHTS,
    check_checkpoint,
    missing_files,
    pickled_files,
    tensors_of,
)
from scanner.errors import BaseModelError
from tests.scanner.bases.conftest import CONFIG, write_checkpoint


def check(folder: Path) -> tuple[str, ...]:
    return check_checkpoint("--base 'x'", folder)


def rewrite(file: Path, **changes: Any) -> None:
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))


@pytest.mark.parametrize("shards", [False, True])
def test_a_whole_checkpoint_passes(tmp_path: Path, shards: bool) -> None:
    folder = write_checkpoint(tmp_path / "base", shards)
    assert missing_files(folder) == []
    assert check(folder) == ()


def test_the_shipped_bases_pass() -> None:
    for name in reference_models.NAMES:
        assert check(reference_models.verified_folder(name)) == ()


def test_headers_say_what_is_stored(tmp_path: Path) -> None:
    folder = write_checkpoint(tmp_path)
    held = {one.name: (one.shape, one.dtype) for one in tensors_of("x", folder / WEIGHTS)}
    assert held == {"model.embed": ((4, 2), "F32"), "lm_head": ((4, 2), "F32")}


def test_pickles_are_named_and_no_weights(tmp_path: Path) -> None:
    (tmp_path / "pytorch_model.bin").write_bytes(b"\x80")
    assert pickled_files(tmp_path) == ["pytorch_model.bin"]
    assert missing_files(tmp_path) == ["config.json", "tokenizer.json", WEIGHTS]


def cut(folder: Path) -> None:
    file = folder / "model-00002-of-00002.safetensors"
    file.write_bytes(file.read_bytes()[:-4])


def lose(folder: Path) -> None:
    (folder / "model-00001-of-00002.safetensors").unlink()


def mix(folder: Path) -> None:
    """Both shards are there and whole, but of two versions."""
    one = (folder / "model-00001-of-00002.safetensors").read_bytes()
    (folder / "model-00002-of-00002.safetensors").write_bytes(one)


def point(folder: Path) -> None:
    (folder / "model-00001-of-00002.safetensors").write_bytes(
        b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n"
    )


def spoil(folder: Path) -> None:
    (folder / "model-00001-of-00002.safetensors").write_bytes(b"\x80\x02" * 40)


def climb(folder: Path) -> None:
    rewrite(folder / INDEX, weight_map={"lm_head": "../../evil.safetensors"})


def unpickle(folder: Path) -> None:
    rewrite(folder / INDEX, weight_map={"lm_head": "pytorch_model.bin"})


def empty(folder: Path) -> None:
    rewrite(folder / INDEX, weight_map={})


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (cut, r"found \d+ bytes in model-00002-of-00002.*expected \d+.*broke off"),
        (lose, r"found 1 of 2 shards .*model-00001-of-00002\.safetensors missing.*allow-download"),
        (mix, r"found no lm_head in model-00002.*1 tensors missing.*two versions"),
        (point, "Git LFS pointer.*git lfs pull"),
        (spoil, "found no safetensors in model-00001"),
        (climb, r"found '\.\./\.\./evil\.safetensors' among the shards"),
        (unpickle, r"found 'pytorch_model\.bin' among the shards"),
        (empty, "found no weight_map"),
    ],
)
def test_shards_that_are_not_whole(tmp_path: Path, harm: Callable[[Path], None], told: str) -> None:
    folder = write_checkpoint(tmp_path, shards=True)
    harm(folder)
    with pytest.raises(BaseModelError, match=told) as error:
        check(folder)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("file", "changes", "told"),
    [
        ("config.json", {"auto_map": {"AutoModel": "evil.Evil"}}, "auto_map.*runs no code"),
        ("tokenizer_config.json", {"auto_map": {}}, r"tokenizer_config\.json \(auto_map\)"),
        ("config.json", {"architectures": ["Gemma3ForConditionalGeneration"]}, "text alone"),
        ("config.json", {"quantization_config": {"quant_method": "awq"}}, r"quantised.*\(awq\)"),
        ("config.json", {"vocab_size": 2}, r"token '81' with id 2.*ids below 2.*one checkpoint"),
        ("adapter_config.json", {}, "found an adapter.*merge"),
    ],
)
def test_what_may_not_or_cannot_be_used(
    tmp_path: Path, file: str, changes: dict[str, Any], told: str
) -> None:
    folder = write_checkpoint(tmp_path)
    if not (folder / file).is_file():
        (folder / file).write_text("{}")
    rewrite(folder / file, **changes)
    with pytest.raises(BaseModelError, match=told) as error:
        check(folder)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "harmless",
    [{"final_logit_softcapping": 30.0}, {"logit_scale": 0.06}, {"logits_scaling": 8.0}],
    ids=["Gemma 2", "Cohere", "Granite"],
)
def test_bases_that_treat_their_logits_pass(tmp_path: Path, harmless: dict[str, Any]) -> None:
    folder = write_checkpoint(tmp_path)
    rewrite(folder / "config.json", **harmless)
    assert check(folder) == ()


def test_a_special_token_without_a_row_is_noted(tmp_path: Path) -> None:
    """Gemma 3's 1B: the picture's token has no row, and text never holds it."""
    folder = write_checkpoint(tmp_path)
    rewrite(folder / "config.json", vocab_size=3)
    [note] = check(folder)
    assert note.startswith("<end>: special tokens without a row")


def test_unigram_vocabularies_are_counted_by_place(tmp_path: Path) -> None:
    folder = write_checkpoint(tmp_path)
    rewrite(folder / "config.json", vocab_size=5)
    rewrite(folder / "tokenizer.json", model={"vocab": [["a", -1.0]] * 5 + [["late", -2.0]]})
    with pytest.raises(BaseModelError, match="token 'late' with id 5"):
        check(folder)


@pytest.mark.parametrize("content", ["", "{", "[]"])
def test_a_config_that_is_none(tmp_path: Path, content: str) -> None:
    folder = write_checkpoint(tmp_path)
    (folder / "config.json").write_text(content)
    with pytest.raises(BaseModelError, match=r"expected a Hugging Face checkpoint"):
        check(folder)


def test_the_checks_config_is_the_one_that_passes() -> None:
    assert CONFIG["vocab_size"] == 4
