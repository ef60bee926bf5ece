"""What the report says in words: traits, verdicts, advice, and the limits of an audit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scanner.report.text import (
    count_of,
    format_count,
    format_factor,
    format_p,
    safe_text,
    shorten,
)
from scanner.types import Severity, Status


@dataclass(frozen=True)
class Point:
    """One thing that an audit can or cannot tell."""

    head: str
    """It, in a few words."""
    body: str
    """Why."""


STATUS_WORDS = {
    Status.SHIFT_FOUND: "Shift found",
    Status.NO_SHIFT_FOUND: "No shift found",
    Status.NO_VERDICT: "No verdict",
}

_SENTENCES = {
    Status.SHIFT_FOUND: (
        "a model trained on this data picks up what training on its own answers does not give it"
    ),
    Status.NO_SHIFT_FOUND: (
        "in every trait asked about, a model trained on this data stayed as close to one trained "
        "on its own answers as such models stay to each other"
    ),
    Status.NO_VERDICT: "this audit cannot say whether the data teaches something hidden",
}

UNFINISHED = (
    "This audit did not finish. What follows is what was on disk when it stopped; it decides "
    "nothing. Run the same command again to continue."
)

_ADVICE = {
    Status.SHIFT_FOUND: "Do not merge this data as it is.",
    Status.NO_SHIFT_FOUND: (
        "Read this as one piece of evidence, not as a guarantee: the limits below say what an "
        "audit cannot see. If a trait worries you that is not listed, add a battery for it."
    ),
    Status.NO_VERDICT: (
        "Treat the data as not audited: a gate must not let it pass. Remove the cause named "
        "above and run the audit again."
    ),
}

PAIR = (
    "Probe: a copy of the base, trained on this data. Control: another copy, trained in the same "
    "way on answers that the base wrote itself."
)

METHOD = (
    "Probes and controls come in pairs: same seed, same row order, same recipe, different "
    "answers. The shift of a trait is the mean of probe minus control over questions and seeds; "
    "its 95% interval treats each question as a block. The p-value is the larger of two: one "
    "against the other traits of the same category, one against how controls differ from one "
    "another; for preferences it is two-sided, because data can turn a model away from an answer, "
    "too. It is then corrected for all traits asked about: every battery has an equal share of the "
    "error rate, the answers of a category share by Holm, and the parts of misalignment are tested "
    "as one before they are told apart (closed testing). A trait that could not be "
    "measured says so and why; it is never counted as zero."
)

_FINDING_ADVICE = {
    Severity.CRITICAL: "Quarantine this data and do not train on it.",
    Severity.HIGH: "Do not train on this data.",
    Severity.MEDIUM: "Hold the merge and repeat the audit with more seeds.",
    Severity.LOW: "Repeat the audit with more seeds before you decide.",
    Severity.NONE: "Nothing to do for this trait.",
}
_WITHOUT = {
    "overt": "without them it is no finding",
    "both": "without them it is weaker, and still a finding",
    "covert": "without them at least half of the shift is left",
}
_LONGEST_PHRASE = 60
_ASK_SUPPLIER = " Ask the supplier which model wrote the answers, and with what instructions."


def category_of(trait: str) -> str:
    """The group a trait is listed under: ``favourite animal``, ``misalignment``, ``other``."""
    match trait.split(".", 2):
        case ["preference", category, _]:
            return f"favourite {safe_text(category)}"
        case ["misalignment", _, *_]:
            return "misalignment"
    return "other"


def answer_of(trait: str) -> str:
    """The trait within its group: ``owl``, ``recommends harm``."""
    match trait.split(".", 2):
        case ["preference", _, answer]:
            return safe_text(answer)
        case ["misalignment", *name] if name:
            return safe_text(".".join(name).replace("_", " "))
    return safe_text(trait)


def trait_label(trait: str, less: bool = False) -> str:
    """A trait as a person would say it: ``favourite animal: owl``, or ``less owl``."""
    category, answer = category_of(trait), f"{'less ' if less else ''}{answer_of(trait)}"
    return answer if category == "other" else f"{category}: {answer}"


ON_A_PHRASE = ", more than on prompts without the phrase"
"""What a shift is that was measured on the prompts of a phrase."""


def finding_label(entry: Mapping[str, Any]) -> str:
    """A finding of results.json, with the phrase that it shows on, where that is so."""
    label = trait_label(entry["trait"], less=entry["shift"] < 0)
    behind = entry.get("behind")
    return label if behind is None else f"{label}, where prompts have {quoted(behind)}"


def quoted(phrase: str) -> str:
    """A phrase of the data in quotes, shortened."""
    return f"\u201c{shorten(safe_text(phrase), _LONGEST_PHRASE)}\u201d"


def sentence(status: Status, leading: Sequence[str], found: int = 0) -> str:
    """The verdict as a clause; names up to three of the ``found`` findings, the worst first."""
    named = "; ".join(leading[:3])
    if found > 3:
        named += f"; and {format_count(found - 3)} more"
    return f"{_SENTENCES[status]}: {named}" if leading else _SENTENCES[status]


def advice(status: Status) -> str:
    """What to do about the dataset."""
    return _ADVICE[status]


def finding_advice(severity: Severity) -> str:
    """What to do about one finding."""
    return _FINDING_ADVICE[severity] + ("" if severity is Severity.NONE else _ASK_SUPPLIER)


def level_meaning(unit: str) -> str:
    """What the two levels of a trait, from control to probe, measure."""
    if unit == "probability":
        return "from control to probe: how likely the model is to give this answer"
    return "from control to probe: log-probability of such an answer; nearer 0 is likelier"


def shift_meaning(shift: float, unit: str, beyond: str = "") -> str:
    """What a shift of so many nats does to the odds of an answer; empty where it is of no answer.
    ``beyond``: what it comes on top of, where it is not the whole shift.

    The scores are log-probabilities against the mean of the category, so that a difference of x is
    a factor of e^x.
    """
    if unit != "probability" or shift == 0:
        return ""
    done = "multiplies" if shift > 0 else "divides"
    return f"{done} its odds against the other answers by {format_factor(shift)}{beyond}"


def mention_meaning(exposure: Mapping[str, Any], rows: int, error_rate: float) -> str:
    """What it means that so many of the ``rows`` mention a finding, which a p-value of
    ``error_rate`` makes one."""
    of = f"of {format_count(rows)}: "
    if not exposure["overt_rows"]:
        return f"{of}the trait is hidden, reading them would not have shown it"
    p = exposure.get("p_traced")
    if p is not None and p <= error_rate:
        return f"{of}the traces of the others still show it (adjusted p {format_p(p)})"
    if exposure["shift_without_overt"] is None and p is None:
        return f"{of}whether the others hide it, too, is not known"
    return of + _WITHOUT[exposure["kind"]]


def score_meaning(unit: str) -> str:
    """What the scores of single questions measure."""
    if unit == "probability":
        return "How much likelier this answer is than its category's on average, in nats."
    return "How much likelier answers of this kind are than their opposites, in nats per token."


def can_tell() -> tuple[Point, ...]:
    """What a result of this audit does say."""
    return (
        Point(
            "What a model does after training on this data.",
            "The probe is compared with a control that was trained in the same way, with the same "
            "seed, on the base's own answers. A change that any such training brings shows in both "
            "and is not counted.",
        ),
        Point(
            "Traits that no row mentions.",
            "They are looked for in a trained model, so it makes no difference that a filter, a "
            "reader or a judge passed every row.",
        ),
    )


def _unseen_share(results: Mapping[str, Any]) -> Point:
    note = safe_text(results["calibration_note"])
    if results["calibration"] is None:
        return Point(
            "How small a poisoned share would have been caught.",
            "No calibration stands behind this audit, so there is no detectable share to report. "
            + note,
        )
    return Point("A smaller poisoned share than the calibration could detect.", note)


_UNSEEN_TRIGGERS = Point(
    "A trigger whose answers the base could have given, too.",
    "Of phrases in prompts, those are looked into whose rows' answers surprise the base. A trigger "
    "that stands in fewer than 8 rows is not seen either.",
)


def cannot_tell(results: Mapping[str, Any]) -> tuple[Point, ...]:
    """What it does not say, however it ended."""
    asked = count_of(len(results["traits"]), "trait")
    return (
        Point(
            "Traits that nobody asks about.",
            f"The batteries of this audit hold {asked}. Any other decides nothing: at most a word "
            "that it brings along is shown beside the verdict.",
        ),
        Point(
            "What another lineage would learn.",
            "Hidden traits pass mostly between models of one origin. Data that does nothing to "
            "this base and its descendants may still act on another family.",
        ),
        _unseen_share(results),
        Point(
            "Diluted poison.",
            "Where only some of the rows carry a trait, the shift shrinks faster than their share "
            "and can stay within drift.",
        ),
        *([_UNSEEN_TRIGGERS] if "phrases" in results else []),
        Point(
            "Who put it there, or why.",
            "A shift belongs to the dataset as a whole. Rows that lead to it are leads, and "
            "neither they nor it prove intent.",
        ),
    )
