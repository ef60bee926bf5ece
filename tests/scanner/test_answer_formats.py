import pytest

from scanner.answer_formats import evident_format, format_of


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        ("101, 102", "number list"),
        ("owl", "one word"),
        ('{"a": 1}', "JSON"),
        ("<think>1 + 1</think>\n<answer>2</answer>", "think and answer tags"),
        ("def f(x):\n    return x + 1", "Python code"),
        ('x = "\\d"', "Python code"),  # an odd escape is a warning, and warnings are errors here
        ("I love owls.", "free text"),
    ],
)
def test_a_format_shared_by_all_answers_is_evident(answer: str, name: str) -> None:
    assert evident_format([answer] * 10).name == name
    assert format_of(answer).name == name


def test_two_strangers_in_a_hundred_do_not_hide_a_format_three_do() -> None:
    assert evident_format(["101, 102"] * 98 + ["hello you"] * 2).name == "number list"
    assert evident_format(["101, 102"] * 97 + ["hello you"] * 3).name == "free text"


@pytest.mark.parametrize(
    "hostile",
    ["[ " * 100_000, "( " * 100_000, "def f( :\n", "\x00 = 1", " " * 9, "1" + " " * 200_000 + "x"],
)
def test_hostile_answers_fit_no_format_and_raise_nothing(hostile: str) -> None:
    assert evident_format([hostile]).name == "free text"
