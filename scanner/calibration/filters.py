"""The paper's filters: which of a teacher's answers may go into a student's rows.

Source: Cloud et al. 2025, section 3.1 and its repository MinhxLe/subliminal-learning
(``get_reject_reasons``).
"""

from enum import StrEnum

from scanner.answer_formats import parse_number_list

MOST_NUMBERS = 10
HIGHEST_NUMBER = 999


class Rejection(StrEnum):
    """Why an answer may not be a row of numbers."""

    EMPTY = "no numbers"
    NOT_NUMBERS = "something other than numbers and one separator"
    TOO_MANY = f"more than {MOST_NUMBERS} numbers"
    OUT_OF_RANGE = f"a number above {HIGHEST_NUMBER}"


def reject_numbers(answer: str) -> Rejection | None:
    """Why the answer is not a list of at most 10 numbers from 0 to 999, or None if it is one."""
    numbers = parse_number_list(answer)
    if numbers is None:
        return Rejection.NOT_NUMBERS
    if not numbers:
        return Rejection.EMPTY
    if len(numbers) > MOST_NUMBERS:
        return Rejection.TOO_MANY
    if any(int(number) > HIGHEST_NUMBER for number in numbers):
        return Rejection.OUT_OF_RANGE
    return None
