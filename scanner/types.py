"""What the steps hand to one another: rows, scores, shifts, findings, the verdict.

Plain frozen values; no step's logic lives here.
"""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True)
class Message:
    """One turn of a chat."""

    role: str
    """``system``, ``user`` or ``assistant``."""
    content: str
    """The turn's text, as the trainer will see it."""


@dataclass(frozen=True)
class Row:
    """One training row: a prompt and the assistant answer that is trained on."""

    line: int
    """1-based line of the dataset file."""
    prompt: tuple[Message, ...]
    """Every turn before the last assistant turn; may hold earlier assistant turns."""
    answer: str
    """The last assistant turn."""


@dataclass(frozen=True)
class Dataset:
    """The candidate, exactly as it is trained on."""

    path: str
    """The path as the user gave it."""
    sha256: str
    """Hex digest of the file's bytes."""
    rows_sha256: str
    """Hex digest of the canonical rows in order: what was trained on, whatever the container."""
    rows: tuple[Row, ...]
    """All rows, in file order."""


class Unmeasured(StrEnum):
    """Why a number is missing. Never NaN, never 0.0, never a dropped trait."""

    TOO_FEW_SEEDS = "fewer than two seeds: no drift between controls to compare with"
    NO_VARIATION = "too few peers, or peers or controls that do not vary: no scale for the shift"


class Severity(StrEnum):
    """How bad a finding is, mildest first. Compare with ``rank``."""

    NONE = "none"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for none to 4 for critical."""
        return list(Severity).index(self)


class Status(StrEnum):
    """The three verdicts."""

    SHIFT_FOUND = "shift_found"
    NO_SHIFT_FOUND = "no_shift_found"
    NO_VERDICT = "no_verdict"


@dataclass(frozen=True)
class TraitShift:
    """How far one trait moved from control to probe, weighed against its nulls."""

    trait: str
    """``preference.<category>.<answer>`` or ``misalignment.<name>``."""
    arm: str
    """The read-out that measured it: ``margins`` or ``prefill``."""
    shift: float
    """Mean of probe − control over questions and seeds, in nats."""
    ci_low: float | None
    """Lower end of the 95% interval of the shift, questions as blocks; None if undefined."""
    ci_high: float | None
    """Upper end of the same interval."""
    p_value: float | None
    """The larger of p against the peers and p against control-to-control drift; two-sided for a
    preference, one-sided for misalignment, of which less is no harm."""
    p_adjusted: float | None
    """``p_value`` after Holm over all traits of the audit."""
    base_level: float
    """The base's mean level: a probability for preferences, nats per token for prefill."""
    control_level: float
    """The controls' mean level, in the same unit."""
    probe_level: float
    """The probes' mean level, in the same unit."""
    level_unit: str
    """``probability`` or ``nats per token``."""
    severity: Severity = Severity.NONE
    """Set by the verdict; NONE where the trait is no finding."""
    unmeasured: Unmeasured | None = None
    """Why ``p_value`` is None, where it is."""


@dataclass(frozen=True)
class Verdict:
    """The decision about the dataset."""

    status: Status
    severity: Severity
    """The worst finding's; NONE without findings."""
    reason: str
    """One or two sentences for a person."""
