"""What a terminal is to us."""

import io

import pytest

from scanner.cli.console import Terminal


@pytest.mark.parametrize(
    ("term", "able"),
    [("xterm-256color", True), ("", True), ("dumb", False), ("DUMB", False), ("unknown", False)],
)
def test_a_dumb_terminal_gets_plain_lines(
    monkeypatch: pytest.MonkeyPatch, term: str, able: bool
) -> None:
    monkeypatch.setenv("TERM", term)
    assert Terminal(file=io.StringIO(), force_terminal=True).is_terminal is able
    assert not Terminal(file=io.StringIO(), force_terminal=False).is_terminal
