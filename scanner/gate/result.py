"""What the gate reads of a results file, typed: somebody may have edited it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import AwareDatetime, Field, StrictBool, TypeAdapter, ValidationError

from scanner.config import ReadOptions
from scanner.errors import GateError
from scanner.report.results import as_measured, read_results, render_json
from scanner.report.text import safe_text, shorten
from scanner.types import Severity, Verdict

Number = Annotated[float, Field(allow_inf_nan=False)]
Rate = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0)]
EXPECTED = "the results of a datascan audit"
SCREEN = "screen."
"""Before the rule of the text screen, in a finding's id."""
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


@dataclass(frozen=True)
class AuditedFile:
    """One file of the dataset."""

    path: str
    sha256: Sha256


@dataclass(frozen=True)
class AuditedData:
    """The dataset that was audited."""

    files: Annotated[tuple[AuditedFile, ...], Field(min_length=1)]
    """In the order in which they were read."""
    reading: ReadOptions
    """How the user said that they are to be read."""
    rows_sha256: Sha256
    rows: Count

    @property
    def file_digests(self) -> tuple[str, ...]:
        """The digests of its files, in order."""
        return tuple(file.sha256 for file in self.files)


@dataclass(frozen=True)
class EarlyLook:
    """What the first pass over the rows showed, where training may stop after it."""

    stopped: bool


@dataclass(frozen=True)
class AuditedPart:
    """The rows that were drawn to fit a budget."""

    rows: Count
    of: Count


@dataclass(frozen=True)
class AuditedBase:
    """The base that was trained on it."""

    id: str
    revision: str


@dataclass(frozen=True)
class Tool:
    """What made the result."""

    name: str
    version: str


@dataclass(frozen=True)
class TwinFacts:
    """The twin, as far as the gate asks."""

    rows: Count
    broken: Count
    format: str


@dataclass(frozen=True)
class WeighedTrait:
    """One trait that was asked about."""

    trait: str
    shift: Number
    p_value: Rate | None
    p_adjusted: Rate | None
    severity: Severity
    p_traced: Rate | None = None
    """Of the traces in the rows alone; results of before there were traces have none."""


@dataclass(frozen=True)
class TextFinding:
    """What the text screen found by one rule."""

    rule: str
    severity: Severity


@dataclass(frozen=True)
class TextScreen:
    """What the text screen found, as far as the gate asks."""

    findings: tuple[TextFinding, ...]


@dataclass(frozen=True)
class DecidedBy:
    """The thresholds of the verdict."""

    error_rate: Rate
    least_shift: Number
    least_updates: Count
    most_broken: Rate


@dataclass(frozen=True)
class AskedBattery:
    """A battery that was asked."""

    id: str
    traits: Count


@dataclass(frozen=True)
class SeenChannel:
    """What the certificate says of one channel."""

    channel: str
    rows: Count
    """Of the datasets that it was measured on."""
    share: Rate | None
    """Detectable share; None if not even all rows are enough, or if it is not known."""


@dataclass(frozen=True)
class CertificateFacts:
    """The certificate behind the result, as far as the gate asks."""

    id: str
    threshold: Rate
    detectable: tuple[SeenChannel, ...]


@dataclass(frozen=True)
class Finding:
    """What an audit found, in its verdict or in the text screen."""

    id: str
    """The trait, or ``screen.`` and the rule."""
    severity: Severity
    shift: float | None
    """In nats; None for what the screen found."""


@dataclass(frozen=True)
class AuditResult:
    """One audit, as far as the gate asks."""

    tool: Tool
    complete: StrictBool
    created: AwareDatetime
    verdict: Verdict
    dataset: AuditedData
    base: AuditedBase
    twin: TwinFacts
    findings: tuple[WeighedTrait, ...]
    traits: tuple[WeighedTrait, ...]
    thresholds: DecidedBy
    batteries: tuple[AskedBattery, ...]
    calibration: CertificateFacts | None
    screen: TextScreen
    seeds: tuple[int, ...] = ()
    budget: AuditedPart | None = None
    """None where all rows were audited, as without ``--budget``."""
    early_look: EarlyLook | None = None
    """None without ``--stop-early``."""

    @property
    def audited_rows(self) -> int:
        """Rows that probes were trained on."""
        return self.dataset.rows if self.budget is None else self.budget.rows

    @property
    def all_findings(self) -> tuple[Finding, ...]:
        """Traits beyond drift, largest shift first, then what the text screen found."""
        traits = [Finding(one.trait, one.severity, one.shift) for one in self.findings]
        screened = [Finding(SCREEN + one.rule, one.severity, None) for one in self.screen.findings]
        return (*traits, *screened)


@dataclass(frozen=True)
class ResultFile:
    """A results file and its content."""

    path: Path
    values: Mapping[str, Any]
    """All of it, as plain values."""
    result: AuditResult
    """What the gate reads of it."""

    @property
    def sha256(self) -> str:
        """Hex digest of what was measured, as results.json writes it: what a signature covers."""
        return hashlib.sha256(render_json(as_measured(self.values)).encode()).hexdigest()


def result_of(results: Mapping[str, Any], name: str = "the results") -> AuditResult:
    """The typed part of results.json's values. Raises GateError."""
    try:
        return _reader().validate_python(results)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(step) for step in first["loc"])
        given = shorten(safe_text(repr(first["input"])), 60)
        raise GateError(
            f"{name}: found {given} as {safe_text(where)} ({first['msg']}); expected "
            f"{EXPECTED}; take the file that the audit wrote"
        ) from None


@cache
def _reader() -> TypeAdapter[AuditResult]:
    """Made once: that takes longer than reading a result."""
    return TypeAdapter(AuditResult)


def read_result(path: Path) -> ResultFile:
    """A results file. Raises DatascanError if it is none, or is damaged."""
    if path.exists() and not path.is_file():  # a pipe would keep the gate waiting
        raise GateError(f"{path}: found no regular file; expected {EXPECTED}; name a file")
    values = read_results(path)
    return ResultFile(path, values, result_of(values, str(path)))
