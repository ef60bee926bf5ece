"""From the turns of a chat to its rows."""

from collections.abc import Sequence
from typing import NoReturn

from scanner.config import Preference
from scanner.dataset.formats.marks import Span
from scanner.dataset.formats.turns import Turn
from scanner.dataset.interface import Parsed, RowProblem
from scanner.types import Masked, Message, Row

MAX_GROWTH = 2**28
"""Characters of a record times the rows it comes to, at most. Every row repeats what comes before
it, so that a few megabytes of short turns would fill any memory. Two hundred thousand characters
in a thousand turns are within it."""
FEW = 16
"""So many rows are never too many: a line has at most 16 MB."""
TURN_COST = 64
"""Characters that a turn or stretch counts as, beside its own."""


def answers(turns: Sequence[Turn], line: int, first: int = 0) -> Parsed:
    """A row for every assistant turn from ``turns[first]`` on; its prompt is all turns before it.

    Training on these rows is training on all assistant turns of the chat at once. A turn that is
    trained on in part gives a row per stretch. Raises RowProblem where there is no such turn, or
    one that has no text or no prompt.
    """
    messages = tuple([turn.message for turn in turns])
    if not any(turn.spans for turn in turns):
        return plain_answers(messages, line, first)
    if len(turns) - first > FEW:
        _refuse_growth([message.content for message in messages], len(turns) - first)
    rows: list[Row] = []
    masked: list[Masked] = []
    for index in range(first, len(turns)):
        if messages[index].role == "assistant":
            spans = turns[index].spans or (Span(messages[index].content, True),)
            rows += stretches(spans, messages[:index], line)
            masked += without_loss(spans, line)
    if rows and not rows[0].prompt:
        _refuse_unprompted()
    if not rows and not masked:
        _refuse_unanswered(messages[-1])
    return Parsed(tuple(rows), tuple(masked))


def plain_answers(messages: tuple[Message, ...], line: int, first: int = 0) -> Parsed:
    """The same for turns all of whose text carries loss."""
    if len(messages) - first > FEW:
        _refuse_growth([message.content for message in messages], len(messages) - first)
    rows = []
    for index in range(first, len(messages)):
        message = messages[index]
        if message.role == "assistant":
            if not message.content.strip():
                refuse_empty()
            rows.append(Row(line, messages[:index], message.content))
    if not rows:
        _refuse_unanswered(messages[-1])
    if not rows[0].prompt:
        _refuse_unprompted()
    return Parsed(tuple(rows))


def stretches(spans: Sequence[Span], prompt: tuple[Message, ...], line: int) -> list[Row]:
    """A row per trained stretch of one turn or text. Raises RowProblem where all are blank."""
    trained = [span.text for span in spans if span.trained]
    if trained and not "".join(trained).strip():
        refuse_empty()
    if len(spans) > FEW:
        _refuse_growth([span.text for span in spans], len(spans))
    rows, prefix = [], ""
    spans = [span for span in spans if span.text]  # one without text has no token to train on
    for span in spans:
        if span.trained:
            rows.append(Row(line, prompt, span.text, prefix, ended=span is spans[-1]))
        prefix += span.text
    return rows


def without_loss(spans: Sequence[Span], line: int) -> list[Masked]:
    """The stretches that are not trained on."""
    return [Masked(line, span.text) for span in spans if span.text and not span.trained]


def _refuse_unprompted() -> NoReturn:
    raise RowProblem(
        found="an assistant turn with nothing before it",
        expected="a prompt to answer",
        cure='add the prompt, or take the turn out of the loss with "weight": 0',
    )


def _refuse_unanswered(last: Message) -> NoReturn:
    raise RowProblem(
        found=f"no assistant answer (the last turn is the {last.role}'s)",
        expected="a turn of the assistant's to train on",
        cure="add the answer or remove the row",
    )


def _refuse_growth(texts: Sequence[str], rows: int) -> None:
    size = sum(len(text) + TURN_COST for text in texts)
    if size * rows > MAX_GROWTH:
        raise RowProblem(
            found=f"{len(texts):,} turns or stretches in one row, {size:,} characters in all",
            expected=f"characters times turns to be at most {MAX_GROWTH:,}",
            cure="split the row",
        )


def refuse_empty(what: str = "assistant answer") -> NoReturn:
    """Say that there is nothing to train on."""
    raise RowProblem(
        found=f"an empty {what}",
        expected="an answer to train on",
        cure="add the answer or remove the row",
    )


def preferred(chosen: Parsed, rejected: Parsed, preference: Preference) -> Parsed:
    """Of two answers what the user wants trained on; what they do not is masked."""
    if preference is Preference.BOTH:
        return Parsed(chosen.rows + rejected.rows, chosen.masked + rejected.masked)
    if preference is Preference.REJECTED:
        chosen, rejected = rejected, chosen
    return Parsed(chosen.rows, chosen.masked + left_out(rejected).masked)


def left_out(parsed: Parsed) -> Parsed:
    """The same text, none of it trained on."""
    masked = tuple(Masked(row.line, row.answer) for row in parsed.rows)
    return Parsed((), masked + parsed.masked)
