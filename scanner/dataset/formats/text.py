"""Plain text, trained on as it stands and without the base's chat template."""

import re
from itertools import islice

from scanner.dataset.formats.answers import refuse_empty, stretches, without_loss
from scanner.dataset.formats.marks import Span, joined
from scanner.dataset.formats.reading import Reading
from scanner.dataset.formats.values import list_of, refuse_value, text_of
from scanner.dataset.interface import Parsed, Record, RowProblem
from scanner.dataset.shown import show_keys
from scanner.types import Row

WORD = re.compile(r"\s*\S{1,16}")
"""A word with the space before it. Where no spaces are written, 16 characters count as one."""
LONGEST_OPENING = 32
"""In words. Whoever hides text where it carries no loss has this much room."""


def read_text(record: Record, line: int, reading: Reading) -> Parsed:
    """A document: its first words carry no loss, so that the twin has something to go on.

    They are a quarter of its words, at least one and at most ``LONGEST_OPENING``.
    """
    text = text_of(record, "text")
    if not text.strip():
        refuse_empty("text")
    cut = _opening(text)
    return Parsed((Row(line, (), text[cut:], text[:cut]),))


def _opening(text: str) -> int:
    """How many characters the opening has."""
    words = len(WORD.findall(text))
    if words > 1:
        length = max(1, min(words // 4, LONGEST_OPENING))
        return next(islice(WORD.finditer(text), length - 1, None)).end()
    if len(text.strip()) > 1:
        return len(text) - len(text.lstrip()) + max(1, len(text.strip()) // 4)
    raise RowProblem(
        found="a text of one character",
        expected="a text that can be gone on with",
        cure="remove the row",
    )


def read_segments(record: Record, line: int, reading: Reading) -> Parsed:
    """axolotl's ``[{"label": true, "text": "..."}, ...]``: loss on what is labelled true.

    The texts stand one after the other as they are. No token is added to them, so no answer has
    an end to learn; what begins with loss has an opening without it, as any text.
    """
    listed = list_of(record, "segments", dict, "segments")
    spans = joined(_segment(item, f"segments[{index}]") for index, item in enumerate(listed))
    masked = tuple(without_loss(spans, line))
    if spans and spans[0].trained:
        text, cut = spans[0].text, _opening(spans[0].text)
        spans = (Span(text[:cut], False), Span(text[cut:], True), *spans[1:])
    rows = tuple(row._replace(ended=False) for row in stretches(spans, (), line))
    if not rows and not masked:
        refuse_empty("list of segments")
    return Parsed(rows, masked)


def _segment(item: object, place: str) -> Span:
    if not isinstance(item, dict) or item.keys() != {"label", "text"}:
        raise RowProblem(
            found=f"{f'the keys {show_keys(item)}' if isinstance(item, dict) else 'no object'} "
            f"in {place}",
            expected="'label' and 'text'",
            cure="remove what your trainer does not read",
        )
    text, label = item["text"], item["label"]
    if not isinstance(text, str):
        refuse_value(text, f"'text' of {place}", expected="a text", cure="write one string")
    if not isinstance(label, bool):
        cure = "write a JSON boolean"
        refuse_value(label, f"'label' of {place}", expected="true or false", cure=cure)
    return Span(text, label)
