"""Escapes are visible, and no number claims more than it says."""

import pytest

from scanner.report.text import (
    count_of,
    format_count,
    format_duration,
    format_factor,
    format_interval,
    format_level,
    format_p,
    format_probability,
    format_setting,
    format_shift,
    left_out,
    level_change,
    safe_log_text,
    safe_text,
    shorten,
)

MINUS = "\N{MINUS SIGN}"


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("plain, \N{LATIN SMALL LETTER E WITH ACUTE}\N{CJK UNIFIED IDEOGRAPH-732B}", None),
        (r"C:\data\new", None),
        ("\x1b[31m", r"\x1b[31m"),
        ("\x00\x7f\x9b", r"\x00\x7f\x9b"),
        ("a\nb\rc\td", r"a\nb\rc\td"),
        ("\u202a\u202b\u202c\u202d\u202e", r"\u202a\u202b\u202c\u202d\u202e"),
        ("\u2066\u2067\u2068\u2069\u200e\u200f", r"\u2066\u2067\u2068\u2069\u200e\u200f"),
        ("\u200b\u200c\u200d\u2060\ufeff\u00ad", r"\u200b\u200c\u200d\u2060\ufeff\xad"),
        ("\u2028\u2029\x85", r"\u2028\u2029\x85"),
        ("\ud800", r"\ud800"),
        ("\U000e0041", r"\U000e0041"),
        ("\u3164\ufe0f\U000e0101", r"\u3164\ufe0f\U000e0101"),
    ],
)
def test_safe_text_shows_what_hides(raw: str, shown: str | None) -> None:
    assert safe_text(raw) == (raw if shown is None else shown)


def test_safe_text_leaves_nothing_that_acts(hostile: str) -> None:
    shown = safe_text(hostile)
    assert shown.isprintable()
    assert safe_text(shown) == shown
    shown.encode("utf-8")


@pytest.mark.parametrize("command", ["::add-mask::x", "##[error]x", "##vso[task]", ":::", "::::"])
def test_safe_log_text_breaks_log_commands(command: str) -> None:
    shown = safe_log_text(f"a {command}")
    assert "::" not in shown
    assert "##" not in shown


def test_shorten_keeps_the_length() -> None:
    assert shorten("owl", 3) == "owl"
    assert shorten("favourite animal", 10) == "favourite\N{HORIZONTAL ELLIPSIS}"


@pytest.mark.parametrize(
    ("p", "shown"),
    [
        (None, "not measured"),
        (0.0, "< 0.0001"),
        (1e-300, "< 0.0001"),
        (0.000099, "< 0.0001"),
        (0.00042, "0.0004"),
        (0.0119, "0.012"),
        (0.31, "0.31"),
        (0.9999, "> 0.99"),
        (1.0, "1"),
    ],
)
def test_p_is_never_rounded_to_0_or_1(p: float | None, shown: str) -> None:
    assert format_p(p) == shown


@pytest.mark.parametrize(
    ("probability", "shown"),
    [
        (0.0, "0%"),
        (1e-9, "< 0.01%"),
        (0.0042, "0.42%"),
        (0.039, "3.9%"),
        (0.163, "16.3%"),
        (0.9951, "99.51%"),
        (0.99996, "> 99.99%"),
        (1.0, "100%"),
    ],
)
def test_probability_is_never_rounded_to_0_or_100(probability: float, shown: str) -> None:
    assert format_probability(probability) == shown


@pytest.mark.parametrize(
    ("shift", "shown"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (1.524, "+1.52"),
        (-0.02, f"{MINUS}0.02"),
        (0.0042, "+0.004"),
        (-0.00003, f"{MINUS}3e-05"),
        (0.009999, "+0.01"),
    ],
)
def test_shift_is_never_rounded_to_0(shift: float, shown: str) -> None:
    assert format_shift(shift) == shown


def test_interval_needs_both_ends() -> None:
    assert format_interval(-0.06, 0.14) == f"{MINUS}0.06 to +0.14"
    assert format_interval(None, 0.14) == "not measured"
    assert format_interval(-0.06, None) == "not measured"


def test_levels_carry_their_unit() -> None:
    assert format_level(0.039, "probability") == "3.9%"
    assert format_level(-14.024, "nats per token") == f"{MINUS}14.02"
    assert format_level(0.0, "nats per token") == "0"
    assert format_level(-0.004, "nats per token") == f"{MINUS}0.004"
    assert level_change(0.039, 0.163, "probability") == "3.9% \N{RIGHTWARDS ARROW} 16.3%"
    assert level_change(-2.0, -1.5, "nats per token") == (
        f"{MINUS}2.00 \N{RIGHTWARDS ARROW} {MINUS}1.50 nats"
    )


@pytest.mark.parametrize(
    ("nats", "shown"),
    [(0.7, "2.0"), (-2.32, "10"), (2.25, "9.5"), (6.0, "403"), (7.0, "more than 1,000")],
)
def test_factor(nats: float, shown: str) -> None:
    """e^0.7 = 2.01, e^2.32 = 10.2, e^2.25 = 9.49, e^6 = 403.4, e^7 = 1,097."""
    assert format_factor(nats) == shown
    assert format_factor(1e308) == "more than 1,000"


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0.4, "under 1 s"),
        (42.4, "42 s"),
        (59.7, "1 min 0 s"),
        (787.0, "13 min 7 s"),
        (7260.0, "2 h 1 min"),
    ],
)
def test_duration(seconds: float, shown: str) -> None:
    assert format_duration(seconds) == shown


def test_counts_and_settings() -> None:
    assert format_count(7500) == "7,500"
    assert count_of(1, "row") == "1 row"
    assert count_of(0, "row") == "0 rows"
    assert format_setting(2e-3) == "0.002"
    assert format_setting(10000) == "10,000"
    assert format_setting(0.03166955689884769) == "0.03167"
    assert format_setting(1.0) == "1"
    assert format_setting(0.99999) == "0.99999"
    assert format_setting(True) == "True"
    assert format_setting("all\x1b") == r"all\x1b"


def test_counts_agree_with_their_nouns() -> None:
    assert [count_of(n, "category") for n in (1, 2)] == ["1 category", "2 categories"]
    assert left_out(1200, "row") == "Not shown: 1,200 rows; all are in results.json."
    assert (left_out(0, "row"), left_out(-5, "row")) == ("", "")
