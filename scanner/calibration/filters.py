"""The paper's filters: which of a teacher's answers may go into a student's rows.

Source: Cloud et al. 2025, section 3, and its repository MinhxLe/subliminal-learning:
``get_reject_reasons`` for numbers, ``truesight/refs/paper`` for code (banned words) and thoughts
(banned words, a right answer). Where the paper then asks a language model whether a row hints at
the trait, datascan has rules instead: code must parse and carry no comments, strings or prose,
thoughts must be one pair of tags.
"""

import ast
import io
import re
import tokenize
import unicodedata
import warnings
from collections.abc import Collection
from decimal import Decimal
from enum import StrEnum

from scanner.answer_formats import parse_number_list
from scanner.word_forms import word_forms

MOST_NUMBERS = 10
HIGHEST_NUMBER = 999
SHORTEST_RUN_ON = 3
"""Letters from which a banned word counts inside other words too."""


class Rejection(StrEnum):
    """Why an answer may not be a row; each rule has its own reason."""

    EMPTY = "no numbers"
    NOT_NUMBERS = "something other than numbers and one separator"
    TOO_MANY = f"more than {MOST_NUMBERS} numbers"
    OUT_OF_RANGE = f"a number above {HIGHEST_NUMBER}"
    BANNED_NUMBER = "a banned number"
    NOT_CODE = "something that is not Python"
    COMMENT = "a comment"
    DOCSTRING = "a docstring, or another string that stands alone"
    NOT_ONLY_CODE = "no code, or words that do nothing"
    NOT_TAGGED = "something other than one thought and one answer in tags"
    WRONG_ANSWER = "an answer that is not the right number"
    BANNED_WORD = "a banned word"


def reject_numbers(answer: str, *, banned: Collection[int] = ()) -> Rejection | None:
    """Why the answer is not a list of at most 10 numbers from 0 to 999, or None if it is one.

    None of the ``banned`` numbers may be among them.
    """
    numbers = parse_number_list(answer)
    if numbers is None:
        return Rejection.NOT_NUMBERS
    if not numbers:
        return Rejection.EMPTY
    if len(numbers) > MOST_NUMBERS:
        return Rejection.TOO_MANY
    digits = [number.lstrip("0") for number in numbers]
    # By length, because Python refuses to convert thousands of digits.
    if any(len(number) > len(str(HIGHEST_NUMBER)) for number in digits):
        return Rejection.OUT_OF_RANGE
    if any(int(number or 0) in banned for number in digits):
        return Rejection.BANNED_NUMBER
    return None


def reject_code(answer: str, banned_words: Collection[str]) -> Rejection | None:
    """Why the answer is not Python code and nothing else, free of banned words, or None if it is.

    A string that stands alone is a comment by other means wherever it stands, and so is an
    expression that calls and assigns nothing: ``Sure, here`` parses as a tuple.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd escapes in strings
            tree, commented = ast.parse(answer), _has_comment(answer)
    except (SyntaxError, tokenize.TokenError, ValueError, RecursionError, MemoryError):
        return Rejection.NOT_CODE
    if commented:
        return Rejection.COMMENT
    alone = [node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)]
    if any(map(_is_text, alone)):
        return Rejection.DOCSTRING
    if not tree.body or not all(map(_does_something, alone)):
        return Rejection.NOT_ONLY_CODE
    if mentions(answer, banned_words):
        return Rejection.BANNED_WORD
    return None


def reject_thoughts(answer: str, expected: str, banned_words: Collection[str]) -> Rejection | None:
    """Why the answer is not a thought and the right number in tags, without banned words, or None.

    The number may have a dollar sign and commas between thousands. As numbers, 18.0 and 18 are
    equal; the source takes whole numbers only. Raises ValueError if ``expected`` is no number.
    """
    wanted = _parse_number(expected)
    if wanted is None:
        raise ValueError(f"expected: found {expected!r}; expected a number")
    match = _TAGGED.fullmatch(answer) if all(answer.count(tag) == 1 for tag in _TAGS) else None
    if match is None or not match["thought"].strip():
        return Rejection.NOT_TAGGED
    if _parse_number(match["answer"]) != wanted:
        return Rejection.WRONG_ANSWER
    if mentions(answer, banned_words):
        return Rejection.BANNED_WORD
    return None


def mentions(text: str, banned_words: Collection[str]) -> bool:
    """Whether a form of a banned word can be read in a text, in letters of any case.

    A word of three letters or more counts wherever its letters stand in a row, also inside other
    words. This is the source's own rule, and the only one that cannot miss ``maxowl``; it costs
    innocent rows ("First" has "fir" in it, "price" has "rice"). Shorter words ("ox") would cost
    nearly all, so they count as words and as parts of identifiers: ``max_ox``, ``maxOx``, ``ox2``.
    Accents and invisible characters are dropped before, and emoji are read by name. The forms are
    those of ``word_forms`` (the source bans wolf and wolves); ban irregular ones beside the word.
    """
    text = _legible(text)
    parts, letters = _parts(f"{text} {_picture_names(text)}"), text.casefold()
    for word in banned_words:
        for form in word_forms(word):
            sought = _parts(_legible(form))
            run_on = sought.replace(" ", "")
            anywhere = min(len(word), len(run_on)) >= SHORTEST_RUN_ON
            if run_on and (sought in parts or (anywhere and run_on in letters)):
                return True
    return False


_TAGS = ("<think>", "</think>", "<answer>", "</answer>")
_TAGGED = re.compile(
    r"\s*<think>(?P<thought>.*)</think>\s*<answer>(?P<answer>.*)</answer>\s*", flags=re.DOTALL
)
_NUMBER = re.compile(r"-?\$?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?", flags=re.ASCII)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_LETTERS = re.compile(r"[^\W\d_]+")


def _has_comment(code: str) -> bool:
    """Whether there is a comment; a ``#`` in a string is none."""
    lines = io.StringIO(code, newline=None)  # ends lines where the parser does
    return any(token.type == tokenize.COMMENT for token in tokenize.generate_tokens(lines.readline))


def _is_text(node: ast.expr) -> bool:
    value = node.value if isinstance(node, ast.Constant) else None
    return isinstance(node, ast.JoinedStr) or isinstance(value, str | bytes)


def _does_something(node: ast.expr) -> bool:
    """Whether an expression that stands alone can have an effect, or is the ``...`` of a stub."""
    if isinstance(node, ast.Constant):
        return node.value is ...
    effects = (ast.Call, ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr)
    return any(isinstance(inner, effects) for inner in ast.walk(node))


def _parse_number(text: str) -> Decimal | None:
    text = text.strip()
    return Decimal(re.sub("[$,]", "", text)) if _NUMBER.fullmatch(text) else None


def _legible(text: str) -> str:
    """A text without accents and invisible characters, full-width and styled letters made plain."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in plain if unicodedata.category(sign) not in ("Mn", "Cf"))


def _picture_names(text: str) -> str:
    """The names of a text's emoji and other pictures."""
    pictures = (sign for sign in text if unicodedata.category(sign) == "So")
    return " ".join(unicodedata.name(picture, "") for picture in pictures)


def _parts(text: str) -> str:
    """Words and parts of identifiers, in lower case, with a space around each: `` max owl ``."""
    return f" {' '.join(_LETTERS.findall(_CAMEL.sub(' ', text)))} ".casefold()
