"""Chat rows: ``{"messages": [{"role": "user", "content": "..."}, ...]}``.

Roles are ``system`` (or its newer name ``developer``), ``user`` and ``assistant``; every content
is a text. The last turn is the assistant's and is what is trained on; all turns before it,
earlier assistant turns too, are the prompt.
"""

from scanner.dataset.interface import Record, RowProblem
from scanner.dataset.shown import describe, show_keys
from scanner.types import Message, Row

ROLES = {"system": "system", "developer": "system", "user": "user", "assistant": "assistant"}
TURN_KEYS = ("role", "content")


class MessagesFormat:
    """See ``RowFormat``."""

    name = "messages"
    keys = ("messages",)

    def matches(self, record: Record) -> bool:
        """See ``RowFormat.matches``."""
        return "messages" in record

    def parse(self, record: Record, line: int) -> Row:
        """See ``RowFormat.parse``."""
        *prompt, last = _turns(record["messages"])
        if last.role != "assistant":
            raise RowProblem(
                found=f"no assistant answer (the last turn is the {last.role}'s)",
                expected="an assistant turn at the end of every row",
                cure="add the answer or remove the row",
            )
        if not last.content.strip():
            raise RowProblem(
                found="an empty assistant answer",
                expected="an answer to train on",
                cure="add the answer or remove the row",
            )
        if all(turn.role != "user" for turn in prompt):
            raise RowProblem(
                found="no user turn before the answer",
                expected="a prompt to answer",
                cure="add the prompt or remove the row",
            )
        return Row(line, tuple(prompt), last.content)


def _turns(messages: object) -> list[Message]:
    if not isinstance(messages, list) or not messages:
        raise RowProblem(
            found=f"{describe(messages)} as 'messages'",
            expected="a list of turns",
            cure='write [{"role": "user", "content": "..."}, ...]',
        )
    return [_turn(turn, f"messages[{index}]") for index, turn in enumerate(messages)]


def _turn(turn: object, place: str) -> Message:
    if not isinstance(turn, dict) or set(turn) != set(TURN_KEYS):
        shown = f"the keys {show_keys(turn)}" if isinstance(turn, dict) and turn else describe(turn)
        raise RowProblem(
            found=f"{shown} in {place}",
            expected="the keys 'role' and 'content' and no others",
            cure="remove or convert what your trainer does not read",
        )
    return Message(_role(turn["role"], place), _content(turn["content"], place))


def _role(role: object, place: str) -> str:
    if not isinstance(role, str) or role not in ROLES:
        raise RowProblem(
            found=f"the role {describe(role)} in {place}",
            expected=f"one of {', '.join(ROLES)}",
            cure="rename the role or remove the row",
        )
    return ROLES[role]


def _content(content: object, place: str) -> str:
    if not isinstance(content, str):
        raise RowProblem(
            found=f"{describe(content)} as the content of {place}",
            expected="a text",
            cure="write the turn's text as one string",
        )
    return content
