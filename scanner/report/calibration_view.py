"""A calibration as data: every word and number that its page shows, formatted, without HTML."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scanner.report.calibration_cases import (
    CaseGroup,
    LineageGroup,
    case_groups,
    growth_table,
    lineage_groups,
    lineage_table,
)
from scanner.report.calibration_matrix import HeatMap, draw_matrices
from scanner.report.calibration_plots import (
    DosePanel,
    RocPanel,
    draw_doses,
    draw_lineages,
    draw_roc,
)
from scanner.report.calibration_tables import (
    Table,
    claim_outcome,
    claims_table,
    doses_table,
    drift_table,
    effects_table,
    filters_table,
    format_rates,
    format_share,
    tally,
    traced_table,
)
from scanner.report.facts import Fact, moment_in_words
from scanner.report.figures import Figure
from scanner.report.forest import Forest
from scanner.report.text import (
    NOT_MEASURED,
    count_of,
    format_count,
    format_duration,
    format_probability,
    format_setting,
    safe_text,
    shorten,
)

Entry = Mapping[str, Any]
_NAME_LENGTH = 60


@dataclass(frozen=True)
class CalibrationView:
    """Everything that the page of a calibration shows."""

    base: str
    """The base's name, shortened."""
    created: str
    """When it ended."""
    sentence: str
    """What it found, in one sentence."""
    figures: tuple[Figure, ...]
    """The numbers that an audit stands on."""
    claims: Table
    """Claims and outcomes."""
    matrices: tuple[HeatMap, ...]
    """Students by traits."""
    doses: tuple[DosePanel, ...]
    """What dilution does."""
    doses_table: Table
    """The same in numbers."""
    filters: Table
    """What the filters threw away; no lines where nobody counted."""
    traced: Table
    """What the rows alone give away."""
    lineages_wide: Forest
    """Own and other lineage, for a desk."""
    lineages_narrow: Forest
    """The same for a phone."""
    lineages: Table
    """The same in counts."""
    strangers: str
    """What the students of another lineage did, in a sentence."""
    roc: tuple[RocPanel, ...]
    """Whole and enlarged."""
    auc: str
    """Area under the curve, in a sentence."""
    effects: Table
    """Per planted trait and channel."""
    growth: Table
    """What makes effects larger."""
    drift: Table
    """What moves by itself."""
    drift_summary: str
    """How much, in a few words."""
    groups: tuple[CaseGroup, ...]
    """All cases."""
    unmeasured: tuple[str, ...]
    """Cases without a result, and why."""
    plan: str
    """What was decided before looking."""
    ids: tuple[Fact, ...]
    """Which calibration of what."""
    recipe: tuple[Fact, ...]
    """Of the audits that it speaks for."""
    batteries: tuple[Fact, ...]
    """What was asked."""
    versions: tuple[Fact, ...]
    """What it was computed with."""


def build_calibration_view(certificate: Entry) -> CalibrationView:
    """Put a certificate, as ``json.loads`` gives it, in words."""
    point, cases, doses = (certificate[key] for key in ("operating_point", "cases", "doses"))
    lineages = lineage_groups(cases)
    wide, narrow = draw_lineages(lineages)
    false_alarms = point["alarms"] / point["checked_on"] if point["checked_on"] else None
    return CalibrationView(
        base=shorten(safe_text(certificate["base_id"]), _NAME_LENGTH),
        created=moment_in_words(certificate["created"]),
        sentence=_sentence(certificate),
        figures=_figures(certificate),
        claims=claims_table(certificate["claims"]),
        matrices=draw_matrices(certificate["matrices"]),
        doses=draw_doses(doses),
        doses_table=doses_table(doses, certificate["cases"]),
        filters=filters_table(certificate.get("filters", ())),
        traced=traced_table(certificate.get("traced")),
        lineages_wide=wide,
        lineages_narrow=narrow,
        lineages=lineage_table(lineages),
        strangers=_strangers(lineages),
        roc=draw_roc(certificate["roc"], false_alarms, certificate["detection"]),
        auc=_auc(certificate["auc"]),
        effects=effects_table(certificate["effects"]),
        growth=growth_table(cases),
        drift=drift_table(certificate["drift"]),
        drift_summary=f"{count_of(len(certificate['drift']), 'trait')}, the least steady first",
        groups=case_groups(cases),
        unmeasured=tuple(safe_text(line) for line in certificate["unmeasured"]),
        plan=safe_text(certificate["plan"].strip()),
        ids=_ids(certificate),
        recipe=_facts(certificate["recipe"]),
        batteries=_facts(certificate["batteries"], code=True),
        versions=_facts(certificate["versions"]),
    )


