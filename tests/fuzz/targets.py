"""What is fuzzed: each target takes any bytes, and raises only where datascan is at fault."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jiter
import orjson

from scanner.config import Preference, ReadOptions
from scanner.dataset.containers.strict_json import parse_object, quick_object
from scanner.dataset.formats import detect_format, formats_for
from scanner.dataset.formats.reading import ROLES
from scanner.dataset.formats.table import FIELDS
from scanner.dataset.formats.turns import CALLS, MARKS, THOUGHTS
from scanner.dataset.interface import RowProblem
from scanner.dataset.limits import Limits
from scanner.dataset.read import read_dataset
from scanner.errors import DatasetError

Target = Callable[[bytes], None]
SMALL = Limits(line_bytes=2**16, records=1_000, decoded_bytes=2**22, ratio_from=2**20)
ENDINGS = (
    ".jsonl",
    ".json",
    ".csv",
    ".tsv",
    ".txt",
    ".parquet",
    ".arrow",
    ".jsonl.gz",
    ".json.zst",
)
LONGEST_PROBLEM = 1_000


def json_line(data: bytes) -> None:
    """A line that we read holds what every other reader reads in it, and no key twice."""
    quick = quick_object(data)
    try:
        ours = parse_object(data)
    except RowProblem as problem:
        assert quick is None, "the quick reader takes what the strict one refuses"
        check_problem(problem)
        return
    assert same(ours, json.loads(data)), "json reads something else"
    assert quick is None or same(ours, quick), "the quick reader reads something else"
    if not has_wide_numbers(ours):
        assert same(ours, orjson.loads(data)), "orjson reads something else"
    assert jiter.from_json(data, catch_duplicate_keys=True, allow_inf_nan=False) is not None


def same(one: object, other: object) -> bool:
    """Whether two values are written alike; 1 and 1.0, or 0.0 and -0.0, are not the same."""
    return repr(one) == repr(other)


def has_wide_numbers(value: Any) -> bool:
    """Whether orjson would refuse a number or take it for a float: over 64 bits, or infinite."""
    if isinstance(value, dict):
        return any(map(has_wide_numbers, value.values()))
    if isinstance(value, list):
        return any(map(has_wide_numbers, value))
    if isinstance(value, float):
        return value in (float("inf"), float("-inf"))
    return isinstance(value, int) and not -(2**63) <= value < 2**64


def whole_file(data: bytes) -> None:
    """Any file under any name is rows, or one clear line about what is wrong with it."""
    ending, content = ENDINGS[data[0] % len(ENDINGS)] if data else ".jsonl", data[1:]
    path = scratch() / f"data{ending}"
    path.write_bytes(content)
    try:
        dataset = read_dataset(path, ReadOptions(), SMALL)
    except DatasetError as error:
        check_text(str(error).replace(str(path), ""))
    else:
        assert dataset.rows
        assert dataset.files[0].size == len(content)


def any_record(data: bytes) -> None:
    """Any record is rows, or one clear line about what is wrong with it."""
    choices = Choices(data)
    options = ReadOptions(preference=choices.one_of(tuple(Preference)))
    record = choices.record()
    try:
        parsed = detect_format(record, formats_for(options)).parse(record, 1)
    except RowProblem as problem:
        check_problem(problem)
    else:
        assert parsed.rows or parsed.masked
        assert all(row.answer and (row.prompt or row.prefix) for row in parsed.rows)
        assert all(masked.text for masked in parsed.masked)


TARGETS: dict[str, Target] = {
    target.__name__: target for target in (json_line, whole_file, any_record)
}


def check_problem(problem: RowProblem) -> None:
    """Raise AssertionError where a message could not be shown as it is."""
    check_text(str(problem))


def check_text(text: str) -> None:
    """The same for a text."""
    assert text.isascii(), ascii(text)
    assert text.isprintable(), ascii(text)
    assert len(text) < LONGEST_PROBLEM, text


def scratch() -> Path:
    """A folder in memory where there is one, a process's own."""
    folder = Path("/dev/shm" if os.path.isdir("/dev/shm") else "/tmp", f"datascan-{os.getpid()}")
    folder.mkdir(exist_ok=True)
    return folder


KEYS = (
    *sorted(FIELDS), "role", "content", "from", "value", "type", *CALLS, *THOUGHTS, *MARKS,
    "begin_offset", "end_offset", "function", "name", "arguments", "label", "text", "refusal",
    "id", "source", "Role", "mess\u200bages", "input_ids", "images", "x", "",
)  # fmt: skip
TEXTS = (
    *sorted(ROLES), "text", "thinking", "refusal", "image_url", "a b c", "", " ", "{}", "[]",
    '{"name": "f", "arguments": "{}"}', '[{"name": "f"}]', "\x1b[31m\n", "\u202e", "\ud800",
)  # fmt: skip
SCALARS: tuple[object, ...] = (
    None, True, False, 0, 1, -1, 2, 0.0, 1.0, 0.5, 1e308, 10**400, float("nan"), b"x",
)  # fmt: skip


class Choices:
    """Bytes as a row of choices that make a record; when they are used up, all choose the first."""

    def __init__(self, data: bytes) -> None:
        self._left: Iterator[int] = iter(data)

    def number(self, most: int) -> int:
        """From 0 to below ``most``, which is at most 256."""
        return next(self._left, 0) % most

    def one_of(self, choices: tuple[Any, ...]) -> Any:
        """One of up to 256 values."""
        return choices[self.number(len(choices))]

    def record(self) -> dict[str, object]:
        """An object whose keys are mostly known ones."""
        return {self.one_of(KEYS): self.value(4) for _ in range(self.number(5))}

    def value(self, levels: int) -> object:
        """Any value, nested up to so many levels."""
        kind = self.number(6) if levels else self.number(3)
        if kind == 0:
            return self.one_of(TEXTS)
        if kind == 1:
            return self.one_of(SCALARS)
        if kind == 2:
            return bytes(self.number(256) for _ in range(self.number(9))).decode("latin-1")
        if kind == 3:
            return [self.value(levels - 1) for _ in range(self.number(4))]
        if kind == 4:
            return {self.one_of(KEYS): self.value(levels - 1) for _ in range(self.number(5))}
        return [self.turn(levels - 1) for _ in range(self.number(4))]

    def turn(self, levels: int) -> dict[str, object]:
        """What is nearly a turn of a chat."""
        turn = {"role": self.one_of(tuple(sorted(ROLES))), "content": self.value(levels)}
        return turn | {self.one_of(KEYS): self.value(levels) for _ in range(self.number(3))}
