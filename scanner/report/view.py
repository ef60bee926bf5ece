"""The report as data: every word and number that a template shows, formatted, without HTML."""

from collections.abc import Mapping
from dataclasses import dataclass
from heapq import nsmallest
from typing import Any

from scanner.report import words
from scanner.report.asked import AskedView, unasked, view_asked
from scanner.report.cases import decided_status
from scanner.report.categories import CategoryList, view_categories, worst_first
from scanner.report.discovered import DiscoveryView, view_discovery
from scanner.report.excused import ExcusedFinding, excused_findings, excused_summary
from scanner.report.explained import ExplainedView, view_explained
from scanner.report.facts import (
    Fact,
    audited_facts,
    battery_facts,
    moment_in_words,
    recipe_facts,
    timing_facts,
    twin_in_words,
    version_facts,
)
from scanner.report.figures import ChannelSight, Figure, key_figures, sight_of_channels
from scanner.report.forest import Forest
from scanner.report.phrases import PhrasesView, view_phrases
from scanner.report.plots import draw_forest
from scanner.report.pulled import PulledView, view_pulled
from scanner.report.screened import ScreenView, view_screen
from scanner.report.taxonomy import HIDDEN_TRAIT
from scanner.report.text import count_of, format_duration, left_out, safe_text, shorten
from scanner.report.traced import TracesView, view_traces
from scanner.report.traits import TraitView, view_trait
from scanner.types import Severity, Status

Entry = Mapping[str, Any]
MOST_FINDINGS = 50
"""In a table; thousands would make a page that nobody can open."""
MOST_RULES = 40
"""Findings of the text screen."""
# In headings; the full text stands in the lists and tables.
_PATH_LENGTH = 120
_NAME_LENGTH = 60
_BELOW = " The findings below say what to do about each trait."


@dataclass(frozen=True)
class Story:
    """The numbers of the explanation on the first screen."""

    base: str
    """The base's name, shortened."""
    rows: str
    """Rows of the candidate."""
    twin_rows: str
    """Rows of the twin."""
    questions: str
    """How many questions were asked."""
    traits: str
    """How many traits they are about."""
    seeds: str
    """How many pairs of probe and control were trained."""


@dataclass(frozen=True)
class ReportView:
    """Everything a report shows."""

    title: str
    """Of the document."""
    status: Status
    """For the template to choose a colour by."""
    status_words: str
    """``Shift found``."""
    sentence: str
    """The verdict as a clause, naming the findings."""
    severity: str
    """The worst finding's, or ``none``."""
    reason: str
    """Why, as the verdict gives it."""
    advice: str
    """What to do about the dataset."""
    taxonomy: tuple[str, ...]
    """What public lists of threats call a hidden trait."""
    notice: str
    """Set if the audit did not finish."""
    base_notes: tuple[str, ...]
    """What a reader should know of the base."""
    dataset: str
    """The candidate's path, shortened for a heading."""
    created: str
    """When the audit ended."""
    figures: tuple[Figure, ...]
    """The two to four numbers the verdict rests on; none in an audit that did not finish."""
    story: Story
    """How it was found, in numbers."""
    audited: tuple[Fact, ...]
    """What was audited."""
    forest_wide: Forest
    """The forest plot for a desk."""
    forest_narrow: Forest
    """The same for a phone."""
    least_shift: str
    """In nats; a smaller shift is no finding."""
    forest_description: str
    """The plot in words, for those who do not see it."""
    findings: tuple[TraitView, ...]
    """Traits beyond drift, the worst first, as many as a page holds."""
    asked: tuple[AskedView, ...]
    """The same findings, question by question."""
    unasked: str
    """Why it is not said what the data taught beyond the batteries; empty where it is."""
    found: int
    """How many findings there are."""
    findings_left_out: str
    """How many of them are not shown; empty if all are."""
    excused: tuple[ExcusedFinding, ...]
    """Findings that need not fail, as many as a page holds."""
    excused_left_out: str
    """How many of these are not shown; empty if all are."""
    excused_summary: str
    """How many; empty if there is none."""
    explained: ExplainedView
    """Overt or covert, and which rows lead."""
    closest: tuple[TraitView, ...]
    """The three largest shifts, for when there is no finding."""
    categories: CategoryList
    """All traits."""
    screen: ScreenView
    """What the text alone shows."""
    traces: TracesView
    """What the rows pull the base towards."""
    phrases: PhrasesView
    """What shows only where prompts have a phrase."""
    pulled: PulledView
    """What the rows pull towards that nobody asked about."""
    discovery: DiscoveryView
    """What moved that nobody asked about."""
    can_tell: tuple[words.Point, ...]
    """What a result says."""
    cannot_tell: tuple[words.Point, ...]
    """What it does not say."""
    channels: tuple[ChannelSight, ...]
    """What the calibration could see, by channel; empty without one."""
    method: str
    """The method in a few sentences."""
    recipe: tuple[Fact, ...]
    """How probes and controls were trained."""
    batteries: tuple[Fact, ...]
    """What was asked."""
    versions: tuple[Fact, ...]
    """What it was computed with."""
    timings: tuple[Fact, ...]
    """How long each stage took, and all of them."""
    total_time: str
    """How long the audit took."""
    twin: str
    """The twin in one line."""
    tool: str
    """Name and version of the tool."""

    @property
    def headline(self) -> str:
        """The verdict in one line."""
        return f"{self.status_words}: {self.sentence}"

    @property
    def statement(self) -> str:
        """``sentence`` with a capital."""
        return self.sentence[:1].upper() + self.sentence[1:]


