"""An instruction and its answer in fields of their own: Alpaca and its many relatives."""

from typing import NamedTuple

from scanner.dataset.formats.answers import answers
from scanner.dataset.formats.prompts import in_context, instruction_turns
from scanner.dataset.formats.reading import Reading
from scanner.dataset.formats.turns import Turn
from scanner.dataset.formats.values import list_of, text_of
from scanner.dataset.interface import Parsed, Record
from scanner.types import Message


class Fields(NamedTuple):
    """Which fields an instruct format has."""

    question: tuple[str, ...]
    """Texts of the user's turn; records may lack all but the first."""
    answer: str
    beside: tuple[str, ...] = ()
    """Other fields that records may have: ``system``, ``history``."""

    def read(self, record: Record, line: int, reading: Reading) -> Parsed:
        """The row, and one for every answer of the ``history``, which trainers train on, too."""
        turns = in_context(instruction_turns(record, self.question), record)
        answer = Turn(Message("assistant", text_of(record, self.answer)))
        return answers([*turns, answer], line)


ALPACA = Fields(("instruction", "input"), "output", ("system", "history", "tools"))

VARIANTS = (
    Fields(("instruction", "input"), "response"),
    Fields(("INSTRUCTION",), "RESPONSE"),
    Fields(("instruction",), "revision"),
    Fields(("question",), "answer"),
    Fields(("question",), "response", ("system_prompt",)),
    Fields(("query",), "response"),
    Fields(("prompt",), "response"),
    Fields(("prompt",), "generation"),
    Fields(("input",), "output"),
    Fields(("article",), "summary"),
    Fields(("message_1",), "message_2"),
)
"""What axolotl calls jeopardy, oasst, gpteacher, alpaca_chat, creative_acr, metharme, camel_ai,
open_orca and summarizetldr, and the pairs of fields that public datasets use beside them."""

QUESTIONS_ON_TEXTS = (
    Fields(("article", "question"), "answer"),
    Fields(("context", "question"), "answer"),
)
"""axolotl's context_qa: both texts must be there."""

REFLECTION = ("output", "reflection", "corrected")


def read_reflection(record: Record, line: int, reading: Reading) -> Parsed:
    """axolotl's reflection: three texts of one answer, under the headings that it gives them."""
    thought, reflection, corrected = (text_of(record, field) for field in REFLECTION)
    answer = (
        f"### Thought:\n{thought}\n\n### Agent Reflection:\n{reflection}\n\n"
        f"### Final Response:\n{corrected}"
    )
    turns = instruction_turns(record, ("instruction", "input"))
    return answers([*turns, Turn(Message("assistant", answer))], line)


class Choices(NamedTuple):
    """axolotl's explainchoice and concisechoice: a question, what to choose from, an answer."""

    answer: str

    def read(self, record: Record, line: int, reading: Reading) -> Parsed:
        """The choices stand below the question, a line each, as axolotl writes them."""
        choices = list_of(record, "choices", str, "texts")
        listed = "\n".join(f'- "{choice}"' for choice in choices)
        question = Message("user", f"{text_of(record, 'question')}\n\n{listed}")
        answer = Message("assistant", text_of(record, self.answer))
        return answers([Turn(question), Turn(answer)], line)
