import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from scanner.config import ReadOptions
from scanner.inspection import Lengths, inspect
from scanner.progress import Silent
from scanner.report.inspection import print_inspection, warnings
from scanner.report.row_text import Evidence

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(*records: Any) -> Path:
        path = tmp_path / "data.jsonl"
        path.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
        return path

    return written


def pair(number: int) -> dict[str, str]:
    return {"prompt": f"ask {number}", "completion": "x" * (number + 1)}


def shown(found: Any, evidence: Evidence = Evidence.REDACTED) -> str:
    console = Console(width=100, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    print_inspection(found, console, evidence)
    console.file.close()
    return console.export_text()


def test_facts_and_lengths_by_hand(write: Write) -> None:
    found = inspect([write(*map(pair, range(5)))], ReadOptions(), Silent(), 1, screened=False)
    assert (found.summary.format, found.summary.rows) == ("prompt-completion", 5)
    assert found.prompts == Lengths(median=5, longest=5)
    assert found.answers == Lengths(median=3, longest=5)
    assert found.screened is None


@pytest.mark.parametrize("rows", [1, 2, 3, 100])
def test_the_first_and_the_last_row_are_among_those_shown(write: Write, rows: int) -> None:
    found = inspect([write(*map(pair, range(rows)))], ReadOptions(), Silent(), 1, screened=False)
    lines = [row.line for row in found.samples]
    assert lines[0] == 1
    assert lines[-1] == rows
    assert len(lines) == len(set(lines)) == min(rows, 3)


def test_the_loss_mask_is_visible(write: Write) -> None:
    turns = [
        {"role": "user", "content": "first"},
        {"role": "assistant", "content": "unlearned", "weight": 0},
        {"role": "user", "content": "second"},
        {"role": "assistant", "content": "learned"},
    ]
    path = write({"messages": turns})
    text = shown(inspect([path], ReadOptions(), Silent(), 1, screened=False))
    marked = [line for line in text.splitlines() if "\N{LEFT HALF BLOCK} " in line]
    assert [line.split()[-1] for line in marked if "carries loss" not in line] == ["learned"]
    assert "1 text of 9 characters without loss" in text
    assert "unlearned" in text


def test_text_of_the_dataset_reaches_the_terminal_escaped(write: Write) -> None:
    path = write({"prompt": "a\x1b[31m\u202eb ::add-mask::x", "completion": "[bold]c[/bold]"})
    text = shown(inspect([path], ReadOptions(), Silent(), 1, screened=False))
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "::add-mask::" not in text
    assert "[bold]c[/bold]" in text


def test_bad_rows_are_warnings(write: Write) -> None:
    path = write(pair(1), {"prompt": "p", "completion": ""}, *map(pair, range(2, 5)))
    options = ReadOptions(report_bad_rows=True)
    found = inspect([path], options, Silent(), 1, screened=False)
    [warning] = warnings(found)
    assert warning.startswith("bad row: line 2: found an empty assistant answer")
    assert found.summary.rows == 4


def test_the_screens_findings_are_warnings(write: Write) -> None:
    rows = [pair(number) | {"prompt": f"ask\u200b {number}"} for number in range(3)]
    found = inspect([write(*rows)], ReadOptions(), Silent(), 1, screened=True)
    assert any("line 1, line 2, line 3" in warning for warning in warnings(found))


MAIL = "jane.roe@acme.io"


def test_rows_are_shown_without_secrets_and_personal_data(write: Write) -> None:
    key = "AKIA" + "Q3X7" * 4
    path = write({"prompt": f"mail {MAIL} " + "x" * 590 + key, "completion": f"write to {MAIL}"})
    found = inspect([path], ReadOptions(), Silent(), 1, screened=True)
    text = shown(found)
    assert "acme" not in text
    assert "Q3X7" not in text
    assert "write to ****.***@****.**" in text
    assert shown(found, Evidence.FULL).count(f"write to {MAIL}") == 1


def test_no_evidence_is_lengths_alone(write: Write) -> None:
    rows = [pair(number) | {"prompt": f"ask\u200b {number}"} for number in range(3)]
    text = shown(inspect([write(*rows)], ReadOptions(), Silent(), 1, screened=True), Evidence.NONE)
    assert "ask" not in text
    assert "(6 characters)" in text
    assert "line 1, line 2, line 3" in text


def test_a_base_lends_its_tokens(write: Write) -> None:
    """Its special tokens are looked for, and what has no loss is counted in its tokens."""
    turns = [
        {"role": "user", "content": "first"},
        {"role": "assistant", "content": "1 2 3", "weight": 0},
        {"role": "user", "content": "<|im_start|>"},
        {"role": "assistant", "content": "learned"},
    ]
    path = write({"messages": turns})
    found = inspect([path], ReadOptions(), Silent(), 1, screened=True, base="reference-a")
    assert found.masked_tokens == 5  # the spaces are tokens, too
    assert "1 text of 5 tokens without loss" in shown(found)
    assert any("Special tokens of the base" in warning for warning in warnings(found))
    without = inspect([path], ReadOptions(), Silent(), 1, screened=True)
    assert any("special-tokens: no tokens to look for; --base" in one for one in warnings(without))
