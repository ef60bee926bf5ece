"""Lines of text, and those in which there is none."""

from collections.abc import Callable
from pathlib import Path

import pytest

from scanner.dataset.containers.detect import detect_container
from scanner.dataset.interface import RowProblem
from scanner.dataset.limits import Limits
from scanner.dataset.opened import open_file

Write = Callable[[str, bytes], Path]


def test_blank_lines_are_left_out_and_counted(write: Write) -> None:
    with open_file(write("x.txt", b"\none\n\n \t\n two\n\n"), Limits()) as file:
        entries = list(detect_container(file).entries(file))
        notes = file.notes
    assert [(entry.line, entry.content) for entry in entries] == [
        (2, {"text": "one"}),
        (5, {"text": " two"}),
    ]
    assert notes == [
        "Blank lines: 4. load_dataset makes each a row without text, in which there is nothing to "
        "train on; they are left out."
    ]


def test_blank_lines_without_end(write: Write, entries: Callable) -> None:
    with pytest.raises(RowProblem, match="10,000 blank lines") as caught:
        entries(write("x.txt", b"one\n" + b"\n" * 10_001))
    assert caught.value.line == 2
