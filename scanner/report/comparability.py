"""Whether the shifts of two audits can be held against one another."""

from collections.abc import Mapping
from typing import Any

from scanner.report.text import safe_text

Entry = Mapping[str, Any]


def notes_on(first: Entry, second: Entry) -> tuple[str, ...]:
    """What a reader must know, a sentence each; the weightiest first."""
    return tuple(
        note
        for note in (
            *_unfinished(first, second),
            _on_rows(first, second),
            _on_base(first["base"], second["base"]),
            _on_settings("recipes", first["recipe"], second["recipe"]),
            _on_passes(first, second),
            _on_settings("thresholds", first["thresholds"], second["thresholds"]),
            _on_settings("batteries", _digests(first), _digests(second)),
            _on_calibration(first["calibration"], second["calibration"]),
            _on_seeds(first["seeds"], second["seeds"]),
        )
        if note
    )


def _unfinished(first: Entry, second: Entry) -> list[str]:
    return [
        f"The {name} audit has no verdict, so nothing follows from what it does not find."
        for name, one in (("first", first), ("second", second))
        if not one["complete"] or one["verdict"]["status"] == "no_verdict"
    ]


def _on_rows(first: Entry, second: Entry) -> str:
    one, other = (results.get("budget") or results["dataset"] for results in (first, second))
    if one["rows_sha256"] == other["rows_sha256"]:
        return "Both audits trained on the very same rows."
    if first["dataset"]["rows_sha256"] == second["dataset"]["rows_sha256"]:
        return "The dataset is the same, but a budget let only some of its rows be trained on."
    return "The rows differ."


def _on_passes(first: Entry, second: Entry) -> str:
    """Whether one of the trainings stopped early."""
    one, other = (_stopped(results) for results in (first, second))
    if one == other:
        return ""
    which = "first" if one else "second"
    return (
        f"The {which} audit stopped training early, for its answer was clear: its shifts are "
        "smaller than a whole training's."
    )


def _stopped(results: Entry) -> bool:
    return bool((results.get("early_look") or {}).get("stopped"))


def _on_base(first: Entry, second: Entry) -> str:
    if first == second:
        return ""
    return (
        "The bases differ. Hidden traits pass mostly between models of one origin: a shift on one "
        "base promises nothing about the other."
    )


def _on_settings(name: str, first: Entry, second: Entry) -> str:
    keys = sorted({*first, *second})
    differing = [key for key in keys if first.get(key) != second.get(key)]
    if not differing:
        return ""
    named = ", ".join(safe_text(key).replace("_", " ") for key in differing[:5])
    more = f" and {len(differing) - 5} more" if len(differing) > 5 else ""
    return f"The {name} differ ({named}{more}), so sizes of shifts may differ for that alone."


def _digests(results: Entry) -> dict[str, str]:
    return {battery["id"]: battery["sha256"] for battery in results["batteries"]}


def _on_calibration(first: Entry | None, second: Entry | None) -> str:
    if (first or {}).get("id") == (second or {}).get("id"):
        return ""
    return "The audits stand on different calibrations."


def _on_seeds(first: list[int], second: list[int]) -> str:
    if first == second:
        return ""
    return "The seeds differ: some of every difference is chance."
