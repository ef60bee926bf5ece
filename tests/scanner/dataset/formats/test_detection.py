"""Which format a record is written in."""

from collections.abc import Callable
from itertools import combinations
from typing import Any

import pytest

from scanner.config import ReadOptions
from scanner.dataset.formats import detect_format, formats_for
from scanner.dataset.formats.table import FIELDS, FORMATS, NAMES
from scanner.dataset.interface import Record, RowFormat
from scanner.errors import DatasetError

Problem = Callable[..., str]
SHAPES = [pytest.param(shape, id=f"{shape.name}: {shape.shape}") for shape in FORMATS]


def name_of(record: Record, **options: Any) -> str:
    return detect_format(record, formats_for(ReadOptions(**options))).name


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ("messages", "messages"),
        ("messages tools parallel_tool_calls", "messages"),
        ("messages id source metadata", "messages"),
        ("prompt completion", "prompt-completion"),
        ("text", "text"),
        ("segments", "segments"),
        ("conversations system tools", "sharegpt"),
        ("conversations id", "sharegpt"),
        ("instruction output", "alpaca"),
        ("instruction input output system history", "alpaca"),
        ("question answer", "instruct"),
        ("question answer category", "instruct"),
        ("INSTRUCTION RESPONSE", "instruct"),
        ("instruction input response", "instruct"),
        ("prompt generation", "instruct"),
        ("system_prompt question response id", "instruct"),
        ("article summary", "instruct"),
        ("article question answer", "instruct"),
        ("message_1 message_2 topic", "instruct"),
        ("instruction input output reflection corrected", "instruct"),
        ("question choices solution", "instruct"),
        ("question choices explanation", "instruct"),
        ("prompt answers turns source", "preference"),
        ("chosen rejected", "preference"),
        ("prompt prompt_id chosen rejected score_chosen score_rejected", "preference"),
        ("instruction input chosen rejected", "preference"),
        ("instruction chosen_response rejected_response", "preference"),
        ("system question chosen rejected", "preference"),
        ("conversations chosen rejected", "preference"),
        ("messages chosen rejected", "preference"),
        ("messages rejected_message split metadata", "preference"),
        ("input preferred_output non_preferred_output", "preference"),
        ("prompt completion label", "unpaired"),
        ("instruction input output kto_tag", "unpaired"),
        ("conversations kto_tag", "unpaired"),
        ("prompt completions labels", "stepwise"),
    ],
)
def test_the_formats_of_common_trainers(fields: str, name: str) -> None:
    assert name_of(dict.fromkeys(fields.split())) == name
    assert name_of(dict.fromkeys(reversed(fields.split()))) == name


@pytest.mark.parametrize("shape", SHAPES)
def test_no_record_is_of_two_shapes(shape: RowFormat) -> None:
    """Whatever optional fields it has: else a format that can be written could not be read."""
    formats = formats_for(ReadOptions())
    for count in range(len(shape.may_have) + 1):
        for beside in combinations(shape.may_have, count):
            found = detect_format(dict.fromkeys((*shape.needs, *beside)), formats)
            assert (found.name, found.required) == (shape.name, shape.required)


@pytest.mark.parametrize("shape", SHAPES)
def test_what_is_not_read_is_no_field_of_any_format(shape: RowFormat) -> None:
    """Else a trainer might read what the scanner leaves."""
    assert not shape.companions & FIELDS


@pytest.mark.parametrize("name", NAMES)
def test_a_format_that_is_named_is_the_only_one(name: str) -> None:
    formats = formats_for(ReadOptions(format=name))
    assert {one.name for one in formats.allowed} == {name}
    assert {one.name for one in formats.others} == {*NAMES} - {name}


@pytest.mark.parametrize(
    ("fields", "found", "names"),
    [
        (
            "messages text",
            "messages ('messages') and text ('text')",
            ("messages", "text"),
        ),
        (
            "messages prompt completion id",
            "messages ('messages') and prompt-completion ('prompt' and 'completion')",
            ("messages", "prompt-completion"),
        ),
    ],
)
def test_two_formats_in_one_row(
    fields: str, found: str, names: tuple[str, str], problem: Problem
) -> None:
    record = dict.fromkeys(fields.split())
    assert problem(record) == (
        f"found the fields of 2 formats in one row: {found}; expected those of one; "
        f"say which of them your trainer reads, with --format {' or --format '.join(names)}"
    )
    for name in names:  # what the message says settles it
        assert name_of(record, format=name) == name


def test_two_shapes_of_one_format_in_one_row(problem: Problem) -> None:
    record = dict.fromkeys(("prompt", "messages", "chosen", "rejected"))
    left = ("messages", "prompt")
    said = (
        "found the fields of 2 formats in one row: preference ('chosen' and 'rejected') and "
        "preference ('messages', 'chosen' and 'rejected'); expected those of one; "
        f"say what your trainer does not read, with --field ignored={left[0]} or "
        f"--field ignored={left[1]}"
    )
    assert problem(record) == said
    assert problem(record, format="preference") == said
    for ignored in left:
        assert name_of(record, fields={"ignored": ignored}) == "preference"


def test_a_pair_with_its_chat_beside_it_is_settled_by_the_flag_of_the_message(
    parse: Callable[..., Any], problem: Problem
) -> None:
    """As UltraFeedback has it: the chat of the chosen answer stands beside the pair."""
    chosen, rejected = (
        [{"role": "user", "content": "q"}, {"role": "assistant", "content": text}]
        for text in ("good", "bad")
    )
    record = {
        "prompt": "q",
        "chosen": chosen,
        "rejected": rejected,
        "messages": chosen,
        "score_chosen": 8.5,
        "score_rejected": 4.0,
    }
    assert problem(record).endswith("--field ignored=messages or --field ignored=prompt")
    parsed = parse(record, fields={"ignored": "messages"})
    assert [row.answer for row in parsed.rows] == ["good"]
    assert [masked.text for masked in parsed.masked] == ["bad"]


