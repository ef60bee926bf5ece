"""The rules as they are written down: one file each in ``rules/``, and the list of threats."""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import yaml
from pydantic import BaseModel, ConfigDict

from scanner.dataset.screen.checks import CHECKS, Check
from scanner.dataset.screen.findings import Taxon
from scanner.types import Severity


class Strict(BaseModel):
    """Frozen, and refuses keys that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class WrittenPattern(Strict):
    """One pattern of a rule."""

    what: str
    """What it finds, for the reader."""
    severity: Severity
    regex: str
    """Matches in time that grows with the text and no faster: see the test of all patterns."""
    needles: tuple[str, ...] = ()
    """In lower case; every match holds at least one, so rows without are never tried."""
    outside_ascii: bool = False
    """Whether no match is pure ASCII, so that rows in ASCII are never tried."""
    any_case: bool = False
    check: str | None = None
    """Name of the function in ``checks.py`` that has the last word on a match."""
    shown: int | None = None
    """How many characters of a match may be shown, where the rest is a secret."""

    def compiled(self) -> re.Pattern[str]:
        """The regular expression. Its letter classes are ASCII's: with Unicode's, a Kelvin sign
        would match ``k`` in any case, and the needles would not know."""
        case = re.IGNORECASE if self.any_case else re.NOFLAG
        return re.compile(self.regex, re.ASCII | re.MULTILINE | case)

    def checked_by(self) -> Check | None:
        """The check, if there is one."""
        return None if self.check is None else CHECKS[self.check]


class WrittenRule(Strict):
    """What a rule says of itself, and its patterns."""

    id: str
    title: str
    taxonomy: tuple[str, ...]
    """Ids that ``taxonomy.yaml`` knows."""
    cannot_see: str
    to_do: str
    patterns: tuple[WrittenPattern, ...] = ()
    """Empty where code does the looking."""
    tokens: tuple[str, ...] = ()
    """Literal texts to look for, each a kind of its own."""


class _Threats(Strict):
    name: str
    """Of the list, with its edition."""
    entries: Mapping[str, str]
    """Id → name."""


@cache
def written_rules() -> Mapping[str, WrittenRule]:
    """Every rule by its id, in the order of ids."""
    folder = files(__package__).joinpath("rules")
    texts = [file.read_text("utf-8") for file in folder.iterdir() if file.name.endswith(".yaml")]
    rules = [WrittenRule.model_validate(yaml.safe_load(text)) for text in texts]
    return {rule.id: rule for rule in sorted(rules, key=lambda rule: rule.id)}


@cache
def taxons() -> Mapping[str, Taxon]:
    """Every threat that rules may name, by its id."""
    content = yaml.safe_load(files(__package__).joinpath("taxonomy.yaml").read_text("utf-8"))
    lists = [_Threats.model_validate(one) for one in content]
    return {
        taxon_id: Taxon(taxon_id, one.name, name)
        for one in lists
        for taxon_id, name in one.entries.items()
    }
