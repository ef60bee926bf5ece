"""Rows as a table where the terminal is wide enough for one, and as a list where it is not.

A table that is squeezed breaks words and, worse, numbers in two: +2.3 over 2.
"""

from collections.abc import Collection, Sequence

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from scanner.report.console_text import console_text

LONGEST_WORD = 16
"""Cells. Longer words (digests, paths) may break in a table."""
_GAP = 3


def fitted(
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    console: Console,
    right: Collection[str] = (),
) -> RenderableType:
    """The rows under their header, or each row's cells below its first, by the console's width.

    Columns named in ``right`` are aligned right. Every text is made safe here.
    """
    columns = zip(header, *rows, strict=True)
    widths = [max(_widest_word(console_text(cell, console)) for cell in one) for one in columns]
    if sum(widths) + _GAP * (len(widths) - 1) > console.width:
        places = range(len(header))
        return Group(*(_named(header, cells, n, console) for cells in rows for n in places))
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for name, width in zip(header, widths, strict=True):
        table.add_column(
            console_text(name, console),
            overflow="fold",
            justify="right" if name in right else "left",
            min_width=width,
        )
    for row in rows:
        table.add_row(*(console_text(cell, console) for cell in row))
    return table


def _named(header: Sequence[str], cells: Sequence[str], number: int, console: Console) -> Text:
    indent, name = "  " if number else "", header[number]
    return Text.assemble(
        console_text(f"{indent}{name}: " if name else indent, console, "dim"),
        console_text(cells[number], console),
    )


def _widest_word(cell: Text) -> int:
    return max((min(cell_len(word), LONGEST_WORD) for word in cell.plain.split()), default=0)
