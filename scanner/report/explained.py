"""The findings explained, as reports say it: overt or covert, leads, leads put to the test."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scanner.report.text import (
    MINUS,
    NOT_MEASURED,
    count_of,
    format_count,
    format_interval,
    format_p,
    format_shift,
    left_out,
    listed,
    safe_text,
)
from scanner.report.traced import group_label
from scanner.report.words import finding_label, trait_label

Entry = Mapping[str, Any]
MOST_EXPLAINED = 10
"""Findings."""
MOST_LEADS = 10
"""Of one finding."""
LEADS = (
    "Leads, no proof: one row says little, so read them together, and test them with "
    "--verify-rows before you blame a row."
)


@dataclass(frozen=True)
class LeadRow:
    """One row that a finding may come from."""

    place: str
    """``line 1,204``, with the file where there are several."""
    score: str
    """In standard deviations."""
    text: str
    """Its answer, as much of it as may be shown; empty where none may."""


@dataclass(frozen=True)
class ExplainedFinding:
    """One finding."""

    label: str
    exposure: str
    """``covert: no row mentions it``, with the shift with and without the rows that do; empty
    where it was not looked at."""
    leads: tuple[LeadRow, ...]
    told_by: str
    """Whose scores these are; why there are no leads, where there are none."""

    grouped: str
    """``traced to X (360 rows); …``; empty where no group shows it by itself."""
    poisoned: str
    """``at least 35% of the rows carry it``; empty where it was not looked at."""
    estimated: bool
    """Whether ``poisoned`` gives a share; else it says why not."""

    @property
    def first_leads(self) -> str:
        """The places of the first few leads, in a line."""
        return "; ".join(lead.place for lead in self.leads[:5])


@dataclass(frozen=True)
class ExplainedView:
    """All findings."""

    findings: tuple[ExplainedFinding, ...]
    """The largest first."""
    verification: str
    """What became of the shift without the leads, or why that is not known; empty without
    findings."""
    left_out: str
    """How many findings are not shown; empty if all are."""


def view_explained(results: Entry) -> ExplainedView:
    """Put what explains the findings in words. Results of older versions hold nothing of it."""
    told = [one for one in results["findings"] if "exposure" in one or "leads" in one]
    files = results["dataset"]["files"]
    explanation = results.get("explanation")
    unasked = explanation["unverified"] if explanation else None
    return ExplainedView(
        findings=tuple(_finding(one, files, unasked) for one in told[:MOST_EXPLAINED]),
        verification=_verification(explanation) if told and explanation else "",
        left_out=left_out(len(told) - MOST_EXPLAINED, "finding"),
    )


def _finding(entry: Entry, files: Sequence[Entry], unasked: str | None) -> ExplainedFinding:
    leads = entry.get("leads", {"rows": [], "methods": [], "reason": NOT_MEASURED})
    return ExplainedFinding(
        label=finding_label(entry),
        exposure=_exposure(entry["exposure"], entry["shift"]) if "exposure" in entry else "",
        leads=tuple(_lead(one, files) for one in leads["rows"][:MOST_LEADS]),
        told_by=safe_text(leads["reason"] or " and ".join(leads["methods"])),
        grouped=_grouped(entry["in_groups"], unasked) if "in_groups" in entry else "",
        poisoned=_poisoned(entry["poisoned"]) if "poisoned" in entry else "",
        estimated="poisoned" in entry and entry["poisoned"]["share"] is not None,
    )


def _exposure(exposure: Entry, shift: float) -> str:
    """Both figures, and the word for them."""
    if not exposure["overt_rows"]:
        return f"{exposure['kind']}: no row mentions it, and it moved by {format_shift(shift)} nats"
    mentions = count_of(exposure["overt_rows"], "row")
    verb = "mentions" if exposure["overt_rows"] == 1 else "mention"
    head = f"{exposure['kind']}: {mentions} {verb} it; {format_shift(shift)} nats with all rows"
    without = exposure["shift_without_overt"]
    if without is None:
        return f"{head}, {NOT_MEASURED} without them: {safe_text(exposure['reason'])}"
    interval = format_interval(exposure["ci_low"], exposure["ci_high"])
    return (
        f"{head}, {format_shift(without)} (95% interval {interval}) on the "
        f"{count_of(exposure['rows_left'], 'row')} that mention no finding{_traces_left(exposure)}"
    )


def _traces_left(exposure: Entry) -> str:
    p = exposure.get("p_traced")
    return "" if p is None else f", whose traces have an adjusted p of {format_p(p)}"


def _grouped(found: Entry, unasked: str | None) -> str:
    """Which groups show it, what the others do, and what each teaches by itself, unless nobody
    asked for that, which is said once for all."""
    groups = found["groups"]
    named = [f"{group_label(one['name'])} ({count_of(one['rows'], 'row')})" for one in groups]
    if found["p_outside"] is None:
        outside = f"what the other rows show was {NOT_MEASURED}, they are too much alike"
    else:
        something = "nothing" if found["alone"] else "something"
        p = format_p(found["p_outside"])
        outside = f"the other rows show {something} of it (adjusted p {p})"
    asked = [group for group in groups if group["reason"] is None or group["reason"] != unasked]
    told = "; ".join((outside, *map(_trained_alone, asked)))
    return f"traced to {listed(named)}; {told}"


def _trained_alone(group: Entry) -> str:
    """What it teaches by itself."""
    if group["passes"] is None:
        reason = safe_text(group["reason"])
        return f"what {group_label(group['name'])} teaches alone was {NOT_MEASURED}: {reason}"
    passes = "one pass" if group["passes"] == 1 else f"{group['passes']} passes"
    interval = format_interval(group["ci_low"], group["ci_high"])
    return (
        f"{passes} over {group_label(group['name'])} alone moved the probes by "
        f"{format_shift(group['shift'])} nats (95% interval {interval}, adjusted p "
        f"{format_p(group['p_adjusted'])}), which decides nothing"
    )


def _poisoned(poisoned: Entry) -> str:
    """The share of the rows that carries a finding."""
    if poisoned["share"] is None:
        return f"how many rows carry it was {NOT_MEASURED}: {safe_text(poisoned['reason'])}"
    if poisoned["at_least"] == 1:
        return "as far as can be told, all rows carry it"
    return (
        f"at least {_percent(poisoned['at_least'])} of the rows carry it (best fit "
        f"{_percent(poisoned['share'])}; rows that look like the base's own count as its)"
    )


def _lead(entry: Entry, files: Sequence[Entry]) -> LeadRow:
    line = f"line {format_count(entry['line'])}"
    several = len(files) > 1 and entry["file"] < len(files)
    place = f"{safe_text(files[entry['file']]['path'])}, {line}" if several else line
    return LeadRow(place, format_shift(entry["score"]), safe_text(entry["text"]))


def _verification(explanation: Entry) -> str:
    verified = explanation["verification"]
    if verified is None:
        return f"The leads were not put to the test ({safe_text(explanation['unverified'])})."
    rows = count_of(verified["rows"], "row")
    return (
        f"Without the {rows} that lead, {_removed(verified['leads'])} of the shift of "
        f"{trait_label(verified['trait'])} is gone; without as many random rows, "
        f"{_removed(verified['random'])}. The leads took {_share(verified['gain'])} more."
    )


def _removed(dropped: Entry) -> str:
    return _share(dropped["removed"])


def _share(share: Entry | None) -> str:
    if share is None:
        return f"a share that was {NOT_MEASURED}"
    return f"{_percent(share['value'])} ({_percent(share['low'])} to {_percent(share['high'])})"


def _percent(share: float) -> str:
    """A share in percent; 0% only if exactly so."""
    if share != 0 and abs(share) < 0.005:
        return "under 1%" if share > 0 else f"above {MINUS}1%"
    return f"{share:.0%}".replace("-", MINUS)
