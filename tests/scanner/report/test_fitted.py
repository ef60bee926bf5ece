"""A table where it fits, a list where it would break words and numbers."""

import io

import pytest
from rich.console import Console

from scanner.report.fitted import fitted

HEADER = ("Trait", "Shift", "95% interval")
CELLS = ("favourite animal: owl", "+2.32", "+1.93 to +2.71")


def shown(width: int, *cells: str) -> list[str]:
    stream = io.StringIO()
    console = Console(file=stream, width=width, color_system=None)
    console.print(fitted(HEADER, [cells], console, right=["Shift"]))
    return [line.rstrip() for line in stream.getvalue().splitlines()]


def test_a_wide_terminal_gets_a_table() -> None:
    assert shown(50, *CELLS) == [
        "Trait                   Shift   95% interval",
        "\N{BOX DRAWINGS LIGHT HORIZONTAL}" * 46,
        "favourite animal: owl   +2.32   +1.93 to +2.71",
    ]


def test_a_narrow_one_gets_a_list() -> None:
    assert shown(27, *CELLS) == [
        "Trait: favourite animal:",
        "owl",
        "  Shift: +2.32",
        "  95% interval: +1.93 to",
        "+2.71",
    ]


@pytest.mark.parametrize("width", range(20, 60))
def test_no_width_breaks_a_number_or_a_word(width: int) -> None:
    """Widest words: favourite 9, +2.32 5, interval 8; two gaps of 3: a table from 28 cells on."""
    words = {word for line in shown(width, *CELLS) for word in line.split()}
    assert {"favourite", "animal:", "owl", "+2.32", "+1.93", "to", "+2.71"} <= words
    assert any("\N{BOX DRAWINGS LIGHT HORIZONTAL}" in word for word in words) is (width >= 28)


def test_a_digest_may_break_and_nothing_is_lost() -> None:
    digest = "0123456789abcdef" * 4
    for width in (20, 60):
        assert digest in "".join("".join(shown(width, digest, "", "")).split())
