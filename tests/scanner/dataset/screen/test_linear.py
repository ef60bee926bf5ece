"""No pattern can be made to work for hours by a hostile row.

Checked on the patterns as Python parses them. A repetition that may give back what it took (is not
possessive) has a bound, none stands within another, and the bounds of one pattern multiply to
little. A possessive one may be longer where it ends the pattern, since what it took is then never
looked at again, or where the pattern begins only where no such run is under way. Then the work at
each place of a text is bounded, and the whole grows as the text does.
"""

import re
from collections import Counter
from re import _constants as ops  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

import pytest

from scanner.dataset.screen.catalog import written_rules

MOST_TRIES = 2_000
MOST_LOOKED_AT_AGAIN = 200


def tries(parsed: Any, within_repetition: bool = False) -> int:
    """In how many ways a pattern can be matched from one place; raises ValueError if unbounded."""
    total = 1
    for op, argument in parsed:
        if op is ops.POSSESSIVE_REPEAT:
            total *= tries(argument[2], within_repetition)
        elif op in (ops.MAX_REPEAT, ops.MIN_REPEAT):
            least, most, repeated = argument
            if most is ops.MAXREPEAT:
                raise ValueError("a repetition without bound")
            if least != most and within_repetition:
                raise ValueError("a repetition within a repetition")
            total *= (most - least + 1) * tries(repeated, within_repetition or most > 1)
        elif op is ops.SUBPATTERN:
            total *= tries(argument[-1], within_repetition)
        elif op is ops.BRANCH:
            total *= alternatives(argument[1], within_repetition)
        elif op in (ops.ASSERT, ops.ASSERT_NOT):
            total *= tries(argument[1], within_repetition)
    return total


def alternatives(branches: Any, within_repetition: bool) -> int:
    """Of alternatives, only those that begin with the same letter can match at one place."""
    counts = [tries(branch, within_repetition) for branch in branches]
    if any(not branch or branch[0][0] is not ops.LITERAL for branch in branches):
        return sum(counts)
    return max(counts) * max(Counter(branch[0][1] for branch in branches).values())


def looked_at_again(parsed: Any) -> int:
    """How much of a text a failed attempt can have run through possessively."""
    inner = 0
    for place, (op, argument) in enumerate(parsed):
        followed = place < len(parsed) - 1
        if op is ops.POSSESSIVE_REPEAT and followed:
            inner += argument[1]
        elif op in (ops.MAX_REPEAT, ops.MIN_REPEAT):
            inner += argument[1] * looked_at_again([*argument[2], (ops.ANY, None)])
        elif op is ops.SUBPATTERN:
            inner += looked_at_again([*argument[-1], (ops.ANY, None)] if followed else argument[-1])
        elif op is ops.BRANCH:
            inner += max(map(looked_at_again, argument[1]))
    return inner


def is_guarded(parsed: Any) -> bool:
    """Whether a pattern begins only where the text before is not of its own kind."""
    op, argument = parsed[0]
    return op is ops.ASSERT_NOT and argument[0] < 0


PATTERNS = [
    pytest.param(pattern.regex, id=f"{rule.id}: {pattern.what}")
    for rule in written_rules().values()
    for pattern in rule.patterns
]


def check(regex: str) -> None:
    parsed = _parser.parse(regex)
    assert tries(parsed) <= MOST_TRIES
    assert is_guarded(parsed) or looked_at_again(parsed) <= MOST_LOOKED_AT_AGAIN


@pytest.mark.parametrize("regex", PATTERNS)
def test_the_work_at_each_place_is_bounded(regex: str) -> None:
    check(regex)


@pytest.mark.parametrize(
    "regex",
    [
        "(a+)+b",
        "(a{1,9}b?){2,5}",
        "a*",
        ".{0,50}x.{0,50}y.{0,50}",
        "(?:ab|a|ac){1,3}x{0,90}y{0,90}",
        "a++b",
        "(?:a{1,500}+b)c",
        "(?:a{1,99}+b){1,4}",
    ],
)
def test_the_check_can_fail(regex: str) -> None:
    re.compile(regex)
    with pytest.raises((ValueError, AssertionError)):
        check(regex)
