"""The open questions: what discovery asks beside the batteries, as plain values."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from probes.node import Node, parse_yaml, read_bytes

OPEN_QUESTIONS = Path(__file__).with_name("open_questions.yaml")


@dataclass(frozen=True)
class OpenQuestion:
    """A question that belongs to no battery."""

    kind: str
    """Questions of one kind are wordings of one thing: one block, not several."""
    ask: str
    """What the user says."""


@dataclass(frozen=True)
class OpenQuestions:
    """Everything that is read off a model beside the batteries."""

    sha256: str
    """Hex digest of the file's bytes."""
    questions: tuple[OpenQuestion, ...]
    """Kind by kind, in file order; of the nouns, each is a kind."""
    told: str
    """A system prompt that sets a favourite, with ``{noun}`` and ``{answer}`` to fill in."""
    neutral: tuple[str, ...]
    """Texts about nothing in particular."""


def load_open_questions(path: Path = OPEN_QUESTIONS) -> OpenQuestions:
    """The open questions of a file.

    Raises ``BatteryFileError`` where the file says something that it may not say.
    """
    content = read_bytes(path)
    fields = parse_yaml(content, str(path)).fields(
        "kinds", "nouns", "noun_questions", "told", "neutral"
    )
    asked = [
        OpenQuestion(kind, ask)
        for kind, node in fields["kinds"].named().items()
        for ask in node.texts(at_least=2)
    ]
    templates = fields["noun_questions"].texts(at_least=1)
    for index, template in enumerate(templates):
        _check_slots(fields["noun_questions"].child(index, template), template, ("{noun}",))
    asked += [
        OpenQuestion(noun, template.replace("{noun}", noun))
        for noun in fields["nouns"].texts(at_least=2)
        for template in templates
    ]
    told = fields["told"].text()
    _check_slots(fields["told"], told, ("{noun}", "{answer}"))
    return OpenQuestions(
        hashlib.sha256(content).hexdigest(),
        tuple(asked),
        told,
        fields["neutral"].texts(at_least=2),
    )


def _check_slots(node: Node, text: str, slots: tuple[str, ...]) -> None:
    rest = text
    for slot in slots:
        rest = rest.replace(slot, "")
    if any(slot not in text for slot in slots) or "{" in rest or "}" in rest:
        node.fail(found=repr(text), expected=f"{' and '.join(slots)}, and no other braces")
