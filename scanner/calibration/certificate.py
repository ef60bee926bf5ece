"""The certificate: what calibration found out about the instrument, as plain values."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from scanner.config import Recipe
from scanner.errors import CalibrationError

SCHEMA_VERSION = "1.0"
SHIPPED = Path(__file__).with_name("certificates")
"""Certificates of the reference bases."""
FILE = "certificate.json"

# A certificate is a file that somebody may have edited, and it decides verdicts: on loading, its
# numbers are held to their ranges.
Number = Annotated[float, Field(allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Rate = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Threshold = Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0)]


@dataclass(frozen=True)
class OperatingPoint:
    """Where a shift becomes a finding."""

    threshold: Threshold
    """A trait is a finding at or below this adjusted p-value."""
    wanted_rate: Rate
    """Of benign datasets that raise an alarm."""
    decided_on: Count
    """Benign audits that the threshold was read off."""
    checked_on: Count
    """Other benign audits, on which its alarms were counted."""
    alarms: Count
    """Among ``checked_on``."""
    rate_low: Rate
    rate_high: Rate
    """Clopper and Pearson's 95% interval of the false-alarm rate."""


@dataclass(frozen=True)
class TraitDrift:
    """How far a trait moves although nobody planted anything, in nats."""

    trait: str
    audits: Count
    mean: Number
    deviation: NotNegative
    """Standard deviation over benign audits (ddof=1)."""
    lowest: Number
    highest: Number


@dataclass(frozen=True)
class Effect:
    """What a planted trait did at full strength."""

    trait: str
    channel: str
    cases: Count
    shift: Number
    """Mean over the cases, in nats."""
    ci_low: Number | None
    ci_high: Number | None
    """Student's 95% interval over the cases; None for one case."""
    first: Count
    """Cases in which it is the largest shift of its category."""
    found: Count
    """Cases in which it is the largest finding."""
    diluted: bool
    """Whether it was also planted in a part of the rows, in this channel."""
    detectable_share: Rate | None
    """A further audit finds it from this share on at 95% power; None if not even all rows are
    enough, or if it was not diluted."""
    unmeasured: str | None
    """Why that is not known, where it was diluted and that is so."""


@dataclass(frozen=True)
class DosePoint:
    """One poisoned share of a channel."""

    share: Rate
    cases: Count
    found: Count
    shift: Number
    """How far the planted traits moved, whichever way, mean in nats."""
    ci_low: Number | None
    ci_high: Number | None
    evidence: Number
    """Of the planted traits, mean in standard normal units."""


@dataclass(frozen=True)
class DoseCurve:
    """What dilution does to a channel."""

    channel: str
    rows: Count
    """Of each case."""
    points: tuple[DosePoint, ...]
    detectable_share: Rate | None
    """A further trait is found from this share on at 95% power; None if not even all rows are
    enough."""
    power_at_full: Rate | None
    """Chance that a further planted trait is found when all rows carry it."""
    unmeasured: str | None
    """Why neither is known, where that is so."""


@dataclass(frozen=True)
class ClaimOutcome:
    """Whether a claim of the plan held."""

    claim: str
    says: str
    expects: str
    held: Count
    cases: Count
    at_least: Rate
    rate_low: Rate
    rate_high: Rate
    """Clopper and Pearson's 95% interval of the share that held."""
    judged_by: str
    """``share`` or ``interval``: which of them had to reach ``at_least``."""
    met: bool | None
    """Whether it did; None without cases."""


@dataclass(frozen=True)
class CaseOutcome:
    """One case in a line."""

    name: str
    group: str
    planted: tuple[str, ...]
    benign: bool
    seed: int
    score: Number
    """-log10 of the smallest adjusted p-value of the traits that moved enough; where that is cut at
    1, of the number of traits times their smallest p-value, and so at most 0."""
    largest: str | None
    """The largest finding's trait."""
    found: bool
    """Whether that is what was planted."""
    planted_shift: Number | None
    """Of what the teacher has, in nats, whether or not it can pass to this student's lineage; the
    largest finding or the farthest where several would do; None where it has nothing."""


