"""Plain text: every line is one row, ``{"text": line}``, as ``datasets`` has it."""

from collections.abc import Iterator

from scanner.dataset.containers.lines import BYTE_ORDER_MARK, numbered_lines
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
        for line, content in numbered_lines(file):
            yield Entry(line, _record(content), content)


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
