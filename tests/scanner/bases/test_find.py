import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import reference_models
from scanner import calibration
from scanner.bases import find_base, find_tokenizer, special_tokens, token_counter
from scanner.bases.aliases import UNPINNED, aliases
from scanner.errors import BaseModelError
from tests.scanner.bases.conftest import COMMIT, OTHER_COMMIT, write_checkpoint


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


def test_an_alias_is_found_in_the_cache_at_its_pin(cached: Callable[..., Path]) -> None:
    alias = aliases()["qwen2.5-7b"]
    folder = cached(alias.repository, str(alias.revision), main=False, shards=True)
    base = find_base("qwen2.5-7b")
    assert (base.id, base.path, base.commit) == ("qwen2.5-7b", folder, alias.revision)
    assert (base.repository, base.lineage) == (alias.repository, "qwen2.5-7b")
    assert base.licence == "Apache-2.0"
    assert base.notes == ()


def test_another_commit_is_not_taken_for_the_pinned_one(cached: Callable[..., Path]) -> None:
    cached("Qwen/Qwen2.5-7B-Instruct", OTHER_COMMIT)
    with pytest.raises(
        BaseModelError, match=f"found only {OTHER_COMMIT}.*--revision {OTHER_COMMIT}"
    ):
        find_base("qwen2.5-7b")
    assert find_base(f"qwen2.5-7b@{OTHER_COMMIT}").commit == OTHER_COMMIT
    assert find_base("qwen2.5-7b@main").commit == OTHER_COMMIT
    assert find_base(f"qwen2.5-7b@{OTHER_COMMIT[:7]}").commit == OTHER_COMMIT


def test_what_is_not_pinned_says_so(cached: Callable[..., Path]) -> None:
    cached("EleutherAI/pythia-70m")
    base = find_base("pythia-70m")
    assert base.commit == COMMIT
    assert base.notes == (f"pythia-70m: {UNPINNED}; commit {COMMIT} was found in the cache.",)
    assert find_base(f"pythia-70m@{COMMIT}").notes == ()


def test_any_repository_in_the_cache_will_do(cached: Callable[..., Path]) -> None:
    cached("someone/their-model")
    base = find_base("someone/their-model")
    assert (base.repository, base.commit, base.lineage) == ("someone/their-model", COMMIT, None)


def test_what_is_not_in_the_cache_says_where_it_looked(cache: Path) -> None:
    with pytest.raises(BaseModelError) as error:
        find_base("llama-3.1-8b")
    message = str(error.value)
    assert str(cache / "models--meta-llama--Llama-3.1-8B-Instruct") in message
    assert "config.json, tokenizer.json, model.safetensors" in message
    assert "--allow-download" in message
    assert "accept its terms" in message
    assert "\n" not in message


def test_a_name_that_is_nearly_an_alias(cache: Path) -> None:
    with pytest.raises(BaseModelError, match=r"did you mean qwen2\.5-7b\?"):
        find_base("qwen2.5-7")


@pytest.mark.parametrize("name", ["../x", "a/b/c", "owner/", "", "x@y"])
def test_what_is_no_name_at_all(cache: Path, name: str) -> None:
    with pytest.raises(BaseModelError, match="expected reference-a"):
        find_base(f"{name}?")


def test_a_revision_does_not_climb_out_of_the_cache(cache: Path, tmp_path: Path) -> None:
    (cache / "models--a--b" / "refs").mkdir(parents=True)
    (tmp_path / "secret").write_text(COMMIT)
    with pytest.raises(BaseModelError, match="found nothing"):
        find_base("a/b@../../../secret")


def test_a_download_that_brought_pickles_only(cached: Callable[..., Path]) -> None:
    folder = cached("someone/old-model")
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(BaseModelError, match=r"found pickled weights \(pytorch_model\.bin\)"):
        find_base("someone/old-model")


def test_other_safetensors_beside_the_weights_do_not_count(tmp_path: Path) -> None:
    """Mistral's repository holds all weights twice."""
    folder = write_checkpoint(tmp_path)
    before = find_base(str(folder)).revision
    (folder / "consolidated.safetensors").write_bytes(b"x" * 100)
    assert find_base(str(folder)).revision == before


def test_the_reference_bases_are_what_certificates_stand_on() -> None:
    """Their digests must not change with the way that bases are found."""
    certificates = Path(calibration.__file__).with_name("certificates")
    for name in reference_models.NAMES:
        certificate = json.loads((certificates / f"{name}.json").read_text())
        assert find_base(name).revision == certificate["base_revision"]
