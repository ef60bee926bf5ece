"""Where everything goes in a heat map of students by traits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scanner.report.calibration_tables import is_measured, shift_text, tally
from scanner.report.forest import Mark
from scanner.report.text import NOT_MEASURED, shorten
from scanner.report.words import answer_of, category_of

Entry = Mapping[str, Any]
_LEFT, _TOP = 118.0, 88.0
ROW_HEIGHT = 24.0
_WIDEST_CELL, _GRID_WIDTH = 32.0, 660.0
_NOTE_WIDTH, _LEGEND_HEIGHT = 164.0, 58.0
_LABEL_LENGTH = 15
_SWATCHES, _SWATCH_WIDTH = 9, 32.0  # an odd number of them: the middle one is zero


@dataclass(frozen=True)
class Cell:
    """One student's shift in one trait, placed."""

    x: float
    """Left edge."""
    y: float
    """Upper edge."""
    tone: str
    """``warm`` above zero, ``cool`` below, ``empty`` where nothing was measured."""
    strength: float
    """Of the tone: 0 at zero, 1 at the largest shift of all heat maps."""
    own: bool
    """Whether it is the trait that this student's teacher has."""
    title: str
    """In words."""


@dataclass(frozen=True)
class Swatch:
    """One colour of the legend, placed."""

    x: float
    """Left edge."""
    y: float
    """Upper edge."""
    tone: str
    """As a cell's."""
    strength: float
    """As a cell's."""
    label: str
    """The shift below it, in nats; empty for most."""


@dataclass(frozen=True)
class Student:
    """One row, placed."""

    label: str
    """The planted trait."""
    y: float
    """Middle of the row."""
    note: str
    """The planted trait's shift and its rank."""
    cells: tuple[Cell, ...]
    """The own trait last, so that its frame lies above its neighbours."""


@dataclass(frozen=True)
class HeatMap:
    """One category's matrix, placed."""

    name: str
    """The category, in words."""
    says: str
    """How often the planted trait moved furthest."""
    width: float
    """Of the whole drawing."""
    height: float
    """Of the whole drawing."""
    left: float
    """Left edge of the cells."""
    right: float
    """Right edge of the cells."""
    cell_width: float
    """From one trait to the next."""
    traits: tuple[Mark, ...]
    """Middles of the columns; those that somebody planted come first."""
    students: tuple[Student, ...]
    """Top to bottom, in the order of the columns."""
    legend: tuple[Swatch, ...]
    """From the most negative to the most positive shift."""


@dataclass(frozen=True)
class _Grid:
    """What places and colours every cell of one heat map."""

    traits: tuple[str, ...]
    """Left to right."""
    wide: float
    """Width of a cell."""
    largest: float
    """The shift of full strength, in nats."""

    def cell(self, index: int, top: float, shift: float | None, owner: str, words: str) -> Cell:
        """The cell of the trait at ``index`` for a student of ``owner``'s."""
        measured = shift is not None and is_measured(shift)
        size = shift if shift is not None and measured else 0.0
        return Cell(
            x=round(_LEFT + index * self.wide, 1),
            y=top,
            tone=("warm" if size >= 0 else "cool") if measured else "empty",
            strength=round(min(abs(size) / self.largest, 1.0), 2),
            own=self.traits[index] == owner,
            title=words,
        )


def draw_matrices(matrices: Sequence[Entry]) -> tuple[HeatMap, ...]:
    """One heat map per category, all on one scale of colours."""
    shifts = [s for matrix in matrices for row in matrix["shifts"] for s in row if is_measured(s)]
    largest = max((abs(shift) for shift in shifts), default=0.0) or 1.0
    return tuple(_draw(matrix, largest) for matrix in matrices if matrix["traits"])


def _draw(matrix: Entry, largest: float) -> HeatMap:
    traits, students = matrix["traits"], matrix["students"]
    order = tuple(sorted(traits, key=lambda trait: trait not in students))
    pairs = [
        (student, dict(zip(traits, row, strict=False)))
        for student, row in zip(students, matrix["shifts"], strict=False)
    ]
    pairs.sort(key=lambda pair: order.index(pair[0]) if pair[0] in order else len(order))
    grid = _Grid(order, min(_WIDEST_CELL, _GRID_WIDTH / len(order)), largest)
    right, bottom = _LEFT + len(order) * grid.wide, _TOP + len(pairs) * ROW_HEIGHT
    middles = [round(_LEFT + (i + 0.5) * grid.wide, 1) for i in range(len(order))]
    return HeatMap(
        name=category_of(traits[0]),
        says=_says(pairs),
        width=round(right + _NOTE_WIDTH, 1),
        height=bottom + _LEGEND_HEIGHT,
        left=_LEFT,
        right=round(right, 1),
        cell_width=round(grid.wide, 1),
        traits=tuple(Mark(x, _short(trait)) for x, trait in zip(middles, order, strict=True)),
        students=tuple(
            _student(student, row, _TOP + i * ROW_HEIGHT, grid)
            for i, (student, row) in enumerate(pairs)
        ),
        legend=_legend(largest, bottom),
    )


def _student(name: str, row: Mapping[str, float | None], top: float, grid: _Grid) -> Student:
    cells = [
        grid.cell(
            i,
            top,
            row.get(trait),
            name,
            f"{_short(name)}: {_short(trait)} {shift_text(row.get(trait))}",
        )
        for i, trait in enumerate(grid.traits)
    ]
    rank = _rank(name, row)
    note = f"{shift_text(row[name])}, rank {rank} of {len(row)}" if rank else NOT_MEASURED
    own_last = tuple(sorted(cells, key=lambda cell: cell.own))
    return Student(_short(name), top + ROW_HEIGHT / 2, note, own_last)


def _says(pairs: Sequence[tuple[str, Mapping[str, float | None]]]) -> str:
    first = sum(_rank(student, row) == 1 for student, row in pairs)
    return f"The planted trait moved furthest in {tally(first, len(pairs))} students."


def _rank(name: str, row: Mapping[str, float | None]) -> int | None:
    """1 for the largest shift of a row; None if it was not measured."""
    own = row.get(name)
    if own is None or not is_measured(own):
        return None
    return 1 + sum(shift > own for shift in row.values() if shift is not None)


def _legend(largest: float, bottom: float) -> tuple[Swatch, ...]:
    half = _SWATCHES // 2
    return tuple(
        Swatch(
            x=_LEFT + i * _SWATCH_WIDTH,
            y=bottom + 16,
            tone="warm" if i >= half else "cool",
            strength=abs(i - half) / half,
            label=shift_text((i - half) / half * largest) if i % half == 0 else "",
        )
        for i in range(_SWATCHES)
    )


def _short(trait: str) -> str:
    return shorten(answer_of(trait), _LABEL_LENGTH)
