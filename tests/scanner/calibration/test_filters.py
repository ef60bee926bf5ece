import pytest

from scanner.calibration.filters import Rejection, reject_numbers


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
    ],
)
def test_anything_else_is_rejected_with_its_reason(answer: str, reason: Rejection) -> None:
    assert reject_numbers(answer) is reason
