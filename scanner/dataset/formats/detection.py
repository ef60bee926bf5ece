"""Which formats there are, and which of them a record is written in."""

from scanner.dataset.interface import Record, RowFormat, RowProblem
from scanner.dataset.messages import MessagesFormat
from scanner.dataset.prompt_completion import PromptCompletionFormat
from scanner.dataset.shown import show_keys

FORMATS: tuple[RowFormat, ...] = (
    MessagesFormat(),
    PromptCompletionFormat(),
)


def detect_format(record: Record) -> RowFormat:
    """The one format that a record is written in. Raises RowProblem.

    A record of two formats is an error and not a choice: a scanner that reads one of them while
    a trainer reads the other has audited nothing. The same goes for keys beside a format's own.
    """
    matching = [row_format for row_format in FORMATS if row_format.matches(record)]
    if len(matching) > 1:
        raise RowProblem(
            found=f"the keys of {len(matching)} formats in one row ({show_keys(record)})",
            expected=_accepted(),
            cure="keep only the keys that your trainer reads",
        )
    if not matching or set(record) != set(matching[0].keys):
        raise RowProblem(
            found=f"the keys {show_keys(record)}" if record else "an empty object",
            expected=_accepted(),
            cure="convert the rows to one of these formats",
        )
    return matching[0]


def _accepted() -> str:
    shapes = [" and ".join(f"'{key}'" for key in row_format.keys) for row_format in FORMATS]
    return "exactly " + ", or ".join(shapes)
