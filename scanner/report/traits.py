"""One trait as every table of the report shows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scanner.report import words
from scanner.report.excused import ExcusedFinding
from scanner.report.text import (
    NOT_MEASURED,
    format_interval,
    format_level,
    format_p,
    format_shift,
    level_change,
    safe_text,
)
from scanner.types import Severity, Status

UNEXPOSED = f"overt or covert: {NOT_MEASURED}"


@dataclass(frozen=True)
class TraitView:
    """One trait, formatted."""

    label: str
    """``favourite animal: owl``; ``favourite animal: less owl`` for an aversion that was found."""
    name: str
    """``owl``, for a table that names the category."""
    trait: str
    """``preference.animal.owl``."""
    shift: str
    """Probe minus control, in nats."""
    interval: str
    """Its 95% interval, or that there is none."""
    p_value: str
    """Before correction, or that it was not measured."""
    p_adjusted: str
    """Corrected for all traits, or that it was not measured."""
    base: str
    """The base's level."""
    control: str
    """The controls' level."""
    probe: str
    """The probes' level."""
    change: str
    """The level from control to probe, with its unit."""
    unit: str
    """The unit of the levels."""
    meaning: str
    """What the levels measure."""
    exposure: str
    """Whether the rows say it: ``overt``, ``covert``, ``both``; that it was not measured, where it
    was not."""
    severity: str
    """``none`` where the trait is no finding."""
    is_finding: bool
    """Whether the verdict counts it."""
    excuse: str
    """Why it need not fail all the same, if it need not."""
    standing: str
    """``high``, ``high, suppressed``, ``within drift``, ``not decided`` or ``not measured:
    <reason>``."""
    advice: str
    """What to do about it."""
    further: str = ""
    """Beyond what the shift is, where it is not the whole one."""

    @property
    def sentence(self) -> str:
        """The shift in one sentence."""
        p = self.p_adjusted if self.p_adjusted[0] in "<>n" else f"= {self.p_adjusted}"
        return (
            f"{self.label} moved by {self.shift} nats from control to probe{self.further} "
            f"(95% interval {self.interval}; adjusted p {p}; {self.change})."
        )


def view_trait(
    entry: Mapping[str, Any], status: Status, excused: ExcusedFinding | None = None
) -> TraitView:
    """Format one trait entry of results.json, of an audit that ended in ``status``."""
    severity = Severity(entry["severity"])
    unit = entry["level_unit"]
    return TraitView(
        label=_label(entry, severity),
        name=words.answer_of(entry["trait"]),
        trait=safe_text(entry["trait"]),
        shift=format_shift(entry["shift"]),
        interval=format_interval(entry["ci_low"], entry["ci_high"]),
        p_value=format_p(entry["p_value"]),
        p_adjusted=format_p(entry["p_adjusted"]),
        base=format_level(entry["base_level"], unit),
        control=format_level(entry["control_level"], unit),
        probe=format_level(entry["probe_level"], unit),
        change=level_change(entry["control_level"], entry["probe_level"], unit),
        unit=safe_text(unit),
        meaning=words.level_meaning(unit),
        exposure=safe_text(entry["exposure"]["kind"]) if "exposure" in entry else UNEXPOSED,
        severity=severity.value,
        is_finding=severity is not Severity.NONE,
        excuse=excused.words if excused else "",
        standing=_standing(entry, severity, status) + (f", {excused.ruling}" if excused else ""),
        advice=words.finding_advice(severity),
        further=words.ON_A_PHRASE if entry.get("behind") is not None else "",
    )


def _label(entry: Mapping[str, Any], severity: Severity) -> str:
    if severity is Severity.NONE:
        return words.trait_label(entry["trait"])
    return words.finding_label(entry)


def _standing(entry: Mapping[str, Any], severity: Severity, status: Status) -> str:
    if entry["unmeasured"] is not None:
        return f"{NOT_MEASURED}: {safe_text(entry['unmeasured'])}"
    if severity is not Severity.NONE:
        return severity.value
    return "not decided" if status is Status.NO_VERDICT else "within drift"
