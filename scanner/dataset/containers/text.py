"""Plain text: every line is one row, ``{"text": line}``, as ``datasets`` has it.

A blank line is a row without text to ``datasets``. Nothing in it can be trained on, so it is none
here; the notes say how many there are.
"""

from collections.abc import Iterator

from scanner.dataset.containers.lines import BYTE_ORDER_MARK, MOST_BLANK, numbered_lines
from scanner.dataset.interface import Entry, ReaderDisagreement, Record, RowProblem
from scanner.dataset.opened import OpenedFile

EXPECTED = "lines of UTF-8 text"


class PlainText:
    """See ``Container``."""

    name = "text"

    def entries(self, file: OpenedFile) -> Iterator[Entry]:
        """See ``Container.entries``."""
        if file.ahead().startswith(BYTE_ORDER_MARK):
            raise ReaderDisagreement(
                found="a byte order mark, which other readers take for text",
                expected=EXPECTED,
                cure="save the file without it",
                line=1,
            )
        blank = last = 0
        for line, content in numbered_lines(file):
            if content.strip():
                last = line
                yield Entry(line, _record(content), content)
            else:
                blank += 1
                _refuse_endless(last + 1, line)
        if blank:
            file.notes.append(
                f"Blank lines: {blank:,}. load_dataset makes each a row without text, in which "
                "there is nothing to train on; they are left out."
            )


def _refuse_endless(first: int, line: int) -> None:
    if line - first >= MOST_BLANK:
        raise RowProblem(
            found=f"{MOST_BLANK:,} blank lines",
            expected=EXPECTED,
            cure="remove the blank lines",
            line=first,
        )


def _record(content: bytes) -> Record | RowProblem:
    if b"\r" in content:
        return ReaderDisagreement(
            found="a carriage return within the line",
            expected="lines that end in a newline",
            cure="convert the line ends to newlines",
        )
    try:
        return {"text": content.decode("utf-8")}
    except UnicodeDecodeError as error:
        return RowProblem(
            found=f"invalid UTF-8 at byte {error.start + 1} of the line",
            expected=EXPECTED,
            cure="convert the file to UTF-8",
        )
