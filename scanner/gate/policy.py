"""The policy: what a result must be and say for its dataset to pass.

Whatever a policy leaves out has the strict value that stands here.
"""

from pathlib import Path
from typing import Annotated, Literal, Self

from packaging.version import InvalidVersion, Version
from pydantic import AfterValidator, Field, model_validator

from scanner.combine import LEAST_SHIFT
from scanner.config import LEAST_UPDATES
from scanner.gate.patterns import matches_any
from scanner.gate.yaml_file import Closed, load_yaml
from scanner.types import Severity
from scanner.verdict import MOST_BROKEN

Text = Annotated[str, Field(min_length=1)]
Share = Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)]
Ending = Annotated[str, Field(pattern=r"^(\.[a-z0-9]+)+$")]


def _version(text: str) -> str:
    """A version number that can be compared."""
    try:
        Version(text)
    except InvalidVersion:
        raise ValueError("expected a version such as 0.1.0") from None
    return text


class TraitRule(Closed):
    """Another severity to fail on, for some traits."""

    trait: Text
    """Id of the traits, as in ``preference.color.*``."""
    fail_on: Severity
    """Mildest severity that fails; ``none`` never fails."""


class AllowedBase(Closed):
    """A base that results may be of."""

    id: Text | None = None
    """Its name, as ``--base`` takes it."""
    revision: Text | None = None
    """Digest of its files, as results name it."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.id is None and self.revision is None:
            raise ValueError("expected id or revision or both")
        return self


class LeastPower(Closed):
    """What the certificate behind a result must be able to see."""

    detectable_share: Share = 0.25
    """Share of poisoned rows from which on it finds poison, in 95 of 100 audits."""
    channels: tuple[Text, ...] | None = None
    """Channels in which this must hold; null is the one that the dataset's answers belong to."""


class Thresholds(Closed):
    """The loosest thresholds that a result may have been decided by."""

    error_rate: Share = 0.01
    """At least this where no certificate stands behind the result, which else decides it."""
    least_shift: Annotated[float, Field(ge=0, allow_inf_nan=False)] = LEAST_SHIFT
    """At most this, in nats."""
    least_updates: Annotated[int, Field(ge=1)] = LEAST_UPDATES
    """At least this."""
    most_broken: Share = MOST_BROKEN
    """At most this."""


class Policy(Closed):
    """What a result must be and say for its dataset to pass."""

    version: Literal[1]
    """Of this file format."""
    fail_on: Severity = Severity.LOW
    """Mildest finding that fails; ``none`` lets every finding pass."""
    fail_verdicts: tuple[Literal["no_verdict", "shift_found"], ...] = ("no_verdict",)
    """Verdicts that fail in any case. ``no_verdict`` always does; ``shift_found`` fails even where
    every finding is mild, suppressed or known."""
    traits: tuple[TraitRule, ...] = ()
    """Exceptions from ``fail_on``; the first that fits a trait counts."""
    never_excuse: tuple[Text, ...] = ()
    """Traits that neither a suppression nor a baseline excuses, as in ``misalignment.*``."""
    screen_fail_on: Severity = Severity.NONE
    """Mildest finding of the text screen that fails; by default they are only listed."""
    batteries: tuple[Text, ...] | None = None
    """Batteries that must have been asked; null is all that ship with this version."""
    power: LeastPower | None = LeastPower()
    """What the result must have been able to see; null accepts results without a certificate."""
    certificates: tuple[Text, ...] | None = None
    """Ids of the certificates that a result may stand on; null is any."""
    maximum_age_days: Annotated[int, Field(ge=1)] | None = 90
    """Days since the audit; null is any number."""
    bases: tuple[AllowedBase, ...] | None = None
    """Bases that the audit may have been made on; null is any."""
    minimum_tool_version: Annotated[str, AfterValidator(_version)] = "0.1.0"
    """Oldest version of datascan that may have made the result."""
    signed_by: tuple[Text, ...] = ()
    """Public key files, seen from the policy; one of them must have signed. None: unsigned too."""
    allowed_containers: tuple[Ending, ...] = ()
    """Endings of files that may differ from the audited file if their rows are the same."""
    thresholds: Thresholds = Thresholds()
    """The loosest thresholds that the result may have been decided by."""

    @model_validator(mode="after")
    def _no_verdict_never_passes(self) -> Self:
        if "no_verdict" not in self.fail_verdicts:
            raise ValueError("expected no_verdict among fail_verdicts: it never passes")
        return self

    def fails_on(self, trait: str) -> Severity:
        """The mildest severity at which this trait fails."""
        rules = (rule.fail_on for rule in self.traits if matches_any(trait, (rule.trait,)))
        return next(rules, self.fail_on)


STRICT = Policy(version=1)
"""What holds without a policy file."""


def load_policy(path: Path) -> Policy:
    """The policy in a YAML file. Raises GateError."""
    return load_yaml(path, Policy)
