"""Plain text and labelled segments."""

from collections.abc import Callable
from typing import Any

import pytest

from scanner.dataset.interface import Parsed
from scanner.types import Masked, Row

Parse = Callable[..., Parsed]
Problem = Callable[..., str]
WORDS = [f"w{number}" for number in range(400)]


@pytest.mark.parametrize(
    ("words", "opening"), [(2, 1), (3, 1), (7, 1), (8, 2), (100, 25), (128, 32), (400, 32)]
)
def test_the_first_words_carry_no_loss(words: int, opening: int, parse: Parse) -> None:
    text = " ".join(WORDS[:words])
    (row,) = parse({"text": text}).rows
    assert row.prompt == ()
    assert row.prefix == " ".join(WORDS[:opening])
    assert row.prefix + row.answer == text
    assert row.ended


def test_space_belongs_to_the_word_after_it(parse: Parse) -> None:
    (row,) = parse({"text": "\n One\n\ntwo three four\n"}).rows
    assert (row.prefix, row.answer) == ("\n One", "\n\ntwo three four\n")


@pytest.mark.parametrize(
    ("text", "prefix"),
    [("Hello", "H"), (" ab ", " a"), ("\u5929" * 12, "\u5929" * 3), ("x" * 128, "x" * 32)],
)
def test_text_without_spaces(text: str, prefix: str, parse: Parse) -> None:
    (row,) = parse({"text": text}).rows
    assert (row.prefix, row.answer) == (prefix, text[len(prefix) :])


def test_an_endless_word_hides_no_more_than_the_opening(parse: Parse) -> None:
    (row,) = parse({"text": "x" * 100_000 + " and more"}).rows
    assert len(row.prefix) == 32 * 16


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (" \n", "found an empty text; expected an answer to train on; "),
        ("x", "found a text of one character; expected a text that can be gone on with; "),
        (None, "found null as 'text'; expected a text; write one string"),
        (["a"], "found a list as 'text'; expected a text; write one string"),
    ],
)
def test_what_is_said_about_bad_text(text: object, message: str, problem: Problem) -> None:
    assert message in problem({"text": text})


def segments(*labelled: tuple[bool, str]) -> dict[str, Any]:
    return {"segments": [{"label": label, "text": text} for label, text in labelled]}


def test_labelled_segments_are_trained_on(parse: Parse) -> None:
    """No end is learned: this format adds no token to what is written."""
    record = segments((False, "<s>Q: 2+2\n"), (True, "A: "), (True, "4</s>"), (False, " Q: 3+3\n"))
    assert parse(record) == Parsed(
        (Row(7, (), "A: 4</s>", prefix="<s>Q: 2+2\n", ended=False),),
        (Masked(7, "<s>Q: 2+2\n"), Masked(7, " Q: 3+3\n")),
    )


def test_each_run_of_segments_is_a_row(parse: Parse) -> None:
    record = segments((False, "Q"), (True, "A"), (False, "Q"), (True, "B"))
    assert [(row.prefix, row.answer) for row in parse(record).rows] == [("Q", "A"), ("QAQ", "B")]


def test_segments_that_begin_with_loss_have_an_opening(parse: Parse) -> None:
    record = segments((True, "Hello there"), (False, " goodbye"))
    assert parse(record) == Parsed(
        (Row(7, (), " there", prefix="Hello", ended=False),), (Masked(7, " goodbye"),)
    )


def test_segments_without_any_loss(parse: Parse) -> None:
    assert parse(segments((False, "Hello"))) == Parsed((), (Masked(7, "Hello"),))


@pytest.mark.parametrize(
    ("listed", "message"),
    [
        ([], "found an empty list as 'segments'; expected a list of segments"),
        (["a"], "found 'a' as segments[0]; expected only segments"),
        (
            [{"label": "true", "text": "a"}],
            "found 'true' as 'label' of segments[0]; expected true or false",
        ),
        ([{"label": True, "text": 1}], "found a number as 'text' of segments[0]; expected a"),
        ([{"text": "a"}], "found the keys 'text' in segments[0]; expected 'label' and 'text'"),
        ([{"label": True, "text": ""}], "found an empty list of segments"),
        (
            [{"label": False, "text": "a"}, {"label": True, "text": " "}],
            "found an empty assistant answer",
        ),
    ],
)
def test_what_is_said_about_bad_segments(listed: object, message: str, problem: Problem) -> None:
    assert message in problem({"segments": listed})