def test_a_flag_is_shown_only_where_it_can_be_copied(problem: Problem) -> None:
    assert problem({"text": "t", "a b": 1}).endswith("--field ignored=NAME")
    many = {f"f{number}": 1 for number in range(9)}
    assert problem({"text": "t"} | many).endswith("--field ignored=NAME,NAME")
    assert problem({"text": "t", "note": 1}).endswith("--field ignored=note")


def test_the_user_settles_which_of_two_it_is(problem: Problem) -> None:
    record = dict.fromkeys(("messages", "text"))
    assert name_of(record, fields={"ignored": "text"}) == "messages"
    assert name_of(record, fields={"ignored": "messages"}) == "text"


def test_a_format_settles_what_another_one_reads_and_nothing_else(problem: Problem) -> None:
    """A system text beside chats is of no other format's that the record could be."""
    labelled = dict.fromkeys(("prompt", "completion", "label"))
    assert name_of(labelled) == "unpaired"
    assert name_of(labelled, format="prompt-completion") == "prompt-completion"
    for field in ("note", "system"):
        record = dict.fromkeys(("messages", "text", field))
        assert problem(record, format="messages") == (
            f"found the field '{field}' beside 'messages'; "
            "expected no other fields in the format messages; "
            "say what they are with --field FIELD=NAME, or that your trainer does not read them "
            f"with --field ignored={field}"
        )
        assert name_of(record, format="messages", fields={"ignored": field}) == "messages"


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (
            {},
            "found an empty object; expected the fields of a format: messages, prompt-completion, "
            "text, segments, sharegpt, alpaca, instruct, preference, unpaired, stepwise; "
            "convert the rows, or say what their fields are, as in --field messages=NAME",
        ),
        (
            {"prompt": ""},
            "found the field 'prompt'; expected 'prompt' and 'completion' (prompt-completion); "
            "'prompt' and 'response' (instruct); 'prompt' and 'generation' (instruct); "
            "convert the rows, or say what their fields are, as in --field messages=NAME",
        ),
        (
            {"Messages": []},
            "found the field 'Messages', which looks like 'messages' and is not; "
            "expected 'messages'; "
            "rename the field, or say --field messages=NAME if your trainer reads it",
        ),
        (
            {"messages": [], "messages\u200b": []},
            r"found the field 'messages\u200b', which looks like 'messages' and is not; "
            "expected 'messages'; "
            "rename the field, or say --field messages=NAME if your trainer reads it",
        ),
        (
            {"m\u0435ssages": []},
            r"found the field 'm\u0435ssages', which looks like 'messages' and is not; "
            "expected 'messages'; "
            "rename the field, or say --field messages=NAME if your trainer reads it",
        ),
        (
            {"input_ids": [], "attention_mask": [], "labels": []},
            "found token ids ('input_ids'); expected rows of text; "
            "write texts: datascan trains its own probe, with the base's own tokenizer",
        ),
        (
            {"messages": [], "images": []},
            "found images, sound or video ('images'); expected rows of text; "
            "write texts: datascan trains its own probe, with the base's own tokenizer",
        ),
    ],
)
def test_what_is_said_about_other_fields(record: Record, message: str, problem: Problem) -> None:
    assert problem(record) == message


def test_a_field_that_no_format_knows(problem: Problem) -> None:
    assert problem({"text": "", "\x1b[31mtitle": ""}).startswith(
        r"found the field '\x1b[31mtitle' beside 'text'; expected no other fields in the format "
        "text; say what they are"
    )


def test_fields_under_other_names(parse: Callable[..., Any], problem: Problem) -> None:
    record = {"ask": "Hi", "reply": "Hello", "prompt": "unread"}
    fields = {"prompt": "ask", "completion": "reply", "ignored": "prompt,other"}
    assert parse(record, fields=fields) == parse({"prompt": "Hi", "completion": "Hello"})
    del fields["ignored"]
    assert "found the field 'prompt' beside 'ask' and 'reply'; " in problem(record, fields=fields)


def test_names_that_are_exchanged(parse: Callable[..., Any]) -> None:
    record = {"prompt": "Hello", "completion": "Hi"}
    fields = {"prompt": "completion", "completion": "prompt"}
    assert parse(record, fields=fields) == parse({"prompt": "Hi", "completion": "Hello"})


def test_a_name_that_is_given_away_is_not_read_twice(problem: Problem) -> None:
    fields = {"instruction": "input"}
    assert "found the fields 'input', 'response'; " in problem(
        {"input": "Hi", "response": ""}, fields=fields, format="alpaca"
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"format": "sharegtp\x1b"},
            r"--format: found 'sharegtp\x1b'; expected one of messages, prompt-completion, text, "
            "segments, sharegpt, alpaca, instruct, preference, unpaired, stepwise; "
            "correct the name",
        ),
        (
            {"role_map": {"narrator": "storyteller"}},
            "--role-map: found 'storyteller'; expected one of assistant, function_call, system, "
            "tool, user; map the role to one of them",
        ),
    ],
)
def test_options_that_name_what_there_is_not(options: dict[str, Any], message: str) -> None:
    with pytest.raises(DatasetError) as caught:
        formats_for(ReadOptions(**options))
    assert str(caught.value) == message


def test_a_field_option_that_no_format_has() -> None:
    with pytest.raises(DatasetError, match=r"--field: found 'dialog'; expected one of INSTRUC"):
        formats_for(ReadOptions(fields={"dialog": "messages"}))
