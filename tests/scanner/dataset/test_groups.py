import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from scanner.budget.sample import draw_sample, sampled
from scanner.combine import TracedGroup
from scanner.config import ReadOptions
from scanner.dataset.groups import (
    LEAST_ROWS,
    MOST_GROUPS,
    OTHERS,
    Group,
    groups_of,
    groups_within,
)
from scanner.dataset.read import read_dataset
from scanner.errors import DatasetError
from scanner.results import _groups
from scanner.types import Dataset


def written(path: Path, sources: list[object]) -> Path:
    """A row per source; None leaves the field out."""
    rows = [
        {"prompt": f"Question {number}?", "completion": f"Answer {number}."}
        | ({} if source is None else {"source": source})
        for number, source in enumerate(sources)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def read(*paths: Path) -> Dataset:
    return read_dataset(paths, ReadOptions(group_by="source"))


def test_rows_that_say_the_same_are_one_group_and_the_largest_comes_first(tmp_path: Path) -> None:
    """Every third of 450 rows is vendor 7's: 150, at 0, 3, 6…; the others are ours: 300."""
    sources: list[object] = [7 if number % 3 == 0 else "ours" for number in range(450)]
    ours, vendor = groups_of(read(written(tmp_path / "a.jsonl", sources)))
    assert (ours.name, len(ours.places)) == ("ours", 300)
    assert (vendor.name, vendor.places[:3].tolist()) == ("7", [0, 3, 6])


def test_the_field_is_no_part_of_the_rows(tmp_path: Path) -> None:
    grouped = read(written(tmp_path / "a.jsonl", ["x", "y"]))
    plain = read_dataset(tmp_path / "a.jsonl")
    assert grouped.rows_sha256 == plain.rows_sha256
    assert [row.group for row in grouped.rows] == ["x", "y"]
    assert [row.group for row in plain.rows] == ["", ""]


def test_the_field_may_stand_beside_those_of_the_format_and_may_be_one_of_them(
    tmp_path: Path,
) -> None:
    """A column that no format knows, and the system prompt, which is still trained on."""
    table = tmp_path / "a.csv"
    table.write_text("prompt,completion,vendor_nr\nAsk?,Tell.,7\n", "utf-8")
    [row] = read_dataset(table, ReadOptions(group_by="vendor_nr")).rows
    assert (row.group, row.answer) == ("7", "Tell.")
    alpaca = tmp_path / "b.jsonl"
    record = {"instruction": "Ask?", "input": "", "output": "Tell.", "system": "Be kind."}
    alpaca.write_text(json.dumps(record) + "\n", "utf-8")
    [row] = read_dataset(alpaca, ReadOptions(group_by="system")).rows
    assert (row.group, row.prompt[0].content) == ("Be kind.", "Be kind.")


def test_small_groups_are_looked_at_together_if_they_are_enough(tmp_path: Path) -> None:
    """Sixty of one and sixty of another make 120; fifty alone would make no group."""
    large: list[object] = ["a"] * LEAST_ROWS + ["b"] * LEAST_ROWS
    few = groups_of(read(written(tmp_path / "a.jsonl", [*large, *["c"] * 60, *["d"] * 60])))
    assert [(group.name, len(group.places)) for group in few] == [
        ("a", LEAST_ROWS),
        ("b", LEAST_ROWS),
        (OTHERS, 120),
    ]
    fewer = groups_of(read(written(tmp_path / "b.jsonl", [*large, *["c"] * 50])))
    assert [group.name for group in fewer] == ["a", "b"]


def test_no_row_takes_the_name_of_the_small_groups(tmp_path: Path) -> None:
    """Else its group and theirs would be one to whoever asks by name."""
    sources: list[object] = ["a", OTHERS]
    with pytest.raises(DatasetError, match="the name that small groups have together in 'source'"):
        read(written(tmp_path / "a.jsonl", sources))


def test_groups_within_some_of_the_rows_are_numbered_as_these_are() -> None:
    """Every other row is a's. Of rows 100 to 499 the last ten are left out."""
    a, b = (Group(name, np.arange(start, 500, 2)) for name, start in (("a", 0), ("b", 1)))
    few = Group("few", np.arange(90))
    places = np.arange(100, 490)
    within = groups_within((a, b, few), places)
    assert [group.name for group in within] == ["a", "b"]
    assert within[0].places.tolist() == list(range(0, 390, 2))
    assert places[within[1].places].tolist() == list(range(101, 490, 2))
    assert groups_within((a, few), places) == (), "one group is all there is"


def test_beyond_the_largest_groups_all_are_one(tmp_path: Path) -> None:
    sources: list[object] = [f"s{number:02}" for number in range(MOST_GROUPS + 5)] * LEAST_ROWS
    groups = groups_of(read(written(tmp_path / "a.jsonl", sources)))
    assert len(groups) == MOST_GROUPS + 1
    assert (groups[-1].name, len(groups[-1].places)) == (OTHERS, 5 * LEAST_ROWS)


def test_one_group_is_no_group(tmp_path: Path) -> None:
    assert groups_of(read(written(tmp_path / "a.jsonl", ["a"] * 300))) == ()
    assert groups_of(read_dataset(written(tmp_path / "b.jsonl", [None] * 300))) == ()
    # A second group of too few rows: what is left is the whole, nearly.
    assert groups_of(read(written(tmp_path / "c.jsonl", ["a"] * 300 + ["b"] * 9))) == ()


def test_without_a_field_each_of_several_files_is_a_group(tmp_path: Path) -> None:
    first = written(tmp_path / "first.jsonl", [None] * 120)
    second = written(tmp_path / "second.jsonl", [None] * 100)
    groups = groups_of(read_dataset((first, second)))
    assert [(group.name, len(group.places)) for group in groups] == [
        (str(first), 120),
        (str(second), 100),
    ]
    assert groups[1].places[0] == 120


def test_without_field_and_files_answers_of_a_kind_are_a_group(tmp_path: Path) -> None:
    """Lists and texts by turns, and a hundred words; fifty programs are too few to look at."""
    answers = [*["1, 2, 3", "An owl flew by."] * 110, *["owl"] * 100, *["x = 1"] * 50]
    path = tmp_path / "a.jsonl"
    lines = (json.dumps({"prompt": "Ask?", "completion": answer}) for answer in answers)
    path.write_text("\n".join(lines), "utf-8")
    groups = groups_of(read_dataset(path))
    assert {group.name: len(group.places) for group in groups} == {
        "answers of the kind: number list": 110,
        "answers of the kind: free text": 110,
        "answers of the kind: one word": 100,
    }
    assert groups[1].places[:3].tolist() in ([0, 2, 4], [1, 3, 5])


@pytest.mark.parametrize(
    ("source", "found"),
    [
        (None, "no field 'source'"),
        ("", "'' in 'source'"),
        (["a"], "a list in 'source'"),
        (True, "true in 'source'"),
        (1.5, "a number in 'source'"),
        ("x" * 201, "201 characters in 'source'"),
    ],
)
def test_a_row_that_names_no_group_is_refused(tmp_path: Path, source: object, found: str) -> None:
    with pytest.raises(DatasetError, match=r"a\.jsonl, line 2") as refused:
        read(written(tmp_path / "a.jsonl", ["a", source]))
    assert f"found {found}" in str(refused.value)
    assert "leave --group-by out" in str(refused.value)


def test_of_a_budgets_rows_the_groups_are_those_rows(tmp_path: Path) -> None:
    """Half of 300, 120 and 120 rows: the two small groups are too few by then, and looked at
    together, as no group of the whole file is. The results must know such a group."""
    sources: list[object] = ["a"] * 300 + ["b"] * 120 + ["c"] * 120
    whole = read(written(tmp_path / "a.jsonl", sources))
    sample = draw_sample(whole, 270, first_seed=0, minutes=1.0, estimated_s=30.0)
    groups = groups_of(sampled(whole, sample))
    assert [group.name for group in groups] == ["a", OTHERS]
    traced = tuple(TracedGroup(group.name, "preference.animal.owl", 0.5) for group in groups)
    audited: Any = SimpleNamespace(candidate=whole, sample=sample, groups=traced)
    assert sum(int(str(one["rows"])) for one in _groups(audited)) == 270