@dataclass(frozen=True)
class Matrix:
    """Students by traits: how far each student's shifts went within one category."""

    category: str
    traits: tuple[str, ...]
    students: tuple[str, ...]
    """The planted trait of each student."""
    shifts: tuple[tuple[Number, ...], ...]
    """In nats, students × traits."""


@dataclass(frozen=True)
class TracedPoint:
    """What the traces alone found of one channel's cases at one poisoned share."""

    channel: str
    rows: Count
    """Of each case."""
    share: Rate
    cases: Count
    found: Count
    """Cases whose clearest trace, beyond the threshold, is what was planted."""


@dataclass(frozen=True)
class TracedPower:
    """What an audit sees that reads the rows and trains no probe."""

    alarms: Count
    """Of ``checked_on`` benign cases, none of which decided the threshold."""
    checked_on: Count
    rate_low: Rate
    rate_high: Rate
    """Clopper and Pearson's 95% interval of the false-alarm rate."""
    points: tuple[TracedPoint, ...]


@dataclass(frozen=True)
class FilterCount:
    """What a channel's filter threw away of the teachers' answers."""

    channel: str
    asked: Count
    """Requests answered, over all teachers; answers to one request that several cases share count
    once."""
    rejected: dict[str, Count]
    """Answers thrown away, by the first rule that they break."""


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
    recipe: dict[str, Number]
    """Of the audits that it speaks for."""
    pairs: Annotated[int, Field(ge=1)]
    """Of probe and control, in each of those audits."""
    batteries: dict[str, str]
    """Battery id → digest."""
    versions: dict[str, str]
    created: str
    operating_point: OperatingPoint
    detection: Rate | None
    """Share found of the full-strength cases of the base's own lineage, in the groups that a claim
    says are found; None without any."""
    auc: Rate | None
    """Area under the ROC of those cases against the benign ones."""
    roc: tuple[tuple[Rate, Rate], ...]
    """Points (false alarms, found)."""
    claims: tuple[ClaimOutcome, ...]
    effects: tuple[Effect, ...]
    doses: tuple[DoseCurve, ...]
    drift: tuple[TraitDrift, ...]
    matrices: tuple[Matrix, ...]
    cases: tuple[CaseOutcome, ...]
    unmeasured: tuple[str, ...]
    """Cases without a result, and why."""
    students: Count
    """Probes and controls that were trained."""
    core_seconds: NotNegative
    """That twins, traces, training and asking took, each on one core; teachers not counted."""
    arms: tuple[str, ...] = ()
    """Arms that read the rows themselves and were part of every case: audits that stand on this
    certificate let them decide, too."""
    traced: TracedPower | None = None
    """What the traces find by themselves; None where there are none."""
    filters: tuple[FilterCount, ...] = ()
    """By channel; none where nobody counted."""


def certified_recipe(path: Path) -> Recipe:
    """The recipe of the audits that a certificate speaks for.

    Raises ``CalibrationError`` as ``load_certificate``, and where a recipe is another version's.
    """
    certificate = load_certificate(path)
    usual = Recipe().as_dict()
    if certificate.recipe.keys() != usual.keys():
        raise CalibrationError(
            f"{path}: found a recipe of {', '.join(certificate.recipe) or 'nothing'}; "
            f"expected {', '.join(usual)}; make the certificate again with this version"
        )
    # Read back from JSON, 3 epochs are 3.0.
    values = {name: type(usual[name])(value) for name, value in certificate.recipe.items()}
    return Recipe(**values)  # type: ignore[arg-type]


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
        # Not the whole message: it shows what the file holds.
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise CalibrationError(
            f"{path}: found no certificate of this version ({where}: {first['type']}); expected a "
            "file that `datascan calibrate` wrote; make it again"
        ) from error
    if certificate.schema_version != SCHEMA_VERSION:
        raise CalibrationError(
            f"{path}: found a certificate of version {certificate.schema_version}; expected "
            f"{SCHEMA_VERSION}; make it again with `datascan calibrate`"
        )
    return certificate
