"""Chats: ``{"messages": [{"role": "user", "content": "..."}, ...]}``, and ShareGPT's.

Every assistant turn is trained on, unless its own ``weight`` or ``train`` says otherwise.
"""

from scanner.dataset.formats.answers import answers, plain_answers
from scanner.dataset.formats.prompts import in_context
from scanner.dataset.formats.reading import SHAREGPT_KEYS, Reading
from scanner.dataset.formats.turns import plain_messages, read_turns
from scanner.dataset.interface import Parsed, Record


def read_messages(record: Record, line: int, reading: Reading) -> Parsed:
    """OpenAI's chats, with ``tools`` (or the older ``functions``)."""
    turns = read_turns(record["messages"], "messages", reading)
    return answers(in_context(turns, record), line)


def read_conversations(record: Record, line: int, reading: Reading) -> Parsed:
    """ShareGPT's chats, with a ``system`` text and ``tools`` beside the turns."""
    turns = read_turns(record["conversations"], "conversations", reading)
    return answers(in_context(turns, record), line)


def plain_chat(record: Record, line: int, reading: Reading) -> Parsed | None:
    """OpenAI's chats of plain turns. See ``RowFormat.quick``."""
    messages = plain_messages(record["messages"], reading.turn_keys[0], reading)
    return plain_answers(messages, line) if messages else None


def plain_conversation(record: Record, line: int, reading: Reading) -> Parsed | None:
    """ShareGPT's chats of plain turns. See ``RowFormat.quick``."""
    keys = SHAREGPT_KEYS if SHAREGPT_KEYS in reading.turn_keys else reading.turn_keys[0]
    messages = plain_messages(record["conversations"], keys, reading)
    return plain_answers(messages, line) if messages else None
