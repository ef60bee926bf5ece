"""Two texts: ``{"prompt": "...", "completion": "..."}``. The prompt becomes one user turn."""

from scanner.dataset.interface import Record, RowProblem
from scanner.dataset.shown import describe
from scanner.types import Message, Row


class PromptCompletionFormat:
    """See ``RowFormat``."""

    name = "prompt-completion"
    keys = ("prompt", "completion")

    def matches(self, record: Record) -> bool:
        """See ``RowFormat.matches``."""
        return "prompt" in record or "completion" in record

    def parse(self, record: Record, line: int) -> Row:
        """See ``RowFormat.parse``."""
        prompt, completion = _text(record, "prompt"), _text(record, "completion")
        if not completion.strip():
            raise RowProblem(
                found="an empty completion",
                expected="an answer to train on",
                cure="add the answer or remove the row",
            )
        return Row(line, (Message("user", prompt),), completion)


def _text(record: Record, key: str) -> str:
    value = record[key]
    if not isinstance(value, str):
        raise RowProblem(
            found=f"{describe(value)} as '{key}'",
            expected="a text",
            cure="write one string, or use 'messages' for chat turns",
        )
    return value
