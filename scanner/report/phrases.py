"""What shows further where prompts have a phrase, as a reader sees it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scanner.report import words
from scanner.report.text import count_of, format_count, format_p, format_shift

Entry = Mapping[str, Any]
RULE = (
    "A trigger changes answers only where it stands, so questions without it show nothing. Of "
    "phrases whose rows' answers surprise the base more than its own answers do, the prompts were "
    "put to base, probes and controls in place of questions, and so were other prompts; shifts are "
    "by how much further a trait moved on the phrase's."
)
NONE = "No phrase of the prompts stands out that way."


@dataclass(frozen=True)
class PhraseView:
    """A phrase and the trait that its prompts show most clearly, formatted."""

    phrase: str
    """In quotes."""
    rows: str
    surprise: str
    """In nats per token."""
    label: str
    """The trait's."""
    shift: str
    p_adjusted: str


@dataclass(frozen=True)
class PhrasesView:
    """All phrases that were asked about."""

    summary: str
    """In a few sentences; empty where an audit did not look."""
    phrases: tuple[PhraseView, ...] = ()


def view_phrases(results: Entry) -> PhrasesView:
    """Format ``phrases`` of results.json, which older audits have not."""
    asked = results.get("phrases")
    if asked is None:
        return PhrasesView("")
    if not asked:
        return PhrasesView(f"{RULE} {NONE}")
    shown = [one for one in results["findings"] if one.get("behind") is not None]
    told = f"{count_of(len(shown), 'trait')} show{'s' if len(shown) == 1 else ''} further on one"
    return PhrasesView(
        f"{RULE} {count_of(len(asked), 'phrase')} stood out; {told}.",
        tuple(_phrase(one) for one in asked),
    )


def _phrase(asked: Entry) -> PhraseView:
    return PhraseView(
        words.quoted(asked["text"]),
        format_count(asked["rows"]),
        format_shift(asked["surprise"]),
        words.trait_label(asked["trait"]),
        format_shift(asked["shift"]),
        format_p(asked["p_adjusted"]),
    )
