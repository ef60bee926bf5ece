"""The results of an audit as the plain values that ``results.json`` holds."""

import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from probes.battery import Battery
from scanner.answer_formats import evident_format
from scanner.ask import Context
from scanner.bases import Base
from scanner.budget.sample import Sample, sampled
from scanner.calibration.certificate import Certificate
from scanner.calibration.standing import Standing
from scanner.combine import LEAST_SHIFT, TracedGroup
from scanner.config import AuditSettings
from scanner.dataset.groups import groups_of
from scanner.dataset.screen.findings import Screened
from scanner.early import Look
from scanner.engines.service import EngineFacts
from scanner.evidence.look import Looked
from scanner.evidence.pulled_words import WeighedWords
from scanner.explain.explanation import Explanation
from scanner.moved import MovedQuestion
from scanner.triggered import AskedPhrase
from scanner.twin import Twin, TwinPlan
from scanner.types import Dataset, Masked, Severity, TraitShift
from scanner.verdict import MOST_BROKEN, Decision, Standard

SCHEMA_VERSION = "1.0"
COSTS = ("rows", "overt", "groups", "verify")
"""The stages that explaining takes, as the timings name them."""
MOST_EVIDENCED = 100
"""Findings whose questions and leading rows are written."""
PACKAGES = (
    "datascan-audit",
    "numpy",
    "peft",
    "safetensors",
    "scipy",
    "tokenizers",
    "torch",
    "transformers",
)


@dataclass(frozen=True)
class TwinSummary:
    """The twin in a few numbers."""

    temperature: float
    """At which it was drawn; 0 is greedy."""
    rows: int
    """Answers drawn, over all seeds."""
    redrawn: int
    """Draws thrown away because they broke the candidate's evident format."""
    broken: int
    """Answers kept although they break it: the base could not do better in several draws."""
    format: str
    """That format, in words."""

    @classmethod
    def of(cls, plan: TwinPlan, twins: Sequence[Twin], candidate: Dataset) -> "TwinSummary":
        """Sum up the twins of all seeds."""
        return cls(
            temperature=plan.temperature,
            rows=sum(len(twin.answers) for twin in twins),
            redrawn=sum(twin.redrawn for twin in twins),
            broken=sum(twin.broken for twin in twins),
            format=evident_format([row.answer for row in candidate.rows]).name,
        )


@dataclass(frozen=True)
class EngineUsed:
    """What answered, and why it."""

    facts: EngineFacts
    reason: str


@dataclass(frozen=True)
class Audited:
    """Everything the results are made of."""

    settings: AuditSettings
    candidate: Dataset
    """All of it; what was trained on is ``sample``, where there was a budget."""
    sample: Sample | None
    masked_tokens: int
    """Tokens of its text without loss."""
    base: Base
    engine: EngineUsed
    early: Look | None
    """What the first pass showed, where training may stop after it."""
    batteries: tuple[Battery, ...]
    screened: Screened
    contexts: tuple[Context, ...]
    twin: TwinSummary
    standing: Standing
    standard: Standard
    decision: Decision
    explanation: Explanation
    moved: Mapping[str, Sequence[MovedQuestion]]
    """The questions that moved most, by finding."""
    groups: tuple[TracedGroup, ...]
    """The clearest first; none where all rows are of one."""
    words: WeighedWords
    looked: Looked
    phrases: tuple[AskedPhrase, ...]
    timings_s: Mapping[str, float]


def as_results(audited: Audited) -> dict[str, object]:
    """The results file's content."""
    candidate, decision = audited.candidate, audited.decision
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "datascan-audit", "version": version("datascan-audit")},
        "complete": True,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "verdict": {**asdict(decision.verdict)},
        "dataset": {
            "path": candidate.path,
            "sha256": candidate.sha256,
            "files": [asdict(file) for file in candidate.files],
            "reading": asdict(audited.settings.reading),
            "format": candidate.format,
            "records": candidate.records,
            "rows_sha256": candidate.rows_sha256,
            "rows": len(candidate.rows),
            "masked": _masked(candidate.masked, audited.masked_tokens),
            "bad_rows": len(candidate.bad_rows),
            "notes": list(candidate.notes),
        },
        **({} if audited.sample is None else {"budget": asdict(audited.sample)}),
        **({} if audited.early is None else {"early_look": asdict(audited.early)}),
        "screen": asdict(audited.screened),
        "base": _base(audited.base),
        "engine": {**asdict(audited.engine.facts), "reason": audited.engine.reason},
        "twin": asdict(audited.twin),
        "findings": lightened(
            [
                {
                    **_finding(trait, audited.moved[trait.trait]),
                    **_explained(trait.trait, audited.explanation),
                }
                for trait in decision.findings
            ]
        ),
        "traits": [_entry(trait) for trait in decision.traits],
        "explanation": _explanation(audited),
        "pulled_words": pulled_words(audited.words),
        "discovery": asdict(audited.looked.discovery),
        "activation": asdict(audited.looked.activation),
        "phrases": [_phrase(one) for one in audited.phrases],
        "recipe": audited.settings.recipe.as_dict(),
        "seeds": list(audited.settings.seeds),
        "contexts": [context.name for context in audited.contexts],
        "thresholds": {
            "error_rate": audited.standard.error_rate,
            "least_shift": LEAST_SHIFT,
            "least_updates": audited.settings.recipe.least_updates,
            "most_broken": MOST_BROKEN,
        },
        "batteries": [_battery(battery) for battery in audited.batteries],
        "versions": versions(),
        "timings_s": dict(audited.timings_s),
        "calibration": _calibration(audited.standing.certificate),
        "calibration_note": audited.standard.sight,
        "traces_decide": audited.standing.traces_decide,
        "groups": _groups(audited),
    }


