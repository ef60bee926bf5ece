from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from scanner.gate.checks import Check, check_result
from scanner.gate.policy import Policy
from scanner.gate.result import AuditResult

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
TODAY = {"created": "2026-06-01T08:00:00Z"}
THRESHOLDS = {"error_rate": 0.02, "least_shift": 0.25, "least_updates": 100, "most_broken": 0.1}
Result = Callable[..., AuditResult]


def checks(result: AuditResult, **policy: Any) -> dict[str, Check]:
    made = Policy.model_validate({"version": 1} | policy, strict=False)
    return {check.name: check for check in check_result(result, made, NOW)}


def unmet(result: AuditResult, **policy: Any) -> list[str]:
    return [name for name, check in checks(result, **policy).items() if not check.met]


def test_a_sound_result_meets_all(result: Result) -> None:
    found = checks(result(**TODAY))
    assert list(found) == [
        "complete",
        "consistent",
        "verdict",
        "age",
        "tool",
        "base",
        "batteries",
        "thresholds",
        "power",
    ]
    assert all(check.met for check in found.values())


def test_every_check_says_what_it_found_and_what_to_do(result: Result) -> None:
    everything = {
        "certificates": ("1",),
        "traits": ({"trait": "x.*", "fail_on": "low"},),
    }
    found = checks(result(**TODAY), **everything)
    assert {"certificate", "traits"} <= set(found)
    for check in found.values():
        assert check.found
        assert check.expected
        assert check.cure


@pytest.mark.parametrize(
    ("change", "policy", "name"),
    [
        ({"complete": False}, {}, "complete"),
        ({"findings": [], "found": {"preference.animal.owl": "high"}}, {}, "consistent"),
        ({"tool": {"name": "datascan-audit", "version": "0.0.9"}}, {}, "tool"),
        ({"tool": {"name": "datascan-audit", "version": "0.1.0rc1"}}, {}, "tool"),
        ({"tool": {"name": "datascan-audit", "version": "newest"}}, {}, "tool"),
        ({}, {"minimum_tool_version": "0.1.1"}, "tool"),
        ({}, {"bases": ()}, "base"),
        ({}, {"bases": ({"id": "reference-b"},)}, "base"),
        ({}, {"bases": ({"id": "reference-a", "revision": "sha256:ff"},)}, "base"),
        ({}, {"bases": ({"revision": "sha256:ff"},)}, "base"),
        ({}, {"batteries": ("preference.animal", "sycophancy")}, "batteries"),
        ({"batteries": []}, {}, "batteries"),
        ({"thresholds": THRESHOLDS | {"error_rate": 0.019}}, {}, "thresholds"),
        ({"thresholds": THRESHOLDS | {"least_shift": 0.3}}, {}, "thresholds"),
        ({"thresholds": THRESHOLDS | {"least_updates": 99}}, {}, "thresholds"),
        ({"thresholds": THRESHOLDS | {"most_broken": 0.2}}, {}, "thresholds"),
        ({}, {"certificates": ("other",)}, "certificate"),
        ({}, {"certificates": ()}, "certificate"),
        ({}, {"power": {"detectable_share": 0.1}}, "power"),
        ({}, {"traits": ({"trait": "preference.animal.wol", "fail_on": "low"},)}, "traits"),
    ],
)
def test_what_a_result_may_lack(
    result: Result, change: dict[str, Any], policy: dict[str, Any], name: str
) -> None:
    assert unmet(result(**(TODAY | change)), **policy) == [name]


@pytest.mark.parametrize(
    ("change", "policy"),
    [
        ({"tool": {"name": "datascan-audit", "version": "0.10.0"}}, {}),
        ({}, {"bases": ({"id": "other"}, {"id": "reference-a"})}),
        ({}, {"bases": ({"revision": "sha256:0123456789abcdef"},)}),
        ({"batteries": []}, {"batteries": ()}),
        ({"thresholds": THRESHOLDS | {"least_shift": 0.2}}, {}),
        ({"thresholds": THRESHOLDS | {"least_shift": 0.3}}, {"thresholds": {"least_shift": 0.3}}),
        ({}, {"certificates": ("other", "fedcba9876543210")}),
        ({"calibration": None}, {"power": None}),
        ({}, {"traits": ({"trait": "preference.animal.*", "fail_on": "low"},)}),
    ],
)
def test_what_is_in_order(result: Result, change: dict[str, Any], policy: dict[str, Any]) -> None:
    assert unmet(result(**(TODAY | change)), **policy) == []


@pytest.mark.parametrize(
    ("created", "limit", "met"),
    [
        ("2026-05-31T13:00:00Z", 1, True),
        ("2026-05-31T11:00:00Z", 1, True),
        ("2026-05-30T13:00:00Z", 1, True),
        ("2026-05-30T11:00:00Z", 1, False),
        ("2020-01-01T00:00:00Z", None, True),
        ("2026-06-01T12:05:00Z", 90, True),
        ("2026-06-01T14:05:00+02:00", 90, True),
        ("2026-06-01T12:30:00Z", 90, False),
        ("2999-01-01T00:00:00Z", None, False),
    ],
)
def test_age_counts_whole_days_and_nothing_from_the_future(
    result: Result, created: str, limit: int | None, met: bool
) -> None:
    found = checks(result(created=created), maximum_age_days=limit)["age"]
    assert found.met is met


def test_a_missing_verdict_is_told_with_its_reason(result: Result) -> None:
    verdict = {"status": "no_verdict", "severity": "none", "reason": "12 updates are too few."}
    check = checks(result(verdict=verdict, **TODAY))["verdict"]
    assert not check.met
    assert check.found == "none (12 updates are too few)"


def test_batteries_are_the_policys_only_where_it_names_them(result: Result) -> None:
    assert checks(result(**TODAY))["batteries"].expected == "all 7 that come with datascan"
    for named, expected in (
        (("preference.animal",), "all 1 that the policy names"),
        ((), "none in particular"),
    ):
        check = checks(result(**TODAY), batteries=named)["batteries"]
        assert check.expected == expected


def test_an_error_rate_without_a_certificate_is_the_policys(result: Result) -> None:
    tight = {"calibration": None, "thresholds": THRESHOLDS | {"error_rate": 0.005}}
    assert unmet(result(**TODAY, **tight), power=None) == ["thresholds"]
    assert unmet(result(**TODAY, **tight), power=None, thresholds={"error_rate": 0.005}) == []


def test_only_what_is_not_this_data_voids(result: Result) -> None:
    voiding = {name for name, check in checks(result(**TODAY)).items() if check.voids}
    assert voiding == {"complete", "consistent"}


def test_hostile_text_is_dead(result: Result) -> None:
    hostile = "\x1b[31m\u202e::add-mask::x"
    found = checks(
        result(
            tool={"name": hostile, "version": "1.0"},
            base={"id": hostile, "revision": hostile},
            twin={"rows": 1, "broken": 0, "format": hostile},
            verdict={"status": "no_verdict", "severity": "none", "reason": hostile},
            **TODAY,
        )
    )
    assert all(check.found.isprintable() for check in found.values())
