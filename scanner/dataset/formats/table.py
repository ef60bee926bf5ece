"""Every row format there is: its name, the fields that make it, and what reads it."""

from dataclasses import replace

from scanner.config import ReadOptions
from scanner.dataset.formats.instruct import (
    ALPACA,
    QUESTIONS_ON_TEXTS,
    REFLECTION,
    VARIANTS,
    Choices,
    Fields,
    read_reflection,
)
from scanner.dataset.formats.messages import (
    plain_chat,
    plain_conversation,
    read_conversations,
    read_messages,
)
from scanner.dataset.formats.preference import (
    ImplicitPair,
    Labelled,
    Pair,
    chat,
    given_prompt,
    openai_input,
    read_ranked,
    texts,
)
from scanner.dataset.formats.prompt_completion import plain_pair, read_prompt_completion
from scanner.dataset.formats.reading import OPTION_FIELDS, reading_of
from scanner.dataset.formats.row_format import COMPANIONS, FieldsFormat
from scanner.dataset.formats.stepwise import read_stepwise
from scanner.dataset.formats.text import read_segments, read_text
from scanner.dataset.interface import Formats
from scanner.dataset.shown import show_text
from scanner.errors import DatasetError

CONTEXT = ("system", "tools")
RATINGS = COMPANIONS | {
    f"{one}_{other}"
    for name in ("score", "rating", "model", "margin", "source")
    for one, other in ((name, "chosen"), (name, "rejected"), ("chosen", name), ("rejected", name))
}
"""What stands beside the answers of a pair and is not trained on."""
CALLING = COMPANIONS | {"parallel_tool_calls"}


def _instruct(name: str, fields: Fields, needs: int = 1) -> FieldsFormat:
    """``needs``: how many of the question's fields every record has."""
    return FieldsFormat(
        name,
        needs=(*fields.question[:needs], fields.answer),
        may_have=(*fields.question[needs:], *fields.beside),
        reader=fields.read,
    )


def _pair(
    pair: Pair | ImplicitPair, *needs: str, may_have: tuple[str, ...] = CONTEXT
) -> FieldsFormat:
    return FieldsFormat(
        "preference",
        needs=(*needs, *((pair.chosen,) if pair.chosen else ()), pair.rejected),
        may_have=may_have,
        reader=pair.read,
        companions=RATINGS | CALLING,
    )


def _labelled(labelled: Labelled, *needs: str, may_have: tuple[str, ...] = CONTEXT) -> FieldsFormat:
    return FieldsFormat(
        "unpaired",
        needs=(*needs, *((labelled.answer,) if labelled.answer else ()), labelled.label),
        may_have=may_have,
        reader=labelled.read,
    )


INSTRUCTION = texts("instruction", "input")
ROUNDS = ("input", "history", *CONTEXT)

FORMATS: tuple[FieldsFormat, ...] = (
    FieldsFormat(
        "messages",
        ("messages",),
        read_messages,
        ("tools", "functions"),
        CALLING,
        quick_reader=plain_chat,
    ),
    FieldsFormat(
        "prompt-completion",
        ("prompt", "completion"),
        read_prompt_completion,
        ("tools",),
        quick_reader=plain_pair,
    ),
    FieldsFormat("text", ("text",), read_text),
    FieldsFormat("segments", ("segments",), read_segments),
    FieldsFormat(
        "sharegpt",
        ("conversations",),
        read_conversations,
        CONTEXT,
        quick_reader=plain_conversation,
    ),
    _instruct("alpaca", ALPACA),
    *(_instruct("instruct", variant) for variant in VARIANTS),
    *(_instruct("instruct", variant, needs=2) for variant in QUESTIONS_ON_TEXTS),
    FieldsFormat("instruct", ("instruction", *REFLECTION), read_reflection, ("input",)),
    FieldsFormat("instruct", ("question", "choices", "solution"), Choices("solution").read),
    FieldsFormat("instruct", ("question", "choices", "explanation"), Choices("explanation").read),
    _pair(ImplicitPair("chosen", "rejected"), may_have=("prompt", *CONTEXT)),
    _pair(ImplicitPair("chosen_conversations", "rejected_conversations")),
    _pair(Pair(INSTRUCTION, "chosen", "rejected"), "instruction", may_have=ROUNDS),
    _pair(Pair(INSTRUCTION, "chosen_response", "rejected_response"), "instruction"),
    _pair(Pair(texts("input"), "chosen", "rejected"), "input"),
    _pair(Pair(texts("question"), "chosen", "rejected"), "question"),
    _pair(Pair(chat("messages"), "chosen", "rejected"), "messages"),
    _pair(Pair(chat("messages"), None, "rejected_message"), "messages"),
    _pair(Pair(chat("conversations"), "chosen", "rejected"), "conversations"),
    _pair(Pair(openai_input, "preferred_output", "non_preferred_output"), "input"),
    _pair(Pair(openai_input, "preferred_completion", "non_preferred_completion"), "input"),
    _labelled(Labelled(given_prompt, "completion", "label"), "prompt"),
    _labelled(Labelled(texts("instruction"), "completion", "label"), "instruction"),
    _labelled(Labelled(texts("question"), "completion", "label"), "question"),
    _labelled(Labelled(INSTRUCTION, "output", "kto_tag"), "instruction", may_have=ROUNDS),
    _labelled(Labelled(chat("conversations"), None, "kto_tag"), "conversations"),
    FieldsFormat("preference", ("prompt", "answers"), read_ranked, CONTEXT, RATINGS | {"turns"}),
    FieldsFormat("stepwise", ("prompt", "completions", "labels"), read_stepwise),
)
"""One entry per shape; several shapes may make one format."""

NAMES = tuple(dict.fromkeys(row_format.name for row_format in FORMATS))
"""What ``--format`` takes."""
FIELDS = frozenset(
    field for row_format in FORMATS for field in (*row_format.needs, *row_format.may_have)
)
"""Every field of every format."""


def formats_for(options: ReadOptions) -> Formats:
    """The formats to choose from, reading as the user says. Raises DatasetError.

    The error is about the options: a format, role or field that there is not.
    """
    if options.format is not None and options.format not in NAMES:
        _refuse_option("--format", options.format, NAMES)
    for field in options.fields:
        if field not in FIELDS and field not in OPTION_FIELDS:
            _refuse_option("--field", field, (*sorted(FIELDS), *OPTION_FIELDS))
    reading = reading_of(options)
    formats = [replace(row_format, reading=reading) for row_format in FORMATS]
    allowed = tuple(one for one in formats if options.format in (None, one.name))
    return Formats(allowed, tuple(one for one in formats if one not in allowed))


def _refuse_option(option: str, given: str, known: tuple[str, ...]) -> None:
    raise DatasetError(
        option,
        None,
        found=show_text(given),
        expected=f"one of {', '.join(known)}",
        cure="correct the name",
    )