def _sentence(certificate: Entry) -> str:
    point, audits = certificate["operating_point"], len(certificate["cases"])
    found = f"it found {_detection(certificate)} of the planted traits at full strength"
    if certificate["auc"] is None:
        found = "how many planted traits it finds was not measured"
    alarms = count_of(point["alarms"], "false alarm")
    return (
        f"Tried on {count_of(audits, 'dataset')} whose truth is known, {found} and raised "
        f"{alarms} on {count_of(point['checked_on'], 'benign dataset')}."
    )


def _figures(certificate: Entry) -> tuple[Figure, ...]:
    point, claims = certificate["operating_point"], certificate["claims"]
    met = sum(claim_outcome(claim) == "met" for claim in claims)
    checked = point["checked_on"]
    interval = format_rates(point["rate_low"], point["rate_high"])
    return (
        Figure(
            "Found at full strength",
            _detection(certificate),
            "of the cases that a claim is about and whose every row a teacher of the base's own "
            "lineage wrote",
        ),
        Figure(
            "False alarms",
            tally(point["alarms"], checked) if checked else NOT_MEASURED,
            f"95% interval {interval}; aimed at {format_share(point['wanted_rate'])}",
        ),
        Figure(
            "Threshold",
            f"p ≤ {point['threshold']:.2g}",
            "adjusted p-value at which a shift becomes a finding, held to "
            f"what {count_of(point['decided_on'], 'other benign dataset')} bear",
        ),
        Figure("Claims met", tally(met, len(claims)), _claims_summary(claims)),
    )


def _detection(certificate: Entry) -> str:
    measured = certificate["auc"] is not None
    return format_probability(certificate["detection"]) if measured else NOT_MEASURED


def _claims_summary(claims: Sequence[Entry]) -> str:
    if not claims:
        return "the plan makes no claim"
    parts = []
    for outcome in ("not met", "not tested"):
        names = [safe_text(one["claim"]) for one in claims if claim_outcome(one) == outcome]
        if names:
            parts.append(f"{outcome}: {', '.join(names).replace('_', ' ')}")
    return "; ".join(parts) or "every claim of the plan"


def _strangers(groups: Sequence[LineageGroup]) -> str:
    others = [case for group in groups if not group.own for case in group.cases]
    if not others:
        return "No case of this calibration has a teacher of another lineage."
    quiet = sum(case["largest"] is None for case in others)
    words = f"{tally(quiet, len(others))} students of another lineage show no finding."
    if any(group.shifts for group in groups if not group.own):
        return words
    return f"{words} The shifts of their teachers' traits were not recorded, so they have no dots."


def _auc(auc: float | None) -> str:
    if auc is None:
        return "Not measured: the curve needs planted and benign cases alike."
    return (
        f"The area under the curve (AUC) is {format_probability(auc)}: how often a planted case "
        "scores above a benign one."
    )


def _ids(certificate: Entry) -> tuple[Fact, ...]:
    return (
        Fact("Calibration", safe_text(certificate["id"]), code=True),
        Fact("Suite", safe_text(certificate["suite"])),
        Fact("Base", safe_text(certificate["base_id"])),
        Fact("Revision of the base", safe_text(certificate["base_revision"]), code=True),
        Fact("Schema version", safe_text(certificate["schema_version"])),
        Fact("Made", moment_in_words(certificate["created"])),
        Fact("Pairs of probe and control per audit", format_count(certificate["pairs"])),
        Fact("Probes and controls trained", format_count(certificate["students"])),
        Fact("Time on one core", format_duration(certificate["core_seconds"])),
    )


def _facts(values: Mapping[str, Any], code: bool = False) -> tuple[Fact, ...]:
    return tuple(
        Fact(safe_text(name).replace("_", " "), format_setting(values[name]), code)
        for name in sorted(values)
    )
