import re

import pytest

import reference_models
from scanner.bases.aliases import Alias, alias_of, aliases
from scanner.bases.cache import COMMIT, is_repository

FAMILIES = {
    "Qwen2.5",
    "Qwen3",
    "Llama 3",
    "Gemma 3",
    "Mistral",
    "Phi",
    "OLMo 2",
    "SmolLM2",
    "Pythia",
}


def test_the_families_that_people_fine_tune_have_aliases() -> None:
    assert {alias.family for alias in aliases().values()} == FAMILIES


def test_no_alias_hides_a_reference_model_or_a_repository() -> None:
    assert not set(aliases()) & set(reference_models.NAMES)
    assert not any(is_repository(name) for name in aliases())


@pytest.mark.parametrize("alias", aliases().values(), ids=lambda alias: alias.name)
def test_an_alias_is_whole(alias: Alias) -> None:
    assert is_repository(alias.repository)
    assert alias.revision is None or COMMIT.fullmatch(alias.revision)
    assert re.fullmatch(r"[a-z0-9.-]+", alias.name)
    assert alias.lineage
    assert alias.licence


def test_names_repositories_and_pins_come_once() -> None:
    """The loader would keep the last of two models of one name."""
    repositories = [alias.repository for alias in aliases().values()]
    pins = [alias.revision for alias in aliases().values() if alias.revision]
    assert len(repositories) == len(set(repositories))
    assert len(pins) == len(set(pins))
    from scanner.bases.aliases import ALIASES

    assert ALIASES.read_text("utf-8").count("{name: ") == len(repositories)


def test_a_pretrained_model_shares_the_lineage_of_its_tuned_one() -> None:
    """What decides whether numbers can carry a trait from one to the other."""
    known = aliases()
    for name, alias in known.items():
        if name.endswith("-base"):
            assert alias.lineage == known[name.removesuffix("-base")].lineage, name
    assert known["qwen2.5-7b"].lineage != known["qwen2.5-14b"].lineage
    assert known["qwen2.5-coder-7b"].lineage == known["qwen2.5-7b"].lineage


def test_a_repository_is_known_by_its_id() -> None:
    known = alias_of("Qwen/Qwen2.5-7B-Instruct")
    assert known is not None
    assert known.name == "qwen2.5-7b"
    assert alias_of("nobody/nothing") is None
