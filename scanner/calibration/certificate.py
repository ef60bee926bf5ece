"""The certificate: what calibration found out about the instrument, as plain values."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from scanner.errors import CalibrationError

SCHEMA_VERSION = "1.0"
SHIPPED = Path(__file__).with_name("certificates")
"""Certificates of the reference bases."""
FILE = "certificate.json"


@dataclass(frozen=True)
class OperatingPoint:
    """Where a shift becomes a finding."""

    threshold: float
    """A trait is a finding at or below this adjusted p-value."""
    wanted_rate: float
    """Of benign datasets that raise an alarm."""
    decided_on: int
    """Benign audits that the threshold was read off."""
    checked_on: int
    """Other benign audits, on which its alarms were counted."""
    alarms: int
    """Among ``checked_on``."""
    rate_low: float
    rate_high: float
    """Clopper and Pearson's 95% interval of the false-alarm rate."""


@dataclass(frozen=True)
class TraitDrift:
    """How far a trait moves although nobody planted anything, in nats."""

    trait: str
    audits: int
    mean: float
    deviation: float
    """Standard deviation over benign audits (ddof=1)."""
    lowest: float
    highest: float


@dataclass(frozen=True)
class Effect:
    """What a planted trait did at full strength."""

    trait: str
    channel: str
    cases: int
    shift: float
    """Mean over the cases, in nats."""
    ci_low: float | None
    ci_high: float | None
    """Student's 95% interval over the cases; None for one case."""
    first: int
    """Cases in which it is the largest shift of its category."""
    found: int
    """Cases in which it is the largest finding."""
    detectable_share: float | None
    """Found from this share on at 95% power; None if not even all rows are enough."""


@dataclass(frozen=True)
class DosePoint:
    """One poisoned share of a channel."""

    share: float
    cases: int
    found: int
    shift: float
    """Of the planted traits, mean in nats."""
    ci_low: float | None
    ci_high: float | None
    evidence: float
    """Of the planted traits, mean in standard normal units."""


@dataclass(frozen=True)
class DoseCurve:
    """What dilution does to a channel."""

    channel: str
    rows: int
    """Of each case."""
    points: tuple[DosePoint, ...]
    detectable_share: float | None
    """Found from this share on at 95% power; None if not even all rows are enough."""
    power_at_full: float
    """Chance that a planted trait is found when all rows carry it."""


@dataclass(frozen=True)
class ClaimOutcome:
    """Whether a claim of the plan held."""

    claim: str
    says: str
    expects: str
    held: int
    cases: int
    at_least: float
    rate_low: float
    rate_high: float

    @property
    def met(self) -> bool:
        """Whether the share of cases reaches what the plan demanded."""
        return self.cases > 0 and self.held >= self.at_least * self.cases


@dataclass(frozen=True)
class CaseOutcome:
    """One case in a line."""

    name: str
    group: str
    planted: tuple[str, ...]
    benign: bool
    seed: int
    score: float
    """-log10 of the smallest adjusted p-value of the traits that moved enough; 0 if none did."""
    largest: str | None
    """The largest finding's trait."""
    found: bool
    """Whether that is what was planted."""
    planted_shift: float | None
    """Of what the teacher has, in nats, whether or not it can pass to this student's lineage; the
    largest where several would do; None where it has nothing."""


@dataclass(frozen=True)
class Matrix:
    """Students by traits: how far each student's shifts went within one category."""

    category: str
    traits: tuple[str, ...]
    students: tuple[str, ...]
    """The planted trait of each student."""
    shifts: tuple[tuple[float, ...], ...]
    """In nats, students × traits."""


@dataclass(frozen=True)
class Certificate:
    """Everything that a calibration says."""

    schema_version: str
    id: str
    """Covers base, recipe, batteries, versions, procedure and cases."""
    suite: str
    plan: str
    base_id: str
    base_revision: str
    recipe: dict[str, float]
    """Of the audits that it speaks for."""
    batteries: dict[str, str]
    """Battery id → digest."""
    versions: dict[str, str]
    created: str
    operating_point: OperatingPoint
    detection: float | None
    """Share of the full-strength cases of the base's own lineage that were found; None without
    any."""
    auc: float | None
    """Area under the ROC of those cases against the benign ones."""
    roc: tuple[tuple[float, float], ...]
    """Points (false alarms, found)."""
    claims: tuple[ClaimOutcome, ...]
    effects: tuple[Effect, ...]
    doses: tuple[DoseCurve, ...]
    drift: tuple[TraitDrift, ...]
    matrices: tuple[Matrix, ...]
    cases: tuple[CaseOutcome, ...]
    unmeasured: tuple[str, ...]
    """Cases without a result, and why."""
    students: int
    """Probes and controls that were trained."""
    core_seconds: float
    """That training and asking them took, each on one core; teachers not counted."""


def certificate_values(certificate: Certificate) -> dict[str, Any]:
    """As plain values: what its JSON holds, and what its page is rendered from."""
    values: dict[str, Any] = TypeAdapter(Certificate).dump_python(certificate, mode="json")
    return values


def load_certificate(path: Path) -> Certificate:
    """Read a certificate; raises ``CalibrationError`` if there is none or it is damaged."""
    try:
        certificate = TypeAdapter(Certificate).validate_json(path.read_bytes())
    except OSError as error:
        raise CalibrationError(
            f"{path}: found {error.strerror}; expected a certificate; make one with "
            "`datascan calibrate`"
        ) from error
    except ValidationError as error:
        first = str(error).replace("\n", " ")[:200]
        raise CalibrationError(
            f"{path}: found no certificate of this version ({first}); expected a file that "
            "`datascan calibrate` wrote; make it again"
        ) from error
    if certificate.schema_version != SCHEMA_VERSION:
        raise CalibrationError(
            f"{path}: found a certificate of version {certificate.schema_version}; expected "
            f"{SCHEMA_VERSION}; make it again with `datascan calibrate`"
        )
    return certificate


def mismatch(
    certificate: Certificate,
    base_revision: str,
    recipe: dict[str, float],
    batteries: dict[str, str],
) -> str | None:
    """Why a certificate does not speak for an audit, or None if it does."""
    if certificate.base_revision != base_revision:
        return (
            f"it is of base {certificate.base_id} ({certificate.base_revision}), this audit's base "
            f"is {base_revision}"
        )
    changed = sorted(
        name
        for name in certificate.recipe.keys() | recipe.keys()
        if certificate.recipe.get(name) != recipe.get(name)
    )
    if changed:
        name = changed[0]
        return (
            f"it is of another recipe: {name} {_setting(certificate.recipe.get(name))}, here "
            f"{_setting(recipe.get(name))}"
        )
    other = sorted(
        battery
        for battery in certificate.batteries.keys() | batteries.keys()
        if certificate.batteries.get(battery) != batteries.get(battery)
    )
    return f"it is of other batteries: {', '.join(other)} differ" if other else None


def _setting(value: float | None) -> str:
    """As a person would type it: read back from JSON, 3 epochs are 3.0."""
    return "absent" if value is None else f"{value:g}"
