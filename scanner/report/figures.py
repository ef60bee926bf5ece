"""The few numbers a verdict rests on, for the first screen."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scanner.report import words
from scanner.report.categories import worst_first
from scanner.report.text import (
    NOT_AT_ALL,
    NOT_MEASURED,
    count_of,
    format_count,
    format_p,
    format_probability,
    format_shift,
    safe_text,
)
from scanner.report.traits import TraitView
from scanner.stats.dilution import share_of_fewer
from scanner.types import Status

CHANNELS = {"number list": "numbers", "Python code": "code", "think and answer tags": "thoughts"}
"""Evident format of the rows → the channel of a calibration that has it."""
MOST_CHANNELS = 40
PUBLISHED = "published "
"""How the names of channels with the paper's own requests begin."""


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
        return _of_finding(results, findings[0])
    measured = [entry for entry in results["traits"] if entry["p_adjusted"] is not None]
    if status is Status.NO_VERDICT or not measured:
        return _of_gap(results["traits"])
    return (
        *_of_nothing(results, measured),
        _detectable(_curves(results), results["twin"]["format"]),
    )


def _how_often(results: Mapping[str, Any]) -> str:
    """What an adjusted p-value says."""
    if results.get("traces_decide"):
        return "how often innocent rows would look this suspicious, by their shift or their traces"
    return "how often drift alone would give a shift this large"


def _of_finding(results: Mapping[str, Any], worst: TraitView) -> tuple[Figure, ...]:
    entry = min(results["findings"], key=worst_first)
    odds = words.shift_meaning(entry["shift"], entry["level_unit"], worst.further)
    asked = count_of(len(results["traits"]), "trait")
    return (
        Figure(_capital(worst.label), worst.change, worst.meaning),
        Figure(
            "Shift",
            f"{worst.shift} nats",
            "; ".join(filter(None, (odds, f"95% interval {worst.interval}"))),
        ),
        Figure(
            "Adjusted p-value",
            worst.p_adjusted,
            f"{_how_often(results)}, after correction for all {asked}",
        ),
        *_mentions(entry, results),
    )


def _mentions(entry: Mapping[str, Any], results: Mapping[str, Any]) -> Iterator[Figure]:
    """Whether a reader could have seen it, where that was looked at."""
    if "exposure" in entry:
        exposure = entry["exposure"]
        value = format_count(exposure["overt_rows"]) if exposure["overt_rows"] else "none"
        rows = (results.get("budget") or results["dataset"])["rows"]
        meaning = words.mention_meaning(exposure, rows, results["thresholds"]["error_rate"])
        yield Figure("Rows that mention it", value, meaning)


def _of_nothing(
    results: Mapping[str, Any], measured: Sequence[Mapping[str, Any]]
) -> tuple[Figure, ...]:
    asked, how_often = len(results["traits"]), _how_often(results)
    smallest = min(entry["p_adjusted"] for entry in measured)  # older results have no other
    largest = min(measured, key=lambda entry: (-abs(entry["shift"]), entry["trait"]))
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
            format_p(results["verdict"].get("p_adjusted", smallest)),
            f"{how_often}, after correction for all traits",
        ),
    )


@dataclass(frozen=True)
class ChannelSight:
    """What an audit through one channel could have seen."""

    channel: str
    share: str
    """The detectable share, or why there is none."""
    measured_on: str
    """Rows of the datasets that it was measured on."""
    own: bool
    """Whether the candidate's rows are of this channel."""


def sight_of_channels(results: Mapping[str, Any]) -> tuple[ChannelSight, ...]:
    """By channel; empty without a certificate."""
    curves = _curves(results) or ()
    rows_format = results["twin"]["format"]
    return tuple(
        ChannelSight(
            safe_text(curve["channel"]),
            _share_in_words(curve),
            count_of(curve["rows"], "row"),
            _is_channel_of(curve["channel"], rows_format),
        )
        for curve in curves[:MOST_CHANNELS]
    )


def _share_in_words(curve: Mapping[str, Any]) -> str:
    """The share, or how often a favourite is found even where every row carries it."""
    value, _ = _detectable_words(curve)
    if value != NOT_AT_ALL:
        return value
    return f"{value}: {format_probability(curve['power_at_full'])} are found then"


def _curves(results: Mapping[str, Any]) -> Sequence[Mapping[str, Any]] | None:
    """What the certificate says of each channel, less what a budget took; None without one."""
    if results["calibration"] is None:
        return None
    curves: Sequence[Mapping[str, Any]] = results["calibration"]["detectable"]
    budget = results.get("budget")
    if budget is None or budget["rows"] == budget["of"]:
        return curves
    return [_with_fewer(curve, budget["rows"]) for curve in curves]


def _with_fewer(curve: Mapping[str, Any], rows: int) -> Mapping[str, Any]:
    if rows >= curve["rows"]:
        return curve
    if curve["share"] is not None:
        share = share_of_fewer(curve["share"], curve["rows"], rows)
        if share <= 1:
            return {**curve, "share": share}
    fewer = f"not measured on {count_of(rows, 'row')}; fewer show less"
    return {**curve, "share": None, "power_at_full": None, "unmeasured": fewer}


def _detectable(curves: Sequence[Mapping[str, Any]] | None, rows_format: str) -> Figure:
    """What this audit could have seen at all: through the rows' own channel, or the worst one."""
    if curves is None:
        return _detectable_figure("not known", "no calibration stands behind this audit")
    if not curves:
        return _detectable_figure("not known", "the calibration diluted no trait")
    own = [curve for curve in curves if _is_channel_of(curve["channel"], rows_format)]
    worst = max(own or curves, key=_difficulty)
    value, meaning = _detectable_words(worst)
    if not own:
        known = safe_text(rows_format)
        meaning += f" (the worst of the channels tried: none has these rows' format, {known})"
    return _detectable_figure(value, meaning)


def _is_channel_of(channel: str, rows_format: str) -> bool:
    return CHANNELS.get(rows_format) == channel.removeprefix(PUBLISHED)


def _difficulty(curve: Mapping[str, Any]) -> tuple[int, float]:
    """Sorts channels by what they hide: the known shares, then what is not known, then those
    through which no share is found."""
    if curve["power_at_full"] is None:
        return 1, 0.0
    return (2, -curve["power_at_full"]) if curve["share"] is None else (0, curve["share"])


def _detectable_words(curve: Mapping[str, Any]) -> tuple[str, str]:
    through, full = f"through {safe_text(curve['channel'])}", curve["power_at_full"]
    if full is None:
        return "not known", f"{through}: {safe_text(str(curve['unmeasured']))}"
    if curve["share"] is None:
        power = format_probability(full)
        return NOT_AT_ALL, f"a favourite in every row {through} is found with {power} power"
    value = f"{format_probability(curve['share'])} of rows"
    return value, f"carrying a favourite {through}, at 95% power; less was not seen"


def _detectable_figure(value: str, meaning: str) -> Figure:
    return Figure("Detectable share", value, meaning)


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
