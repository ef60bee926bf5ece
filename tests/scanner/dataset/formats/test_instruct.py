"""An instruction and its answer in fields of their own."""

from collections.abc import Callable
from typing import Any

import pytest

from scanner.dataset.interface import Parsed, Record
from scanner.types import Message, Row

Parse = Callable[..., Parsed]
Problem = Callable[..., str]


def row(question: str, answer: str, *before: Message) -> Row:
    return Row(7, (*before, Message("user", question)), answer)


@pytest.mark.parametrize(
    ("record", "question"),
    [
        ({"instruction": "Sum", "input": "2 2", "output": "4"}, "Sum\n\n2 2"),
        ({"instruction": "Sum", "input": "", "output": "4"}, "Sum"),
        ({"instruction": "Sum", "input": None, "output": "4"}, "Sum"),
        ({"instruction": "Sum", "output": "4"}, "Sum"),
        ({"instruction": "", "input": "2 2", "output": "4"}, "2 2"),
        ({"instruction": "Sum", "input": "2 2", "response": "4"}, "Sum\n\n2 2"),
        ({"INSTRUCTION": "Sum", "RESPONSE": "4"}, "Sum"),
        ({"instruction": "Sum", "revision": "4"}, "Sum"),
        ({"question": "Sum", "answer": "4"}, "Sum"),
        ({"question": "Sum", "response": "4"}, "Sum"),
        ({"query": "Sum", "response": "4"}, "Sum"),
        ({"prompt": "Sum", "response": "4"}, "Sum"),
        ({"prompt": "Sum", "generation": "4"}, "Sum"),
        ({"input": "Sum", "output": "4"}, "Sum"),
        ({"article": "Sum", "summary": "4"}, "Sum"),
        ({"message_1": "Sum", "message_2": "4"}, "Sum"),
        ({"article": "2 2", "question": "Sum", "answer": "4"}, "2 2\n\nSum"),
        ({"context": "2 2", "question": "Sum", "answer": "4"}, "2 2\n\nSum"),
    ],
)
def test_every_variant(record: Record, question: str, parse: Parse) -> None:
    assert parse(record) == Parsed((row(question, "4"),))


def test_the_system_text_comes_first(parse: Parse) -> None:
    system = Message("system", "Be brief.")
    record = {"instruction": "Sum", "output": "4", "system": "Be brief."}
    assert parse(record).rows == (row("Sum", "4", system),)
    orca = {"system_prompt": "Be brief.", "question": "Sum", "response": "4"}
    assert parse(orca).rows == (row("Sum", "4", system),)


def test_the_answers_of_the_history_are_trained_on(parse: Parse) -> None:
    record = {"instruction": "And 3?", "output": "6", "history": [["Twice 2?", "4"]]}
    assert parse(record).rows == (
        row("Twice 2?", "4"),
        row("And 3?", "6", Message("user", "Twice 2?"), Message("assistant", "4")),
    )


@pytest.mark.parametrize("history", [None, []])
def test_no_history(history: object, parse: Parse) -> None:
    record = {"instruction": "Sum", "output": "4", "history": history}
    assert parse(record).rows == (row("Sum", "4"),)


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (
            {"instruction": None, "output": "4"},
            "found null as 'instruction'; expected a text; write one string",
        ),
        (
            {"instruction": "Sum", "output": 4},
            "found a number as 'output'; expected a text; write one string",
        ),
        (
            {"instruction": "Sum", "output": " "},
            "found an empty assistant answer; expected an answer to train on; "
            "add the answer or remove the row",
        ),
        (
            {"instruction": "Sum", "input": ["2"], "output": "4"},
            "found a list as 'input'; expected a text; write one string",
        ),
        (
            {"instruction": "Sum", "output": "4", "history": [["Hi"]]},
            "found a list as history[0]; expected a question and an answer, two texts; "
            "correct the pair",
        ),
        (
            {"instruction": "Sum", "output": "4", "history": "Hi"},
            "found 'Hi' as 'history'; expected a list of pairs of texts; write a JSON list",
        ),
    ],
)
def test_what_is_said_about_a_bad_row(record: Record, message: str, problem: Problem) -> None:
    assert problem(record) == message


def test_reflection_is_one_answer_of_three_texts(parse: Callable[..., Any]) -> None:
    record = {"instruction": "i", "input": "", "output": "o", "reflection": "r", "corrected": "c"}
    [row] = parse(record).rows
    assert [turn.content for turn in row.prompt] == ["i"]
    assert row.answer == ("### Thought:\no\n\n### Agent Reflection:\nr\n\n### Final Response:\nc")


@pytest.mark.parametrize("field", ["solution", "explanation"])
def test_choices_stand_below_the_question(parse: Callable[..., Any], field: str) -> None:
    [row] = parse({"question": "Which?", "choices": ["one", "two"], field: "one"}).rows
    assert [turn.content for turn in row.prompt] == ['Which?\n\n- "one"\n- "two"']
    assert row.answer == "one"


def test_two_answers_to_choose_from_are_the_users_to_settle(problem: Callable[..., str]) -> None:
    record = {"question": "q", "choices": ["a"], "solution": "a", "explanation": "e"}
    assert problem(record).endswith("--field ignored=explanation or --field ignored=solution")
