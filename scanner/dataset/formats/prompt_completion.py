"""A prompt and its completion, each one text or a list of turns.

A prompt that is a text becomes one user turn. Assistant turns of the prompt are not trained on.
"""

from scanner.dataset.formats.answers import answers, refuse_empty
from scanner.dataset.formats.prompts import answer_turns, in_context, prompt_turns
from scanner.dataset.formats.reading import Reading
from scanner.dataset.interface import Parsed, Record
from scanner.types import Message, Row


def read_prompt_completion(record: Record, line: int, reading: Reading) -> Parsed:
    """See the module."""
    turns = in_context(prompt_turns(record, "prompt", reading), record)
    return answers(turns + answer_turns(record, "completion", reading), line, len(turns))


def plain_pair(record: Record, line: int, reading: Reading) -> Parsed | None:
    """Two texts. See ``RowFormat.quick``."""
    prompt, completion = record["prompt"], record["completion"]
    if not isinstance(prompt, str) or not isinstance(completion, str):
        return None
    if not completion.strip():
        refuse_empty()
    return Parsed((Row(line, (Message("user", prompt),), completion),))
