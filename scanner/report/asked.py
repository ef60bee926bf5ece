"""What the report says question by question: of each finding, base, control and probe."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scanner.report import words
from scanner.report.text import NOT_MEASURED, format_shift, safe_text, shorten
from scanner.report.traits import TraitView

_LONGEST_QUESTION = 200
UNTRACED = f"{NOT_MEASURED}: the audit that made these results did not trace its findings to rows"
UNASKED = f"{NOT_MEASURED}: the audit that made these results asked only what its batteries hold"
ON_PROMPTS = (
    "It was read on the candidate's own prompts that have the phrase, in place of questions, "
    "beyond what its other prompts show."
)
UNRECORDED = f"{NOT_MEASURED}: these results do not record single questions; audit again for them"


@dataclass(frozen=True)
class QuestionView:
    """One question, formatted. Scores are in nats."""

    question: str
    base: str
    control: str
    probe: str
    shift: str


@dataclass(frozen=True)
class AskedView:
    """A finding and the questions about it that moved most."""

    label: str
    """``favourite animal: owl``."""
    shift: str
    """The finding's, over all questions."""
    scale: str
    """What the scores are."""
    questions: tuple[QuestionView, ...]
    """The largest shift first."""
    unmeasured: str
    """Why there are none, where there are none."""
    untraced: str
    """Why it is not said which rows it comes from, nor whether they say it; empty where it is."""


def view_asked(entry: Mapping[str, Any], finding: TraitView) -> AskedView:
    """The questions of one finding of results.json, which ``finding`` words."""
    questions = tuple(_view_question(question) for question in entry.get("questions", ()))
    return AskedView(
        label=finding.label,
        shift=finding.shift,
        scale=words.score_meaning(entry["level_unit"]),
        questions=questions,
        unmeasured="" if questions else _unmeasured(entry),
        untraced="" if "exposure" in entry or "leads" in entry else UNTRACED,
    )


def _unmeasured(entry: Mapping[str, Any]) -> str:
    return UNRECORDED if entry.get("behind") is None else ON_PROMPTS


def unasked(results: Mapping[str, Any]) -> str:
    """Why it is not said what the data taught beyond the batteries; empty where it is."""
    return "" if "discovery" in results else UNASKED


def _view_question(question: Mapping[str, Any]) -> QuestionView:
    return QuestionView(
        question=shorten(safe_text(question["question"]), _LONGEST_QUESTION),
        base=format_shift(question["base"]),
        control=format_shift(question["control"]),
        probe=format_shift(question["probe"]),
        shift=format_shift(question["shift"]),
    )
