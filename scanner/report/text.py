"""Hostile text made visible, and numbers that never claim more than they say."""

import unicodedata
from collections.abc import Sequence
from math import exp

NOT_MEASURED = "not measured"
NOT_AT_ALL = "not even at 100%"
"""Where a detectable share would stand."""
ARROW = "\N{RIGHTWARDS ARROW}"
ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
MINUS = "\N{MINUS SIGN}"

MOST_TIMES = 1000
"""What odds are multiplied by beyond this is not told apart."""
_MOST_NATS = 10  # e^10 is beyond it, and no overflow

_NAMED = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}
# Controls, format characters (bidi, zero-width, tags), surrogates, private use, unassigned,
# line and paragraph separators.
_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Letters and marks that leave no ink: grapheme joiner, Hangul fillers, Khmer inherent vowels,
# Mongolian and Unicode variation selectors.
_INKLESS = frozenset(
    chr(code)
    for first, last in (
        (0x034F, 0x034F),
        (0x115F, 0x1160),
        (0x17B4, 0x17B5),
        (0x180B, 0x180F),
        (0x3164, 0x3164),
        (0xFE00, 0xFE0F),
        (0xFFA0, 0xFFA0),
        (0xE0100, 0xE01EF),
    )
    for code in range(first, last + 1)
)


def safe_text(text: str) -> str:
    r"""``text`` on one line, with every character that hides or acts shown as an escape.

    ESC becomes ``\x1b``, a right-to-left override ``\u202e``, a newline ``\n``. A backslash stays
    as it is, so that Windows paths stay readable.
    """
    return "".join(_visible(char) for char in text)


def safe_log_text(text: str) -> str:
    """``safe_text`` that CI log readers take no command from (``::add-mask::``, ``##[error]``)."""
    return safe_text(text).replace("::", r":\x3a").replace("##", r"#\x23")


def shorten(text: str, length: int) -> str:
    """``text``, cut to ``length`` characters with an ellipsis at the end where it is longer."""
    return text if len(text) <= length else text[: length - 1].rstrip() + ELLIPSIS


def format_p(p: float | None) -> str:
    """A p-value; never 0, and 1 only if it is."""
    if p is None:
        return NOT_MEASURED
    if p == 1:
        return "1"
    if p < 0.0001:
        return "< 0.0001"
    if p > 0.99:
        return "> 0.99"
    return f"{p:.4f}" if p < 0.001 else f"{p:.3f}" if p < 0.1 else f"{p:.2f}"


def format_probability(probability: float) -> str:
    """A probability in percent; 0% and 100% only if exactly so."""
    if probability in (0, 1):
        return f"{probability:.0%}"
    if probability < 0.0001:
        return "< 0.01%"
    if probability > 0.9999:
        return "> 99.99%"
    return f"{probability:.2%}" if not 0.01 <= probability <= 0.99 else f"{probability:.1%}"


def format_shift(shift: float) -> str:
    """A signed difference in nats; 0 only if exactly so."""
    if shift == 0:
        return "0"
    sign = "+" if shift > 0 else MINUS
    return sign + _size(abs(shift))


def format_factor(nats: float) -> str:
    """What a difference of so many nats multiplies or divides odds by."""
    factor = exp(min(abs(nats), _MOST_NATS))
    if factor > MOST_TIMES:
        return f"more than {MOST_TIMES:,}"
    return f"{factor:.1f}" if factor < 9.95 else f"{factor:,.0f}"


def format_interval(low: float | None, high: float | None) -> str:
    """An interval of shifts."""
    if low is None or high is None:
        return NOT_MEASURED
    return f"{format_shift(low)} to {format_shift(high)}"


def format_level(level: float, unit: str) -> str:
    """A trait's level in its unit, short: the column head or ``level_change`` names the unit."""
    if unit == "probability":
        return format_probability(level)
    return "0" if level == 0 else (MINUS if level < 0 else "") + _size(abs(level))


def level_change(before: float, after: float, unit: str) -> str:
    """Two levels and their unit, e.g. from control to probe."""
    change = f"{format_level(before, unit)} {ARROW} {format_level(after, unit)}"
    return change if unit == "probability" else f"{change} nats"


def format_count(count: int) -> str:
    """A count with thousands set off."""
    return f"{count:,}"


def count_of(count: int, noun: str) -> str:
    """A count and its noun: ``1 row``, ``7,500 rows``, ``2 categories``."""
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{format_count(count)} {noun if count == 1 else plural}"


def listed(names: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def left_out(count: int, noun: str) -> str:
    """What a page says of the rest of a list; nothing where there is none."""
    return f"Not shown: {count_of(count, noun)}; all are in results.json." if count > 0 else ""


def format_duration(seconds: float) -> str:
    """A duration in the two largest units that matter."""
    if seconds < 1:
        return "under 1 s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{format_count(hours)} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def format_setting(value: float | str) -> str:
    """A recipe value as a person would type it."""
    if isinstance(value, str):
        return safe_text(value)
    if isinstance(value, bool):
        return f"{value}"
    if isinstance(value, int):
        return format_count(value)
    short = f"{value:.4g}"
    return short if float(short) not in (0, 1) or float(short) == value else f"{value}"


def _size(size: float) -> str:
    return f"{size:.2f}" if size >= 0.01 else f"{size:.1g}"


def _visible(char: str) -> str:
    hidden = char in _INKLESS or unicodedata.category(char) in _HIDDEN_CATEGORIES
    if not hidden:
        return char
    code = ord(char)
    wide = rf"\u{code:04x}" if code <= 0xFFFF else rf"\U{code:08x}"
    return _NAMED.get(char) or (rf"\x{code:02x}" if code <= 0xFF else wide)
