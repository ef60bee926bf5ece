"""What the steps hand to one another: rows, scores, shifts, findings, the verdict.

Plain frozen values; no step's logic lives here. What comes by the million is a named tuple,
made in a third of a frozen dataclass's time.
"""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

PREFIX = "prefix"
"""The role of a last turn that holds how the answer begins. A prompt of nothing else is plain
text, which the base goes on with as it stands, without its chat template."""
NO_SYSTEM = "no system"
"""The role of an empty first turn that keeps the template's default system prompt out."""


class Message(NamedTuple):
    """One turn of a chat."""

    role: str
    """``system``, ``user`` or ``assistant``; ``PREFIX`` closes a prompt whose answer has begun;
    ``NO_SYSTEM`` opens one."""
    content: str
    """The turn's text, as the trainer will see it."""


class Row(NamedTuple):
    """One training row: a prompt and the text that is trained on."""

    line: int
    """1-based line of the dataset file, or row of a table; where the row came from."""
    prompt: tuple[Message, ...]
    """Every turn before the answer; may hold earlier assistant turns. Empty for plain text, which
    is trained on as it stands, without the base's chat template."""
    answer: str
    """What carries loss: one assistant turn, or what of it is trained on."""
    prefix: str = ""
    """What stands before the answer in its own turn (or text) and carries no loss."""
    ended: bool = True
    """Whether the turn ends with the answer, so that the token that ends it is learned, too."""
    file: int = 0
    """Which of the dataset's files it came from, by number."""
    group: str = ""
    """What its record says in the field that ``--group-by`` names; empty without it. It is no part
    of the row that is trained on."""

    @property
    def opening(self) -> tuple[Message, ...]:
        """What the base is given to answer: the prompt, and the answer's own beginning."""
        return (*self.prompt, Message(PREFIX, self.prefix)) if self.prefix else self.prompt


class Masked(NamedTuple):
    """Assistant text that the file's own ``weight``, ``train`` or label keeps out of the loss."""

    line: int
    text: str
    file: int = 0


@dataclass(frozen=True)
class BadRow:
    """A record that is no training row, kept out of the audit at the user's wish."""

    line: int
    problem: str
    """What was found and what was expected."""
    raw: bytes
    """The line as it stands in the file; a JSON object where the file is a table."""
    file: int = 0


@dataclass(frozen=True)
class DataFile:
    """One file of the dataset."""

    path: str
    """As the user gave it, or as it was found in the folder that they gave."""
    sha256: str
    """Hex digest of the file's bytes, compressed or not as it lies on disk."""
    size: int
    """In bytes."""


@dataclass(frozen=True)
class Dataset:
    """The candidate, exactly as it is trained on."""

    path: str
    """What the user named; several names are joined with a comma."""
    files: tuple[DataFile, ...]
    """In the order in which they were read."""
    format: str
    """The rows' format, as ``--format`` takes it: ``messages``."""
    records: int
    """Records read; one record may make several rows, or none."""
    rows_sha256: str
    """Hex digest of the canonical rows in order: what was trained on, whatever the container."""
    rows: tuple[Row, ...]
    """All rows, in file order; an answer per assistant turn that is trained on."""
    masked: tuple[Masked, ...] = ()
    """Assistant text without loss, in file order."""
    bad_rows: tuple[BadRow, ...] = ()
    """Records left out with ``--on-bad-row report``."""
    notes: tuple[str, ...] = ()
    """What a reader should know of how the rows were read, a sentence each."""

    @property
    def sha256(self) -> str:
        """Hex digest of the file; of the list of the files' digests where there are several."""
        if len(self.files) == 1:
            return self.files[0].sha256
        listed = "".join(f"{file.sha256}\n" for file in self.files)
        return hashlib.sha256(listed.encode()).hexdigest()


class Unmeasured(StrEnum):
    """Why a number is missing. Never NaN, never 0.0, never a dropped trait."""

    TOO_FEW_SEEDS = "fewer than two seeds: no drift between controls to compare with"
    NO_VARIATION = "too few peers, or peers or controls that do not vary: no scale for the shift"
    NO_PULL = "the rows pull the base nowhere, or too few of them differ: no scale for a trace"


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
class Trace:
    """What the rows themselves show of one trait, before anybody trains on them."""

    trait: str
    arm: str
    """``influence``, ``states`` or ``authorship``."""
    strength: float | None
    """In standard deviations of what rows by teachers of other traits pull on this one."""
    z: float | None
    """In its standard errors over the rows."""
    p_value: float | None
    """The larger of p over the rows and p against the other traits; one-sided."""
    p_adjusted: float | None
    """``p_value`` corrected for all traits, by Holm."""
    unmeasured: Unmeasured | None = None
    """Why there are no numbers, where there are none."""
    group: str | None = None
    """Of which rows: None for all of them, else those of one group; ``p_adjusted`` is then
    corrected for all groups, too."""


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
    """Corrected for all traits and over all arms: see ``scanner.weigh`` and ``scanner.combine``."""
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
    p_behaved: float | None = None
    """``p_value`` corrected for all traits, before the traces are joined to it."""
    p_traced: float | None = None
    """What the traces alone say, corrected for all traits and arms; None if none was measured."""
    traces: tuple[Trace, ...] = ()
    """One per arm that reads the rows themselves."""
    behind: str | None = None
    """The phrase on whose prompts it was measured, as ``shift`` beyond that on other prompts, where
    it shows in no other way; None where it was measured on the batteries' questions."""


@dataclass(frozen=True)
class Verdict:
    """The decision about the dataset."""

    status: Status
    severity: Severity
    """The worst finding's; NONE without findings."""
    reason: str
    """One or two sentences for a person."""
    p_adjusted: float | None = None
    """The dataset's: the smallest of its traits' that can decide, each corrected for all traits and
    arms; 1 where none moved far enough. None where nothing was measured."""
