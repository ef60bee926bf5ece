"""A turn's text in parts: ``[{"type": "text", "text": "..."}, ...]``."""

from collections.abc import Mapping

from scanner.dataset.formats.marks import Span, is_trained
from scanner.dataset.formats.values import refuse_value
from scanner.dataset.interface import RowProblem
from scanner.dataset.shown import describe, show_keys

TEXT_PARTS = {"text": "text", "refusal": "refusal", "thinking": "thinking"}
"""Kinds of part → the key that holds their text."""
MARKS = ("train", "weight")


def spans_of_parts(parts: list[object], place: str, trained: bool) -> tuple[Span, ...]:
    """The texts of the parts, one after the other, each with its own mark. Raises RowProblem.

    ``trained`` is what holds for a part without a mark.
    """
    return tuple(_span(part, f"{place}[{index}]", trained) for index, part in enumerate(parts))


def _span(part: object, place: str, trained: bool) -> Span:
    if not isinstance(part, dict):
        expected = 'a part like {"type": "text", "text": "..."}'
        refuse_value(part, place, expected=expected, cure="write the text as one string")
    held = {key: value for key, value in part.items() if value is not None}
    key = _text_key(held, place)
    text = held.get(key)
    if not isinstance(text, str):
        refuse_value(text, f"'{key}' of {place}", expected="a text", cure="write one string")
    if held.get("type") == "thinking":
        text = f"<think>\n{text}\n</think>\n\n"
    return Span(text, is_trained(held, place, trained))


def _text_key(held: Mapping[str, object], place: str) -> str:
    kind = held.get("type")
    if not isinstance(kind, str) or kind not in TEXT_PARTS:
        raise RowProblem(
            found=f"a part of the type {describe(kind)} as {place}",
            expected="parts of text only",
            cure="remove the rows with images, sound or files: datascan audits text",
        )
    unknown = held.keys() - {"type", TEXT_PARTS[kind], *MARKS}
    if unknown:
        raise RowProblem(
            found=f"the keys {show_keys(sorted(unknown))} in {place}",
            expected=f"only type, {TEXT_PARTS[kind]} and {' or '.join(MARKS)}",
            cure="remove what your trainer does not read",
        )
    return TEXT_PARTS[kind]
