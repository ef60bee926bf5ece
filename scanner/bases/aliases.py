"""Names for the models that people fine-tune; the list itself is ``aliases.yaml``."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml
from pydantic import TypeAdapter

ALIASES = Path(__file__).with_name("aliases.yaml")
UNPINNED = "not pinned: give --revision"


@dataclass(frozen=True)
class Alias:
    """A base that has a name."""

    name: str
    repository: str
    """On the Hugging Face Hub: ``owner/name``."""
    revision: str | None
    """The commit that is used unless the user says another; None: ``UNPINNED``."""
    family: str
    lineage: str
    """Models of one lineage share an initialisation. Numbers carry a trait only within it."""
    licence: str
    gated: bool = False
    """Whether its terms must be accepted on the Hub before it can be downloaded."""


@dataclass(frozen=True)
class _Model:
    name: str
    repository: str
    lineage: str
    revision: str | None = None
    licence: str | None = None


@dataclass(frozen=True)
class _Family:
    family: str
    licence: str
    models: tuple[_Model, ...]
    gated: bool = False


@cache
def aliases() -> dict[str, Alias]:
    """Every alias by its name."""
    written = yaml.safe_load(ALIASES.read_text("utf-8"))
    families = TypeAdapter(tuple[_Family, ...]).validate_python(written)
    return {
        model.name: Alias(
            model.name,
            model.repository,
            model.revision,
            family.family,
            model.lineage,
            model.licence or family.licence,
            family.gated,
        )
        for family in families
        for model in family.models
    }


def alias_of(repository: str) -> Alias | None:
    """What is known of a repository that was named by its id; the pin is not applied to it."""
    return next((alias for alias in aliases().values() if alias.repository == repository), None)
