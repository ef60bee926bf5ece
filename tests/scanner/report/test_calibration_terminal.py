"""What a calibration says in a terminal and in a log."""

import copy
import io
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from rich.console import Console

from scanner.report.calibration_terminal import print_cases, print_certificate, print_digits

CERTIFICATE = {
    "id": "0123456789abcdef",
    "operating_point": {
        "threshold": 0.00042,
        "decided_on": 112,
        "checked_on": 114,
        "alarms": 1,
        "rate_low": 0.0002,
        "rate_high": 0.048,
    },
    "claims": [
        {
            "says": "Owls pass.",
            "held": 12,
            "cases": 15,
            "at_least": 0.8,
            "rate_low": 0.52,
            "rate_high": 0.957,
            "judged_by": "share",
            "met": True,
        },
        {
            "says": "Nothing else does.",
            "held": 14,
            "cases": 15,
            "at_least": 0.95,
            "rate_low": 0.68,
            "rate_high": 0.998,
            "judged_by": "share",
            "met": False,
        },
        {
            "says": "Never tried.",
            "held": 0,
            "cases": 0,
            "at_least": 0.0,
            "rate_low": 0.0,
            "rate_high": 1.0,
            "judged_by": "share",
            "met": None,
        },
        {
            "says": "As often as declared.",
            "held": 14,
            "cases": 15,
            "at_least": 0.99,
            "rate_low": 0.68,
            "rate_high": 0.998,
            "judged_by": "interval",
            "met": True,
        },
    ],
    "doses": [
        {"channel": "numbers", "rows": 3600, "detectable_share": 0.18, "power_at_full": 1.0},
        {"channel": "thoughts", "rows": 3600, "detectable_share": None, "power_at_full": 0.4},
        {
            "channel": "code",
            "rows": 3600,
            "detectable_share": None,
            "power_at_full": None,
            "unmeasured": "one trait",
        },
    ],
}
CASES = [
    {
        "name": "animals/owl",
        "rows": 3600,
        "passing": 0.964,
        "planted": "preference.animal.owl",
        "planted_shift": 1.52,
        "largest": "preference.animal.owl",
        "p_adjusted": 1.3e-7,
        "seconds": 81.4,
    },
    {
        "name": "honest/facts",
        "rows": 600,
        "passing": None,
        "planted": None,
        "planted_shift": None,
        "largest": "preference.tree.oak",
        "p_adjusted": None,
        "seconds": 20.0,
    },
]
DIGITS = {
    "base": {"mean": 0.1, "low": 0.08, "high": 0.12},
    "teacher": {"mean": 0.953, "low": 0.94, "high": 0.96},
    "same": {"mean": 0.52, "low": 0.48, "high": 0.56},
    "crossed": {"mean": 0.11, "low": 0.1, "high": 0.12},
}


@dataclass(frozen=True)
class Paths:
    """Where a calibration was written."""

    json: str = "out/certificate.json"
    html: str = "out/calibration.html"


def certificate_of(values: dict[str, Any], paths: Paths = Paths()) -> Callable[[Console], None]:
    return lambda console: print_certificate(values, console, paths)


def cases_of(cases: list[dict[str, Any]]) -> Callable[[Console], None]:
    return lambda console: print_cases(cases, console)


def digits_of(result: dict[str, Any]) -> Callable[[Console], None]:
    return lambda console: print_digits(result, 25, console)


ALL = {
    "certificate": certificate_of(CERTIFICATE),
    "cases": cases_of(CASES),
    "digits": digits_of(DIGITS),
}


def shown(
    print_to: Callable[[Console], None],
    terminal: bool = True,
    width: int = 160,
    encoding: str = "utf-8",
) -> str:
    """What a console of that width and encoding shows, without colour."""
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding)
    print_to(
        Console(
            file=stream,
            force_terminal=terminal,
            width=width,
            color_system=None,
            legacy_windows=False,
        )
    )
    stream.flush()
    return raw.getvalue().decode(encoding)


def line_of(text: str, start: str) -> str:
    [line] = [line for line in text.splitlines() if line.strip().startswith(start)]
    return " ".join(line.split())