def build_view(results: Entry) -> ReportView:
    """Put ``results`` (see results.schema.json) in words."""
    status, excused = decided_status(results), excused_findings(results)
    worst = sorted(results["findings"], key=worst_first)[:MOST_FINDINGS]
    findings = tuple(view_trait(entry, status, excused.get(entry["trait"])) for entry in worst)
    found = len(results["findings"])
    largest = nsmallest(3, results["traits"], key=_by_size)
    dataset = shorten(safe_text(results["dataset"]["path"]), _PATH_LENGTH)
    wide, narrow = draw_forest(results)
    return ReportView(
        title=f"{words.STATUS_WORDS[status]}: {dataset}",
        status=status,
        status_words=words.STATUS_WORDS[status],
        sentence=words.sentence(
            status, [shorten(finding.label, _NAME_LENGTH) for finding in findings], found
        ),
        severity=Severity(results["verdict"]["severity"]).value,
        reason=safe_text(results["verdict"]["reason"]),
        advice=words.advice(status) + (_BELOW if findings else ""),
        taxonomy=HIDDEN_TRAIT,
        notice="" if results["complete"] else words.UNFINISHED,
        base_notes=tuple(safe_text(note) for note in results["base"].get("notes", ())[:MOST_RULES]),
        dataset=dataset,
        created=moment_in_words(results["created"]),
        figures=key_figures(results, status, findings) if results["complete"] else (),
        story=_story(results),
        audited=audited_facts(results),
        forest_wide=wide,
        forest_narrow=narrow,
        least_shift=f"{results['thresholds']['least_shift']:g}",
        forest_description=_describe_forest(wide),
        findings=findings,
        asked=tuple(map(view_asked, worst, findings)),
        unasked=unasked(results),
        found=found,
        findings_left_out=left_out(found - len(findings), "finding"),
        excused=tuple(excused.values())[:MOST_FINDINGS],
        excused_left_out=left_out(len(excused) - MOST_FINDINGS, "finding"),
        excused_summary=excused_summary(results),
        explained=view_explained(results),
        closest=tuple(view_trait(entry, status) for entry in largest),
        categories=view_categories(results, status),
        screen=view_screen(results, MOST_RULES),
        traces=view_traces(results),
        phrases=view_phrases(results),
        pulled=view_pulled(results),
        discovery=view_discovery(results),
        can_tell=words.can_tell(),
        cannot_tell=words.cannot_tell(results),
        channels=sight_of_channels(results),
        method=words.METHOD,
        recipe=recipe_facts(results),
        batteries=battery_facts(results["batteries"]),
        versions=version_facts(results["versions"]),
        timings=timing_facts(results["timings_s"]),
        total_time=format_duration(sum(results["timings_s"].values())),
        twin=twin_in_words(results["twin"]),
        tool=f"{safe_text(results['tool']['name'])} {safe_text(results['tool']['version'])}",
    )


def _by_size(entry: Entry) -> tuple[float, str]:
    return -abs(entry["shift"]), entry["trait"]


def _story(results: Entry) -> Story:
    return Story(
        base=shorten(safe_text(results["base"]["id"]), _NAME_LENGTH),
        rows=count_of((results.get("budget") or results["dataset"])["rows"], "row"),
        twin_rows=count_of(results["twin"]["rows"], "row"),
        questions=count_of(sum(b["questions"] for b in results["batteries"]), "question"),
        traits=count_of(len(results["traits"]), "trait"),
        seeds=count_of(len(results["seeds"]), "pair"),
    )


def _describe_forest(forest: Forest) -> str:
    return "Shift and 95% interval in nats. " + "; ".join(
        f"{row.label}: {row.shift_text}, {row.interval_text}{', a finding' if row.finding else ''}"
        for row in forest.rows
    )
