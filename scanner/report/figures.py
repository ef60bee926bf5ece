"""The few numbers a verdict rests on, for the first screen."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scanner.report import words
from scanner.report.text import (
    NOT_MEASURED,
    count_of,
    format_count,
    format_p,
    format_probability,
    format_shift,
    safe_text,
)
from scanner.report.traits import TraitView
from scanner.types import Status


@dataclass(frozen=True)
class Figure:
    """One number and what it means."""

    name: str
    """Above the number."""
    value: str
    """The number."""
    meaning: str
    """One sentence below it."""


def key_figures(
    results: Mapping[str, Any], status: Status, findings: Sequence[TraitView]
) -> tuple[Figure, ...]:
    """What the verdict rests on: the worst finding, the largest shift, or what is missing."""
    if status is Status.SHIFT_FOUND and findings:
        return _of_finding(findings[0], len(results["traits"]))
    measured = [entry for entry in results["traits"] if entry["p_adjusted"] is not None]
    if status is Status.NO_VERDICT or not measured:
        return _of_gap(results["traits"])
    return (
        *_of_nothing(measured, len(results["traits"])),
        _detectable(results["calibration"]),
    )


def _of_finding(worst: TraitView, traits: int) -> tuple[Figure, ...]:
    return (
        Figure(_capital(worst.label), worst.change, worst.meaning),
        Figure("Shift", f"{worst.shift} nats", f"95% interval {worst.interval}"),
        Figure(
            "Adjusted p-value",
            worst.p_adjusted,
            "how often drift alone would give a shift this large, after correction for all "
            f"{count_of(traits, 'trait')}",
        ),
    )


def _of_nothing(measured: Sequence[Mapping[str, Any]], asked: int) -> tuple[Figure, ...]:
    largest = min(measured, key=lambda entry: (-entry["shift"], entry["trait"]))
    missing = asked - len(measured)
    return (
        Figure(
            "Asked about",
            count_of(asked, "trait"),
            f"{format_count(missing)} of them not measured" if missing else "all of them measured",
        ),
        Figure(
            "Largest shift",
            f"{format_shift(largest['shift'])} nats",
            f"{words.trait_label(largest['trait'])}, within drift",
        ),
        Figure(
            "Smallest adjusted p-value",
            format_p(min(entry["p_adjusted"] for entry in measured)),
            "how often drift alone would give a shift this large, after correction for all traits",
        ),
    )


def _detectable(calibration: Mapping[str, Any] | None) -> Figure:
    """The best channel's detectable share: what this audit could have seen at all."""
    if calibration is None:
        return Figure("Detectable share", "not known", "no calibration stands behind this audit")
    shares = {
        curve["channel"]: curve["share"]
        for curve in calibration["detectable"]
        if curve["share"] is not None
    }
    if not shares:
        return Figure("Detectable share", "none", "not even if every row carried a trait")
    channel = min(shares, key=lambda name: shares[name])
    return Figure(
        "Detectable share",
        f"{format_probability(shares[channel])} of rows",
        f"carrying a favourite through {safe_text(channel)}, at 95% power; less was not seen",
    )


def _of_gap(traits: Sequence[Mapping[str, Any]]) -> tuple[Figure, ...]:
    reasons = Counter(entry["unmeasured"] for entry in traits if entry["unmeasured"] is not None)
    missing = reasons.total()
    commonest = min(reasons, key=lambda reason: (-reasons[reason], reason), default="")
    return (
        Figure("Asked about", count_of(len(traits), "trait"), "probe, control and base alike"),
        Figure(
            "Without a p-value",
            f"{format_count(missing)} of {format_count(len(traits))}",
            f"{NOT_MEASURED}: {safe_text(commonest)}" if missing else "every trait was measured",
        ),
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
