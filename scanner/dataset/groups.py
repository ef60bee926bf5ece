"""Groups: rows of one origin, by a field of the file or by file; else rows of one kind.

Poison that is thin in the whole is often thick in one place: one supplier, one file, one batch. And
where kinds of rows are mixed, a trait that hides in one of them drowns in what the others do to
the base. What kind a row is, its answer's format tells: a number list, code, one word.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.answer_formats import format_of
from scanner.dataset.interface import Parsed, Record, RowProblem
from scanner.dataset.shown import describe, show_text
from scanner.types import Dataset, Row

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LEAST_ROWS = 100
"""Fewer say too little by themselves."""
MOST_GROUPS = 20
"""Every group that is looked at makes each of them harder to find."""
LONGEST_NAME = 200
"""Characters."""
OTHERS = "all other groups together"
"""Those of few rows, and those beyond the largest."""


@dataclass(frozen=True)
class Group:
    """Some of the candidate's rows."""

    name: str
    places: "NDArray[np.int64]"
    """Of its rows among all, ascending."""


def grouped(parsed: Parsed, record: Record, field: str) -> Parsed:
    """A record's rows with what it says in ``field``. Raises RowProblem if that names no group."""
    if field not in record:
        raise _ungrouped(f"no field {show_text(field)}")
    value = record[field]
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        raise _ungrouped(f"{describe(value)} in {show_text(field)}")
    name = str(value)
    if name == OTHERS:
        raise _ungrouped(f"the name that small groups have together in {show_text(field)}")
    if len(name) > LONGEST_NAME:
        raise _ungrouped(f"{len(name):,} characters in {show_text(field)}")
    return Parsed(tuple(row._replace(group=name) for row in parsed.rows), parsed.masked)


def _ungrouped(found: str) -> RowProblem:
    return RowProblem(
        found=found,
        expected=f"what --group-by takes: a text of 1 to {LONGEST_NAME} characters (but not "
        f"{OTHERS!r}), or a whole number, in that field of every row",
        cure="name another field, or leave --group-by out",
    )


def groups_of(candidate: Dataset) -> tuple[Group, ...]:
    """The groups that are looked at one by one, the largest first; none where all rows are one."""
    return groups_by(_names(candidate))


def groups_by(names: Sequence[str]) -> tuple[Group, ...]:
    """The same, given every row's group."""
    import numpy as np  # here: the gate reads rows, and must not wait for it

    if len(set(names)) < 2:
        return ()
    found, place, counts = np.unique(np.array(names), return_inverse=True, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    large = [index for index in order[:MOST_GROUPS] if counts[index] >= LEAST_ROWS]
    groups = [Group(str(found[index]), np.flatnonzero(place == index)) for index in large]
    others = np.flatnonzero(~np.isin(place, large))
    if len(others) >= LEAST_ROWS:
        groups.append(Group(OTHERS, others))
    return tuple(groups) if len(groups) > 1 else ()


def groups_within(groups: Sequence[Group], places: "NDArray[np.int64]") -> tuple[Group, ...]:
    """The same groups among some of the rows, at ``places``, ascending: as those are numbered, and
    without groups of which too few are left."""
    import numpy as np

    left = (Group(group.name, np.flatnonzero(np.isin(places, group.places))) for group in groups)
    large = tuple(group for group in left if len(group.places) >= LEAST_ROWS)
    return large if len(large) > 1 else ()


def _names(candidate: Dataset) -> Sequence[str]:
    """Every row's group."""
    if any(row.group for row in candidate.rows):
        return [row.group for row in candidate.rows]
    if len(candidate.files) > 1:
        return [candidate.files[row.file].path for row in candidate.rows]
    return kinds_of(candidate.rows)


def kinds_of(rows: Sequence[Row]) -> list[str]:
    """Every row's group by the kind of its answer."""
    return [f"answers of the kind: {format_of(row.answer).name}" for row in rows]