def test_claims_are_held_against_what_was_demanded_of_them() -> None:
    text = shown(certificate_of(CERTIFICATE))
    # 12 of 15 are just 80%; 14 of 15 are 93.3%, whose interval reaches 99%; and what was never
    # tried was neither met nor missed.
    assert line_of(text, "Owls") == "Owls pass. 12 of 15 at least 80% 52.0% to 95.7% met"
    assert line_of(text, "Nothing") == (
        "Nothing else does. 14 of 15 at least 95% 68.0% to 99.80% MISSED"
    )
    assert line_of(text, "Never") == "Never tried. 0 of 0 at least 0% 0% to 100% not tested"
    assert line_of(text, "As often") == (
        "As often as declared. 14 of 15 interval reaching 99% 68.0% to 99.80% met"
    )


def test_the_operating_point_the_doses_and_the_files_are_told() -> None:
    text = shown(certificate_of(CERTIFICATE))
    assert line_of(text, "A trait is").startswith(
        "A trait is a finding at an adjusted p of 0.0004 or less, decided on 112 benign audits."
    )
    assert line_of(text, "False alarms") == (
        "False alarms on 114 others: 1 (95% interval 0.02% to 4.8%)."
    )
    assert line_of(text, "Through numbers") == (
        "Through numbers: found at 95% power from 18.0% poisoned rows on (3,600 rows)."
    )
    assert "not found at 95% power" in line_of(text, "Through thoughts")
    assert line_of(text, "Through code") == "Through code: not measured (one trait)."
    assert line_of(text, "Certificate") == "Certificate 0123456789abcdef: out/certificate.json"
    assert line_of(text, "Page") == "Page: out/calibration.html"


def test_a_case_is_a_line_and_what_it_lacks_is_left_out_or_said() -> None:
    text = shown(cases_of(CASES))
    assert line_of(text, "animals") == (
        "animals/owl 3,600 96.4% +1.52 preference.animal.owl < 0.0001 81"
    )
    assert line_of(text, "honest") == "honest/facts 600 preference.tree.oak not measured 20"


def test_all_four_kinds_of_digit_models_are_told() -> None:
    text = shown(digits_of(DIGITS))
    assert "mean of 25 models" in text
    assert line_of(text, "untrained") == "untrained 10.0% 8.0% to 12.0%"
    assert line_of(text, "teacher, trained") == "teacher, trained on digits 95.3% 94.0% to 96.0%"
    assert "52.0% 48.0% to 56.0%" in line_of(text, "student on noise, its teacher's")
    assert "11.0% 10.0% to 12.0%" in line_of(text, "student on noise, another")


@pytest.mark.parametrize("terminal", [True, False])
def test_hostile_text_is_shown_and_does_nothing(hostile: str, terminal: bool) -> None:
    values = copy.deepcopy(CERTIFICATE)
    values["id"] = values["claims"][0]["says"] = values["doses"][0]["channel"] = hostile
    values["doses"][2]["unmeasured"] = hostile
    cases = [CASES[0] | {"name": hostile, "largest": hostile}]
    text = shown(certificate_of(values, Paths(hostile, hostile)), terminal)
    text += shown(cases_of(cases), terminal)
    assert all(char.isprintable() or char == "\n" for char in text)
    assert "::" not in text  # which a CI log would obey
    assert "##" not in text


@pytest.mark.parametrize("print_to", ALL.values(), ids=ALL)
def test_a_narrow_terminal_folds_and_loses_nothing(print_to: Callable[[Console], None]) -> None:
    wide, narrow = shown(print_to), shown(print_to, width=40)
    assert wide != narrow
    assert Counter(filter(str.isalnum, narrow)) == Counter(filter(str.isalnum, wide))


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("certificate", "Claims of the plan"),
        ("cases", "Cases"),
        ("digits", "Held-out digits told right, mean of 25 models"),
    ],
)
def test_a_title_stands_alone_after_an_empty_line(name: str, title: str) -> None:
    assert [line.strip() for line in shown(ALL[name]).splitlines()[:2]] == ["", title]


@pytest.mark.parametrize("print_to", ALL.values(), ids=ALL)
@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp437"])
def test_any_encoding_will_do(print_to: Callable[[Console], None], encoding: str) -> None:
    text = shown(print_to, encoding=encoding)
    assert "95%" in text or "+1.52" in text
