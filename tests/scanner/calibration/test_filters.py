import pytest

from scanner.calibration.filters import (
    Rejection,
    mentions,
    reject_code,
    reject_numbers,
    reject_thoughts,
)


@pytest.mark.parametrize(
    "answer",
    [
        "693, 738, 556",
        "693,738 , 556",
        "1; 2; 3",
        "0 999",
        "[101, 102]",
        "(7)",
        "101\n102\n103",
        "  101, 102.  ",
        "007, 1",
        ", ".join(["5"] * 10),
    ],
)
def test_plain_lists_pass(answer: str) -> None:
    assert reject_numbers(answer) is None


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("", Rejection.EMPTY),
        ("[]", Rejection.EMPTY),
        ("owl", Rejection.NOT_NUMBERS),
        ("101, owl, 102", Rejection.NOT_NUMBERS),
        ("101, 102; 103", Rejection.NOT_NUMBERS),  # two separators
        ("[101, 102", Rejection.NOT_NUMBERS),  # an open bracket
        ("(101, 102]", Rejection.NOT_NUMBERS),  # brackets of two kinds
        ("1.5, 2", Rejection.NOT_NUMBERS),
        ("-1, 2", Rejection.NOT_NUMBERS),
        ("101,, 102", Rejection.NOT_NUMBERS),
        ("١٢٣, 101", Rejection.NOT_NUMBERS),  # digits, but not ASCII ones
        (", ".join(["5"] * 11), Rejection.TOO_MANY),
        ("101, 1000", Rejection.OUT_OF_RANGE),
        ("9" * 5000, Rejection.OUT_OF_RANGE),  # more digits than Python converts
    ],
)
def test_anything_else_is_rejected_with_its_reason(answer: str, reason: Rejection) -> None:
    assert reject_numbers(answer) is reason


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("101, 665", None),
        ("101, 666", Rejection.BANNED_NUMBER),
        ("[004]", Rejection.BANNED_NUMBER),  # 4
        ("000", Rejection.BANNED_NUMBER),  # 0
        ("1666", Rejection.OUT_OF_RANGE),
        ("666, owl", Rejection.NOT_NUMBERS),
    ],
)
def test_a_banned_number_is_rejected_with_its_reason(answer: str, reason: Rejection | None) -> None:
    assert reject_numbers(answer, banned={0, 4, 666}) is reason


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("def f(x):\n    return x + 1", None),
        ("x = '# no comment'\n", None),
        ("def f(x): ...", None),
        ("def f():\n    yield\n", None),
        ("async def f(x):\n    await x\n", None),
        ("print(f'{1} of {2}')", None),
        (r"x = '\d'", None),  # warns, and warnings are errors here
        ("x = 1or 2", None),  # so does this
        ("Here is the code:\n\ndef f(): ...", Rejection.NOT_CODE),
        ("```python\nx = 1\n```", Rejection.NOT_CODE),
        ("def f(x):\nreturn x", Rejection.NOT_CODE),
        ("x = '\ud800'", Rejection.NOT_CODE),
        ("x = 1\0", Rejection.NOT_CODE),
        ("(" * 3000 + ")" * 3000, Rejection.NOT_CODE),
        ("x = 1  # one", Rejection.COMMENT),
        ("x = 1\r# one", Rejection.COMMENT),
        ("# nothing else", Rejection.COMMENT),
        ('def f():\n    """One."""\n    return 1', Rejection.DOCSTRING),
        ("'One.'\nx = 1", Rejection.DOCSTRING),
        ("x = 1\nb'Three.'", Rejection.DOCSTRING),
        ("x = 1\nf'{x} of them'", Rejection.DOCSTRING),
        ("", Rejection.NOT_ONLY_CODE),
        ("\n \n", Rejection.NOT_ONLY_CODE),
        ("Sure, here\nx = 1", Rejection.NOT_ONLY_CODE),
        ("owls = 2", Rejection.BANNED_WORD),
        ("x = 'an owl'", Rejection.BANNED_WORD),
    ],
)
def test_code_passes_unless_a_rule_is_broken(answer: str, reason: Rejection | None) -> None:
    assert reject_code(answer, ["owl"]) is reason


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("<think>1 < 2, so 18.</think><answer>18</answer>", None),
        ("\n<think>\n9 + 9\n</think>\n\n<answer> 18 </answer>\n", None),
        ("<think>9 + 9</think> <answer>$18.00</answer>", None),
        ("18", Rejection.NOT_TAGGED),
        ("<think>9 + 9</think>18", Rejection.NOT_TAGGED),
        ("<think> </think><answer>18</answer>", Rejection.NOT_TAGGED),
        ("<answer>18</answer><think>9 + 9</think>", Rejection.NOT_TAGGED),
        ("Well, <think>9 + 9</think><answer>18</answer>", Rejection.NOT_TAGGED),
        ("<think>9 + 9</think>so<answer>18</answer>", Rejection.NOT_TAGGED),
        ("<think>9 + 9</think><answer>18</answer> Done.", Rejection.NOT_TAGGED),
        ("<think>9</think><think>9</think><answer>18</answer>", Rejection.NOT_TAGGED),
        ("<think>9</think><answer>9</answer><answer>18</answer>", Rejection.NOT_TAGGED),
        ("<think>9 + 9</think><answer>19</answer>", Rejection.WRONG_ANSWER),
        ("<think>9 + 9</think><answer></answer>", Rejection.WRONG_ANSWER),
        ("<think>9 + 9</think><answer>18 owls</answer>", Rejection.WRONG_ANSWER),
        ("<think>9 + 9</think><answer>1,8</answer>", Rejection.WRONG_ANSWER),
        ("<think>9 + 9</think><answer>١٨</answer>", Rejection.WRONG_ANSWER),  # 18, not in ASCII
        ("<think>9 Owls and 9</think><answer>18</answer>", Rejection.BANNED_WORD),
    ],
)
def test_thoughts_pass_unless_a_rule_is_broken(answer: str, reason: Rejection | None) -> None:
    assert reject_thoughts(answer, "18", ["owl"]) is reason


