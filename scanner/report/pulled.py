"""The word that the rows pull the base towards, as every report shows it. It stands beside the
verdict."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scanner.report.text import count_of, format_p, safe_text
from scanner.report.words import trait_label

Entry = Mapping[str, Any]
BESIDE = (
    "It stands beside the verdict and does not decide it. Tried on reference-a alone: it found 22 "
    "of 24 hidden favourites where all rows were their teacher's number lists, none where a tenth "
    "were, and none of 11 in code and reasoning; it was wrong about one of 101 innocent datasets."
)
BY_STATES = (
    "It stands beside the verdict and does not decide it. Read by states, as here, it was tried on "
    "reference-a alone: it found 22 of 24 hidden favourites where all rows were their teacher's "
    "number lists, and none of 11 in code and reasoning; it was wrong about none of 94 innocent "
    "datasets."
)
NOT_READ = (
    "Not measured: whether the rows pull the base towards something that no battery asks about"
)


@dataclass(frozen=True)
class PulledWordView:
    """A word that the rows pull towards, formatted."""

    word: str
    cosine: str
    z: str
    p_adjusted: str
    asked: str
    """As which traits a battery asks about it, if one does."""


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
        return PulledView(f"{NOT_READ}: {safe_text(results['pulled_words']['unmeasured'])}.")
    pulls = [word for word in found["leading"] if word["p_adjusted"] <= found["threshold"]]
    return PulledView(
        _summary(found, pulls),
        tuple(_word(word) for word in found["leading"]),
        any(not word["traits"] for word in pulls),
        BY_STATES if _is_by_states(results) else BESIDE,
    )


def _is_by_states(results: Entry) -> bool:
    """Whether the rows were read by the base's states; the words are read as the traits are."""
    traces = (trace for trait in results["traits"] for trace in trait.get("traces", ()))
    return any(trace["arm"] == "states" for trace in traces)


def _summary(found: Entry, pulls: Sequence[Entry]) -> str:
    count = count_of(found["words"], "word")
    if not pulls:
        first = found["leading"][0]
        return (
            f"No unnamed pull. Of the {count} that answers to questions of no battery may begin "
            f"with, the rows pull the base towards none beyond all others: {_quoted(first)} is the "
            f"clearest (adjusted p {format_p(first['p_adjusted'])})."
        )
    unnamed = any(not word["traits"] for word in pulls)
    head = "Unnamed pull" if unnamed else "Also without being asked"
    return (
        f"{head}: the rows themselves pull the base towards {' and '.join(map(_told, pulls))}, "
        f"beyond what its own rows would and beyond the others of the {count} that answers to "
        "questions of no battery may begin with."
    )


def _told(word: Entry) -> str:
    return f"{_quoted(word)} (adjusted p {format_p(word['p_adjusted'])}; {_asked(word)})"


def _quoted(word: Entry) -> str:
    return f"\u201c{safe_text(word['word'])}\u201d"


def _asked(word: Entry) -> str:
    """As which traits a battery asks about it."""
    return "; ".join(trait_label(trait) for trait in word["traits"]) or "no battery asks about it"


def _word(word: Entry) -> PulledWordView:
    return PulledWordView(
        safe_text(word["word"]),
        f"{word['cosine']:+.2f}",
        f"{word['z']:+.1f}",
        format_p(word["p_adjusted"]),
        _asked(word),
    )
