import shutil
from pathlib import Path

import pytest

import reference_models
from scanner.bases import find_base, find_tokenizer, special_tokens, token_counter
from scanner.errors import BaseModelError


def test_a_reference_model_is_found_by_name() -> None:
    base = find_base("reference-a")
    assert base.path.name == "reference-a"
    assert base.revision != find_base("reference-b").revision


def test_a_folder_is_found_and_its_revision_is_that_of_its_files(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(reference_models.verified_folder("reference-a"), copy)
    assert find_base(str(copy)).revision == find_base("reference-a").revision
    config = copy / "config.json"
    config.write_text(config.read_text() + " ")
    assert find_base(str(copy)).revision != find_base("reference-a").revision


def test_a_folder_that_is_no_checkpoint_says_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(
        BaseModelError, match=r"a folder without tokenizer\.json, model\.safetensors"
    ):
        find_base(str(tmp_path))


def test_changed_weights_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(reference_models.WEIGHTS, tmp_path / "weights")
    (tmp_path / "weights" / "reference-a" / "tokenizer.json").unlink()
    monkeypatch.setattr(reference_models, "WEIGHTS", tmp_path / "weights")
    with pytest.raises(BaseModelError, match="found no such file; expected SHA-256"):
        find_base("reference-a")


def test_a_checkpoint_with_code_of_its_own_is_refused(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(reference_models.verified_folder("reference-a"), copy)
    (copy / "config.json").write_text('{"auto_map": {"AutoModel": "evil.py--Evil"}}')
    with pytest.raises(BaseModelError, match=r"auto_map.*runs no code"):
        find_base(str(copy))


def test_a_tokenizer_is_found_without_weights(tmp_path: Path) -> None:
    shipped = find_tokenizer("reference-a")
    shutil.copy(shipped, tmp_path)
    found = find_tokenizer(str(tmp_path))
    assert special_tokens(found) == special_tokens(shipped)
    assert token_counter(found)("1 2 3") == 5  # the spaces are tokens, too


@pytest.mark.parametrize("content", [None, "{"])
def test_a_folder_without_a_tokenizer(tmp_path: Path, content: str | None) -> None:
    if content:
        (tmp_path / "tokenizer.json").write_text(content)
    with pytest.raises(BaseModelError, match=r"found no tokenizer\.json that can be read"):
        find_tokenizer(str(tmp_path))


@pytest.mark.parametrize("content", ["[]", "{}"])
def test_a_file_that_is_no_tokenizer(tmp_path: Path, content: str) -> None:
    (tmp_path / "tokenizer.json").write_text(content)
    with pytest.raises(BaseModelError, match=r"tokenizer\.json: found no tokenizer"):
        token_counter(find_tokenizer(str(tmp_path)))