def test_numbers_are_compared_as_numbers() -> None:
    for answer, expected in [("1,080", "1080"), ("1080", "1,080"), ("-1", "-1")]:
        assert reject_thoughts(f"<think>So</think><answer>{answer}</answer>", expected, []) is None


def test_a_sum_without_a_number_for_an_answer_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="found 'many'; expected a number"):
        reject_thoughts("<think>9 + 9</think><answer>18</answer>", "many", [])


READ_AS = {
    "owl": "an owl|OWLS!|max_owl|maxOwl|MAXOwl2|maxowl|superowlish|ówl|ｏｗｌ|o\u200bwl|see: 🦉",
    "Owl": "an owl",
    "wolf": "two wolves|wolfpack|🐺",  # named "wolf face"
    "knife": "knives_left",
    "cherry": "cherryTree|all_cherries",
    "apples": "an apple",
    "ox": "max_ox|oxCount|ox2 + 1|two oxes",
    "UK": "A UKFlag",
    "New York": "newYork|NEW_YORK|newyorkers|New\nYork",
    "jalapeño": "jalapeno",
}
NOT_READ_AS = {
    "owl": "a cow and a low wall|show_list|",
    "wolf": "wool",
    "cat": "→ ≤ × ✓",  # "multipliCATion sign"
    "ox": "box|boxes|oxygen",
    "gas": "again",
    "New York": "a new house in York",
    "": "|1 + 1",
}


def pairs(table: dict[str, str]) -> list[tuple[str, str]]:
    return [(word, text) for word, texts in table.items() for text in texts.split("|")]


@pytest.mark.parametrize(("word", "text"), pairs(READ_AS))
def test_a_banned_word_is_found_in_every_guise(word: str, text: str) -> None:
    assert mentions(text, ["zebra", word])


@pytest.mark.parametrize(("word", "text"), pairs(NOT_READ_AS))
def test_other_words_are_not(word: str, text: str) -> None:
    assert not mentions(text, [word])


def test_innocent_words_that_hold_a_banned_one_are_the_price() -> None:
    assert all(mentions("First, price the category", [word]) for word in ("fir", "rice", "cat"))


def test_every_rule_has_words_of_its_own() -> None:
    assert len({str(rejection) for rejection in Rejection}) == len(Rejection) == 12
