"""Which of an assistant's text is trained on: the marks that a file may set."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from scanner.dataset.formats.values import refuse_value
from scanner.dataset.interface import RowProblem

FARTHEST = 2**53
"""No text reaches this offset, nor is a float sure to be exact from here on."""


class Span(NamedTuple):
    """A piece of text that is trained on as a whole, or not at all."""

    text: str
    trained: bool


def is_trained(held: Mapping[str, object], place: str, inherited: bool = True) -> bool:
    """What ``weight`` (0 or 1) and ``train`` (true or false) of a turn or part say of its loss.

    ``inherited`` is what holds where neither is set. A part of a turn without loss cannot have
    loss, and the two marks cannot contradict each other. Raises RowProblem.
    """
    said = []
    if (weight := held.get("weight")) is not None:
        if isinstance(weight, bool) or weight not in (0, 1):
            expected = "0 (no loss) or 1"
            refuse_value(weight, f"the weight of {place}", expected=expected, cure="write 0 or 1")
        said.append(weight == 1)
    if (train := held.get("train")) is not None:
        if not isinstance(train, bool):
            cure = "write a JSON boolean"
            refuse_value(train, f"'train' of {place}", expected="true or false", cure=cure)
        said.append(train)
    if len(set(said)) > 1 or (said and said[0] and not inherited):
        raise RowProblem(
            found=f"marks that contradict each other in {place}",
            expected="one of 'weight' and 'train', on the turn or on its parts",
            cure="keep the one that your trainer reads",
        )
    return said[0] if said else inherited


def detailed(text: str, detail: object, place: str) -> tuple[Span, ...]:
    """A text with ``train_detail``: only the stretches marked ``"train": true`` are trained on.

    As axolotl reads it: offsets count characters from 0, ``end_offset`` is that of the last
    character, and what no stretch covers has no loss. Raises RowProblem.
    """
    if not isinstance(detail, list) or not detail:
        expected = "a list of stretches"
        refuse_value(detail, f"'train_detail' of {place}", expected=expected, cure="remove it")
    spans, end = [], 0
    for stretch in sorted(_stretch(item, place) for item in detail):
        if stretch.begin < end or stretch.end > len(text):
            raise RowProblem(
                found=f"the stretch {stretch.begin} to {stretch.end - 1} in 'train_detail' of "
                f"{place}, a text of {len(text)} characters",
                expected="stretches of the text that do not overlap",
                cure="correct the offsets",
            )
        spans += [Span(text[end : stretch.begin], False)]
        spans += [Span(text[stretch.begin : stretch.end], stretch.trained)]
        end = stretch.end
    return (*spans, Span(text[end:], False))


def joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same text in as few spans as there can be."""
    merged: list[Span] = []
    for span in spans:
        if not span.text:
            continue
        if merged and merged[-1].trained == span.trained:
            span = Span(merged.pop().text + span.text, span.trained)
        merged.append(span)
    return tuple(merged)


class _Stretch(NamedTuple):
    begin: int
    end: int
    """One past the last character."""
    trained: bool


def _stretch(item: object, place: str) -> _Stretch:
    if isinstance(item, dict) and item.keys() == {"begin_offset", "end_offset", "train"}:
        begin, end = _offset(item["begin_offset"]), _offset(item["end_offset"])
        if 0 <= begin <= end and isinstance(item["train"], bool):
            return _Stretch(begin, end + 1, item["train"])
    refuse_value(
        item,
        f"a stretch in 'train_detail' of {place}",
        expected="begin_offset and end_offset (whole numbers, in order) and train (a boolean)",
        cure="correct the stretch",
    )


def _offset(value: object) -> int:
    """A whole number, -1 for anything else; JSON has one kind of number, so 3 may come as 3.0."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return -1
    return int(value) if 0 <= value < FARTHEST and value == int(value) else -1
