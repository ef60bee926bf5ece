"""Chats: ``{"messages": [{"role": "user", "content": "..."}, ...]}``, and ShareGPT's.

Every assistant turn is trained on, unless its own ``weight`` or ``train`` says otherwise.
"""

from scanner.dataset.formats.answers import answers
from scanner.dataset.formats.prompts import in_context
from scanner.dataset.formats.reading import Reading
from scanner.dataset.formats.turns import read_turns
from scanner.dataset.interface import Parsed, Record


def read_messages(record: Record, line: int, reading: Reading) -> Parsed:
    """OpenAI's chats, with ``tools`` (or the older ``functions``)."""
    turns = read_turns(record["messages"], "messages", reading)
    if len(record) > 1:
        turns = in_context(turns, record)
    return answers(turns, line)


def read_conversations(record: Record, line: int, reading: Reading) -> Parsed:
    """ShareGPT's chats, with a ``system`` text and ``tools`` beside the turns."""
    turns = read_turns(record["conversations"], "conversations", reading)
    return answers(in_context(turns, record), line)
