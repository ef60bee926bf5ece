"""Splitting the candidate: no row is lost, and lines stay as they are."""

import gzip
import json
from pathlib import Path

import pytest

from scanner.config import ReadOptions
from scanner.dataset.digest import canonical_bytes
from scanner.dataset.read import read_dataset
from scanner.dataset.split import split
from scanner.errors import DatasetError

LINES = [b'{"prompt": "q%d",  "completion": "a%d"}\n' % (n, n) for n in range(6)]


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def test_lines_go_to_one_side_or_the_other_as_they_are(tmp_path: Path) -> None:
    data = written(tmp_path / "data.jsonl", b"".join(LINES))
    halves = split(read_dataset(data), {1, 4})
    assert halves.quarantine == LINES[1] + LINES[4]
    assert halves.clean == LINES[0] + LINES[2] + LINES[3] + LINES[5]
    assert halves.set_aside == 2


def test_merged_by_number_the_halves_are_the_file_whatever_is_set_aside(tmp_path: Path) -> None:
    candidate = read_dataset(written(tmp_path / "data.jsonl", b"".join(LINES)))
    for bits in range(2**6):
        chosen = {number for number in range(6) if bits >> number & 1}
        halves = split(candidate, chosen)
        sides = [iter(half.splitlines(True)) for half in (halves.clean, halves.quarantine)]
        assert [next(sides[number in chosen]) for number in range(6)] == LINES
        assert [next(side, None) for side in sides] == [None, None]


@pytest.mark.parametrize(
    "content",
    [
        b"".join(LINES),
        b"".join(LINES).rstrip(b"\n"),
        b"".join(LINES).replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + b"".join(LINES) + b"\n \n",
    ],
)
def test_with_nothing_set_aside_the_clean_half_is_the_file(tmp_path: Path, content: bytes) -> None:
    data = written(tmp_path / "data.jsonl", content)
    nothing = split(read_dataset(data), ())
    assert (nothing.clean, nothing.quarantine, nothing.set_aside) == (content, b"", 0)
    all_of_it = split(read_dataset(data), (), everything=True)
    assert (all_of_it.clean, all_of_it.quarantine, all_of_it.set_aside) == (b"", content, 6)


def test_a_compressed_file_is_split_unpacked(tmp_path: Path) -> None:
    data = written(tmp_path / "data.jsonl.gz", gzip.compress(b"".join(LINES)))
    assert split(read_dataset(data), {0}).quarantine == LINES[0]


def test_several_files_are_split_as_one(tmp_path: Path) -> None:
    """The first ends without a newline, the second begins with a byte order mark."""
    one = written(tmp_path / "1.jsonl", (LINES[0] + LINES[1]).rstrip(b"\n"))
    two = written(tmp_path / "2.jsonl", b"\xef\xbb\xbf" + LINES[2] + LINES[3])
    halves = split(read_dataset([one, two]), {0, 3})
    assert halves.quarantine == LINES[0] + LINES[3]
    assert halves.clean == LINES[1] + LINES[2]


def test_a_record_of_several_rows_is_set_aside_with_any_of_them(tmp_path: Path) -> None:
    turns = [
        {"role": role, "content": text}
        for role, text in (("user", "a"), ("assistant", "b"), ("user", "c"), ("assistant", "d"))
    ]
    chat = json.dumps({"messages": turns}).encode() + b"\n"
    data = written(tmp_path / "data.jsonl", chat * 2)
    candidate = read_dataset(data)
    assert len(candidate.rows) == 4
    assert split(candidate, {1}).set_aside == 1


def test_what_could_not_be_read_is_set_aside(tmp_path: Path) -> None:
    data = written(tmp_path / "data.jsonl", LINES[0] + b'{"prompt": 5}\n' + LINES[1])
    candidate = read_dataset(data, ReadOptions(report_bad_rows=True))
    halves = split(candidate, ())
    assert (halves.clean, halves.quarantine) == (LINES[0] + LINES[1], b'{"prompt": 5}\n')


def test_other_containers_become_canonical_rows(tmp_path: Path) -> None:
    data = written(tmp_path / "data.csv", b"prompt,completion\nq0,a0\nq1,a1\n")
    candidate = read_dataset(data)
    halves = split(candidate, {1})
    assert halves.clean == canonical_bytes(candidate.rows[0])
    assert halves.quarantine == canonical_bytes(candidate.rows[1])


def test_a_file_that_changed_since_is_refused(tmp_path: Path) -> None:
    data = written(tmp_path / "data.jsonl", b"".join(LINES))
    candidate = read_dataset(data)
    written(data, b"".join(LINES[:5]))
    with pytest.raises(DatasetError, match="found another file than was audited"):
        split(candidate, {1})
