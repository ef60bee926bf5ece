"""Names that look like other names."""

import pytest

from scanner.dataset.formats.lookalikes import Lookalike, lookalike

KNOWN = ("messages", "tool_calls", "text")


@pytest.mark.parametrize(
    ("name", "like"),
    [
        ("Messages", "messages"),
        (" messages", "messages"),
        ("mess\u200bages", "messages"),
        ("mess\u00adages", "messages"),
        ("\ufeffmessages", "messages"),
        ("m\u0435ss\u0430g\u0435s", "messages"),
        ("\uff4dessages", "messages"),
        ("m\u00e9ssages", "messages"),
        ("tool-calls", "tool_calls"),
        ("toolCalls", "tool_calls"),
        ("\u0442\u0435\u0445t", None),
        ("t\u0435\u0445t", "text"),
        ("\u03c4ext", "text"),
        ("messages", None),
        ("message", None),
        ("", None),
        ("x" * 10**6, None),
    ],
)
def test_lookalikes(name: str, like: str | None) -> None:
    found = lookalike(["other", name], KNOWN)
    assert found == (None if like is None else Lookalike(name, like))


def test_a_known_name_is_not_taken_for_another() -> None:
    known = ("INSTRUCTION", "instruction")
    assert lookalike(["INSTRUCTION", "instruction"], known) is None
    assert lookalike(["Instruction"], known) == Lookalike("Instruction", "instruction")


def test_only_so_many_names_are_looked_at() -> None:
    assert lookalike([*map(str, range(99)), "Text"], KNOWN) == Lookalike("Text", "text")
    assert lookalike([*map(str, range(10**6)), "Text"], KNOWN) is None