def pulled_words(weighed: WeighedWords) -> dict[str, object]:
    """Which word the rows pull towards, or why nobody knows."""
    found = None if weighed.found is None else asdict(weighed.found)
    return {"found": found, "unmeasured": weighed.unmeasured}


def versions() -> dict[str, str]:
    """Python, and every package that the numbers depend on."""
    installed = {package: version(package) for package in PACKAGES}
    return {"python": platform.python_version(), **installed}


def _base(base: Base) -> dict[str, object]:
    return {
        "id": base.id,
        "revision": base.revision,
        "repository": base.repository,
        "commit": base.commit,
        "lineage": base.lineage,
        "licence": base.licence,
        "notes": list(base.notes),
    }


def _masked(masked: Sequence[Masked], tokens: int) -> dict[str, int]:
    characters = sum(len(one.text) for one in masked)
    return {"texts": len(masked), "characters": characters, "tokens": tokens}


def _calibration(certificate: Certificate | None) -> dict[str, object] | None:
    if certificate is None:
        return None
    return {
        "id": certificate.id,
        "suite": certificate.suite,
        "audits": len(certificate.cases),
        **asdict(certificate.operating_point),
        "detection": certificate.detection,
        "detectable": [
            {
                "channel": curve.channel,
                "rows": curve.rows,
                "share": curve.detectable_share,
                "power_at_full": curve.power_at_full,
                "unmeasured": curve.unmeasured,
            }
            for curve in certificate.doses
        ],
    }


def _groups(audited: Audited) -> list[dict[str, object]]:
    """What each group's rows show by themselves, the clearest first."""
    read = sampled(audited.candidate, audited.sample)
    rows = {group.name: len(group.places) for group in groups_of(read)}
    traced = {group.name: group for group in audited.groups}
    unread = {"trait": None, "p_adjusted": None}
    return [
        {"name": name, "rows": rows[name], "trait": one.trait, "p_adjusted": one.p_adjusted}
        for name, one in traced.items()
    ] + [{"name": name, "rows": rows[name], **unread} for name in rows if name not in traced]


def lightened(findings: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Findings of which only the ``MOST_EVIDENCED`` worst keep their questions and leading rows.

    Reports show fewer, and with those of 25,000 findings nobody could open the results.
    """
    ranked = sorted(range(len(findings)), key=lambda place: _worst_first(findings[place]))
    kept = set(ranked[:MOST_EVIDENCED])
    return [
        {
            name: value
            for name, value in finding.items()
            if place in kept or name not in ("questions", "leads")
        }
        for place, finding in enumerate(findings)
    ]


def _worst_first(finding: Mapping[str, Any]) -> tuple[int, float, str]:
    return -Severity(finding["severity"]).rank, -abs(finding["shift"]), finding["trait"]


def _entry(trait: TraitShift) -> dict[str, object]:
    return asdict(trait)


def _explained(trait: str, explanation: Explanation) -> dict[str, object]:
    """What a finding's entry holds beyond a trait's."""
    found: dict[str, object] = {}
    if trait in explanation.exposures:
        found["exposure"] = asdict(explanation.exposures[trait])
    if trait in explanation.leads:
        found["leads"] = asdict(explanation.leads[trait])
    if trait in explanation.in_groups:
        found["in_groups"] = asdict(explanation.in_groups[trait])
    if trait in explanation.poisoned:
        found["poisoned"] = asdict(explanation.poisoned[trait])
    return found


def _explanation(audited: Audited) -> dict[str, object]:
    """What was done to explain the findings, what it cost, and what was not done and why."""
    explanation, spent = audited.explanation, audited.timings_s
    verification = explanation.verification
    return {
        "reason": explanation.reason,
        "verification": None if verification is None else asdict(verification),
        "unverified": explanation.unverified,
        "set_aside": len(explanation.suspects),
        "cost_s": {stage: spent[stage] for stage in COSTS if stage in spent},
    }


def _finding(trait: TraitShift, moved: Sequence[MovedQuestion]) -> dict[str, object]:
    return {**_entry(trait), "questions": [asdict(question) for question in moved]}


def _phrase(asked: AskedPhrase) -> dict[str, object]:
    """A phrase and the trait that its prompts show most clearly."""
    phrase, clearest = asked.phrase, asked.clearest
    return {
        "text": phrase.text,
        "rows": len(phrase.rows),
        "surprise": phrase.surprise,
        "z": phrase.z,
        "trait": clearest.trait,
        "shift": clearest.shift,
        "p_adjusted": clearest.p_adjusted,
    }


def _battery(battery: Battery) -> dict[str, object]:
    return {
        "id": battery.id,
        "sha256": battery.sha256,
        "questions": battery.asked,
        "traits": len(battery.traits),
    }
