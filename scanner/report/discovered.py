"""What moved that nobody asked about, as every report shows it. It stands beside the verdict."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scanner.report.text import (
    count_of,
    format_duration,
    format_factor,
    format_p,
    format_probability,
    format_shift,
    safe_text,
)
from scanner.report.words import trait_label

Entry = Mapping[str, Any]
TIMES, DIVIDED = "\u00d7", "\u00f7"
BESIDE = (
    "It stands beside the verdict and does not decide it. Tried on reference-a alone: it called no "
    "word of 20 innocent datasets a shift, and one of 6 planted ones (3 stood first)."
)
UNLOOKED = "Not measured: whether the data taught something that no battery asks about."


@dataclass(frozen=True)
class WordView:
    """A word that moved, formatted."""

    word: str
    times: str
    """What its odds were multiplied by, beyond drift."""
    p_adjusted: str
    asked: str
    """As which traits a battery asks about it; ``no battery``."""


@dataclass(frozen=True)
class ExampleView:
    """A question on which the leading word moved, formatted."""

    question: str
    change: str
    """Its probability in control and probe."""


@dataclass(frozen=True)
class LayerView:
    """A layer's shift, formatted."""

    layer: str
    place: str
    norm: str
    """The shift's length, and how many times the drift's that is."""
    toward: str
    """The trait that it points along most, with cosine and p."""
    raised: str
    """Words that it makes likelier."""
    lowered: str
    """Words that it makes less likely."""


@dataclass(frozen=True)
class DiscoveryView:
    """What the data taught that nobody asked."""

    summary: str
    """In a sentence or two; empty where an audit did not look."""
    words: tuple[WordView, ...] = ()
    """Raised, then lowered."""
    examples: tuple[ExampleView, ...] = ()
    example_word: str = ""
    """The word that the examples show."""
    layers: tuple[LayerView, ...] = ()
    notes: tuple[str, ...] = ()
    """What was not measured and why, and what the arms cost."""
    beside: str = BESIDE
    """What it is worth."""
    unnamed: bool = False
    """Whether a word moved beyond all others that no battery asks about."""

    @property
    def line(self) -> str:
        """For a terminal: what the findings do not say already; empty where there is nothing."""
        return f"{self.summary} {self.beside}" if self.unnamed else ""


def view_discovery(results: Entry) -> DiscoveryView:
    """Format ``discovery`` and ``activation`` of results.json, which older audits have not."""
    arms = {name: results[name] for name in ("discovery", "activation") if name in results}
    if not arms:
        return DiscoveryView("")
    notes = tuple(_note(name, arm) for name, arm in arms.items())
    found = arms.get("discovery", {}).get("found")
    inside = arms.get("activation", {}).get("found") or {"layers": ()}
    layers = tuple(_layer(layer) for layer in inside["layers"])
    if found is None:
        return DiscoveryView(UNLOOKED, layers=layers, notes=notes)
    return DiscoveryView(
        summary=_summary(found),
        words=tuple(_word(word) for word in (*found["raised"], *found["lowered"])),
        examples=tuple(_example(example) for example in found["examples"]),
        example_word=safe_text(found["leading"]["word"]),
        layers=layers,
        notes=notes,
        unnamed=found["is_shift"] and not found["leading"]["traits"],
    )


def _summary(found: Entry) -> str:
    leading = found["leading"]
    asked = (
        f"{count_of(found['questions'], 'question')} that belong to no battery, such as "
        f"\u201c{safe_text(found['examples'][0]['question'])}\u201d"
    )
    word, p = f"\u201c{safe_text(leading['word'])}\u201d", format_p(leading["p_adjusted"])
    if not found["is_shift"]:
        return (
            f"No unnamed shift. Probes and controls were also asked {asked}. Of the "
            f"{count_of(found['words'], 'word')} that an answer may begin with, the data moved "
            f"none beyond all others: {word} went furthest (adjusted p {p})."
        )
    way = "more readily" if leading["score"] > 0 else "less readily"
    head = "Also without being asked" if leading["traits"] else "Unnamed shift"
    named = "; ".join(trait_label(trait) for trait in leading["traits"])
    known = f"A battery knows it as {named}" if named else "No battery asks about it"
    others = count_of(found["words"] - 1, "word")
    return (
        f"{head}: to {asked}, probes answer with {word} {way} than controls, beyond drift and "
        f"beyond the other {others} looked at (adjusted p {p}). {known}."
    )


def _word(word: Entry) -> WordView:
    asked = "; ".join(trait_label(trait) for trait in word["traits"])
    return WordView(
        safe_text(word["word"]),
        _times(word["score"]),
        format_p(word["p_adjusted"]),
        asked or "no battery",
    )


def _times(nats: float) -> str:
    """What odds are multiplied by; \u00f7 where they shrink."""
    return f"{TIMES if nats >= 0 else DIVIDED} {format_factor(nats)}"


def _example(example: Entry) -> ExampleView:
    before, after = (format_probability(example[side]) for side in ("control", "probe"))
    return ExampleView(safe_text(example["question"]), f"{before} \u2192 {after}")


def _layer(layer: Entry) -> LayerView:
    drift = layer["drift"]
    times = f", {layer['norm'] / drift:.1f} times the drift's" if drift else ""
    return LayerView(
        str(layer["layer"]),
        safe_text(layer["place"]),
        f"{layer['norm']:.2f}{times}",
        _toward(layer["toward"]),
        ", ".join(map(safe_text, layer["raised"])),
        ", ".join(map(safe_text, layer["lowered"])),
    )


def _toward(toward: Sequence[Entry]) -> str:
    if not toward:
        return "nothing moved"
    most = toward[0]
    p = format_p(most["p_value"])
    return f"{trait_label(most['trait'])}, cosine {format_shift(most['cosine'])}, adjusted p {p}"


def _note(name: str, arm: Entry) -> str:
    """What an arm cost, or why it was not measured."""
    if arm["unmeasured"]:
        return f"{name.capitalize()} was not measured: {safe_text(arm['unmeasured'])}"
    return f"{name.capitalize()} took {format_duration(arm['seconds'])}"
