"""What a ``dataset_info.json`` says of its data."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import pytest

from scanner.config import Preference, ReadOptions
from scanner.dataset.formats.llama_factory import options_of
from scanner.dataset.interface import Parsed, Record, RowProblem
from scanner.types import Message, Row

Parse = Callable[..., Parsed]
SUM = Row(7, (Message("user", "Sum?"),), "4")


def read(parse: Parse, entry: Record, record: Record, **options: Any) -> Parsed:
    return parse(record, **asdict(options_of(entry, ReadOptions(**options))))


OPENAI_TAGS = {
    "role_tag": "role",
    "content_tag": "content",
    "user_tag": "user",
    "assistant_tag": "assistant",
    "system_tag": "system",
}
OWN_TAGS = {"role_tag": "who", "content_tag": "says", "user_tag": "ann", "assistant_tag": "bob"}


@pytest.mark.parametrize(
    ("entry", "record"),
    [
        ({"file_name": "x.json"}, {"instruction": "Sum?", "input": "", "output": "4"}),
        (
            {"columns": {"prompt": "ask", "response": "reply", "query": None}},
            {"ask": "Sum?", "reply": "4", "input": "not read", "id": 1},
        ),
        (
            {"columns": {"prompt": "input", "response": "instruction"}},
            {"input": "Sum?", "instruction": "4"},
        ),
        (
            {"formatting": "sharegpt"},
            {
                "conversations": [
                    {"from": "human", "value": "Sum?"},
                    {"from": "gpt", "value": "4"},
                ],
                "system": "not read: the entry does not list it",
            },
        ),
        (
            {"formatting": "sharegpt", "columns": {"messages": "messages"}, "tags": OPENAI_TAGS},
            {
                "messages": [
                    {"role": "user", "content": "Sum?"},
                    {"role": "assistant", "content": "4"},
                ]
            },
        ),
        (
            {"formatting": "sharegpt", "columns": {"messages": "talk"}, "tags": OWN_TAGS},
            {"talk": [{"who": "ann", "says": "Sum?"}, {"who": "bob", "says": "4"}]},
        ),
        (
            {
                "ranking": True,
                "columns": {"prompt": "q", "chosen": "good", "rejected": "bad"},
            },
            {"q": "Sum?", "good": "4", "bad": "5", "output": "not read"},
        ),
        (
            {"columns": {"prompt": "instruction", "response": "output", "kto_tag": "kto_tag"}},
            {"instruction": "Sum?", "output": "4", "kto_tag": True},
        ),
    ],
)
def test_an_entry_is_followed(entry: Record, record: Record, parse: Parse) -> None:
    assert read(parse, entry, record).rows == (SUM,)


def test_columns_that_are_listed_are_read(parse: Parse) -> None:
    columns = {"prompt": "instruction", "query": "input", "response": "output", "system": "system"}
    record = {"instruction": "Sum?", "input": "2 2", "output": "4", "system": "Count."}
    (row,) = read(parse, {"columns": columns | {"history": "history"}}, record).rows
    assert row.prompt == (Message("system", "Count."), Message("user", "Sum?\n\n2 2"))


def test_a_prompt_without_a_response_is_a_document(parse: Parse) -> None:
    entry = {"columns": {"prompt": "text"}}
    assert read(parse, entry, {"text": "One two"}) == parse({"text": "One two"})
    entry = {"columns": {"prompt": "instruction"}}
    record = {"instruction": "One two", "output": "not read"}
    assert read(parse, entry, record) == parse({"text": "One two"})


def test_the_user_goes_before_the_entry() -> None:
    entry = {"columns": {"prompt": "ask", "response": "reply"}}
    given = ReadOptions(
        format="instruct",
        fields={"instruction": "question"},
        role_map={"ann": "user"},
        preference=Preference.BOTH,
        report_bad_rows=True,
    )
    merged = options_of(entry, given)
    assert (merged.format, merged.fields["instruction"]) == ("instruct", "question")
    assert (merged.preference, merged.report_bad_rows) == (Preference.BOTH, True)
    assert merged.role_map == {"ann": "user"}
    assert merged.fields["output"] == "reply"


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (
            {"formatting": "vicuna"},
            "found 'vicuna' as 'formatting'; expected one of alpaca, sharegpt, openai; "
            "correct the file",
        ),
        ({"formatting": ["alpaca"]}, "found a list as 'formatting'; expected"),
        (
            {"columns": {"prompt": "a", "images": "b"}},
            "found 'images' in 'columns'; expected none but prompt, query, response, history, "
            "system, tools, chosen, rejected, kto_tag; "
            "correct the file, or remove the data that is no text",
        ),
        ({"columns": "text"}, "found 'text' as 'columns'; expected an object of names"),
        ({"columns": {"prompt": 1}}, "found a number as columns.prompt; expected a name"),
        ({"columns": {"prompt": ""}}, "found '' as columns.prompt; expected a name"),
        (
            {"formatting": "sharegpt", "tags": {"bot_tag": "x"}},
            "found 'bot_tag' in 'tags'; expected none but user_tag, ",
        ),
    ],
)
def test_what_is_said_about_a_bad_entry(entry: Record, message: str) -> None:
    with pytest.raises(RowProblem) as caught:
        options_of(entry)
    assert message in str(caught.value)
