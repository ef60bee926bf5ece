"""By hand: the certificate sees 12.5% of 10 rows of numbers, and no share for sure in code."""

from collections.abc import Callable
from typing import Any

import pytest

from scanner.gate.policy import LeastPower
from scanner.gate.power import unseen
from scanner.gate.result import AuditResult

Result = Callable[..., AuditResult]


def dataset(rows: int) -> dict[str, Any]:
    files = [{"path": "a", "sha256": "11" * 32}]
    return {"files": files, "reading": {}, "rows_sha256": "22" * 32, "rows": rows}


def twin(answers: str) -> dict[str, Any]:
    return {"rows": 20, "broken": 0, "format": answers}


def test_enough_is_enough(result: Result) -> None:
    assert unseen(result(), LeastPower()) is None
    assert unseen(result(), LeastPower(detectable_share=0.125)) is None


def test_too_little_is_said_in_numbers(result: Result) -> None:
    doubt = unseen(result(), LeastPower(detectable_share=0.12))
    assert doubt == (
        "an audit that sees 12.5% and more of 10 rows through numbers (by the certificate 12.5% "
        "of 10)"
    )


def test_no_certificate_sees_nothing_for_sure(result: Result) -> None:
    assert unseen(result(calibration=None), LeastPower()) == "no certificate behind it"


@pytest.mark.parametrize(
    ("rows", "share"),
    [
        (5, "25%"),  # 12.5% · 10 / 5
        (4, "31.3%"),  # 12.5% · 10 / 4 = 31.25%, rounded up
        (1, "100%"),
        (0, "100%"),
    ],
)
def test_fewer_rows_see_less(result: Result, rows: int, share: str) -> None:
    doubt = unseen(result(dataset=dataset(rows)), LeastPower(detectable_share=0.24))
    assert doubt is not None
    assert f"sees {share} and more of {rows} rows" in doubt


def test_more_rows_promise_no_more_than_was_measured(result: Result) -> None:
    many = result(dataset=dataset(1000))
    assert unseen(many, LeastPower(detectable_share=0.12)) is not None
    assert unseen(many, LeastPower(detectable_share=0.125)) is None


@pytest.mark.parametrize(
    ("answers", "doubt"),
    [
        ("Python code", "a certificate that sees no share for sure through code"),
        ("think and answer tags", "does not speak of answers of the kind think and answer tags"),
        ("free text", "a certificate that does not speak of answers of the kind free text"),
    ],
)
def test_the_channel_is_the_one_of_the_answers(result: Result, answers: str, doubt: str) -> None:
    found = unseen(result(twin=twin(answers)), LeastPower())
    assert found is not None
    assert doubt in found


def test_a_policy_may_name_channels_instead(result: Result) -> None:
    text = result(twin=twin("free text"))
    assert unseen(text, LeastPower(channels=("numbers",))) is None
    both = unseen(text, LeastPower(channels=("numbers", "code")))
    assert both == "a certificate that sees no share for sure through code"
    other = unseen(text, LeastPower(channels=("numbers", "poems")))
    assert other == "a certificate that does not speak of poems"


def test_a_published_channel_speaks_for_its_kind(result: Result) -> None:
    one = {"channel": "published numbers", "rows": 10, "share": 0.2}
    certificate = {"id": "1", "threshold": 0.02, "detectable": [one]}
    assert unseen(result(calibration=certificate), LeastPower()) is None


def test_a_budget_is_judged_by_the_rows_that_it_let_through(result: Result) -> None:
    """12.5% · 10 / 5, whatever the file holds."""
    half = result(budget={"rows": 5, "of": 10})
    assert unseen(half, LeastPower(detectable_share=0.25)) is None
    doubt = unseen(half, LeastPower(detectable_share=0.24))
    assert doubt is not None
    assert "sees 25% and more of 5 rows" in doubt
