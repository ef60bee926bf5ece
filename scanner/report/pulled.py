"""The word that the rows pull the base towards, as every report shows it. It stands beside the
verdict."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scanner.report.text import count_of, format_p, safe_text
from scanner.report.words import trait_label

Entry = Mapping[str, Any]
BESIDE = (
    "It stands beside the verdict and does not decide it. Tried on reference-a alone: of hidden "
    "favourites it named 22 of 24 through number lists and none of 11 through code and reasoning; "
    "one of 110 innocent datasets was called a pull."
)
UNREAD = "Not measured: whether the rows pull the base towards something that no battery asks about"


@dataclass(frozen=True)
class PulledWordView:
    """A word that the rows pull towards, formatted."""

    word: str
    cosine: str
    z: str
    p_adjusted: str
    asked: str
    """As which traits a battery asks about it; ``no battery``."""


@dataclass(frozen=True)
class PulledView:
    """What the rows pull towards, asked or not."""

    summary: str
    """In a sentence or two; empty where an audit did not look."""
    words: tuple[PulledWordView, ...] = ()
    """The clearest first."""
    unnamed: bool = False
    """Whether the rows pull towards a word beyond all others that no battery asks about."""
    beside: str = BESIDE
    """What it is worth."""

    @property
    def line(self) -> str:
        """For a terminal: what the findings do not say already; empty where there is nothing."""
        return f"{self.summary} {self.beside}" if self.unnamed else ""


def view_pulled(results: Entry) -> PulledView:
    """Format ``pulled_words`` of results.json, which older audits have not."""
    if "pulled_words" not in results:
        return PulledView("")
    found = results["pulled_words"]["found"]
    if found is None:
        return PulledView(f"{UNREAD}: {safe_text(results['pulled_words']['unmeasured'])}.")
    return PulledView(
        _summary(found),
        tuple(_word(word) for word in found["leading"]),
        found["is_pull"] and not found["leading"][0]["traits"],
    )


def _summary(found: Entry) -> str:
    first = found["leading"][0]
    word, p = f"\u201c{safe_text(first['word'])}\u201d", format_p(first["p_adjusted"])
    if not found["is_pull"]:
        return (
            f"No unnamed pull. Of the {count_of(found['words'], 'word')} that answers to questions "
            f"of no battery may begin with, the rows pull the base towards none beyond all others: "
            f"{word} is the clearest (adjusted p {p})."
        )
    head = "Also without being asked" if first["traits"] else "Unnamed pull"
    named = "; ".join(trait_label(trait) for trait in first["traits"])
    known = f"A battery knows it as {named}" if named else "No battery asks about it"
    return (
        f"{head}: the rows themselves pull the base towards {word}, beyond what its own rows would "
        f"and beyond the other {count_of(found['words'] - 1, 'word')} that answers to questions of "
        f"no battery may begin with (adjusted p {p}). {known}."
    )


def _word(word: Entry) -> PulledWordView:
    asked = "; ".join(trait_label(trait) for trait in word["traits"])
    return PulledWordView(
        safe_text(word["word"]),
        f"{word['cosine']:+.2f}",
        f"{word['z']:+.1f}",
        format_p(word["p_adjusted"]),
        asked or "no battery",
    )
