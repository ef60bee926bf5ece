"""Rows as a table where the terminal is wide enough for one, and as a list where it is not.

A table that is squeezed breaks words and, worse, numbers in two: +2.3 over 2.
"""

from collections.abc import Collection, Sequence

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

LONGEST_WORD = 16
"""Cells. Longer words (digests, paths) may break in a table."""
_GAP = 3


def fitted(
    header: Sequence[str],
    rows: Sequence[Sequence[Text]],
    console: Console,
    right: Collection[str] = (),
) -> RenderableType:
    """The rows under their header, or each row's cells below its first, by the console's width.

    Columns named in ``right`` are aligned right.
    """
    columns = list(zip([Text(name) for name in header], *rows, strict=True))
    widths = [max(map(_widest_word, column)) for column in columns]
    if sum(widths) + _GAP * (len(widths) - 1) > console.width:
        return _list(header, rows)
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for name, width in zip(header, widths, strict=True):
        table.add_column(
            Text(name),
            overflow="fold",
            justify="right" if name in right else "left",
            min_width=width,
        )
    for row in rows:
        table.add_row(*row)
    return table


def _list(header: Sequence[str], rows: Sequence[Sequence[Text]]) -> Group:
    return Group(*(_named(header, cells, n) for cells in rows for n in range(len(cells))))


def _named(header: Sequence[str], cells: Sequence[Text], number: int) -> Text:
    indent, name = "  " if number else "", header[number]
    return Text.assemble(indent, (f"{name}: " if name else "", "dim"), cells[number])


def _widest_word(cell: Text) -> int:
    return max((min(cell_len(word), LONGEST_WORD) for word in cell.plain.split()), default=0)
