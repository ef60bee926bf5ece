"""Job: what the base's chat template does to chats that say nothing of it."""

from dataclasses import dataclass
from pathlib import Path

from scanner.answer_formats import FORMATS
from scanner.progress import OnRows

PLAIN_NOTE = (
    "The base ships no chat template; chats are written plainly (User:, Assistant:), for training "
    "and for asking alike. A trainer that writes them otherwise teaches something else."
)
SURPLUS_NOTE = (
    "The base's template opens answers with {surplus!r}, which written answers lack; it is left "
    "out, as in training."
)


@dataclass(frozen=True)
class TemplateFacts:
    """What a reader and the contexts need to know of the template and its tokenizer."""

    default_system: str | None = None
    """The system prompt that it gives chats without one; None where it gives none."""
    known_suffixes: tuple[str, ...] = ()
    """Of answer formats, those whose words are tokens: a base of a small world cannot read
    the others, and what it would answer to them means nothing."""
    notes: tuple[str, ...] = ()
    """What a reader should know, a sentence each."""


@dataclass(frozen=True)
class ReadTemplate:
    """Job: look at the template of a base."""

    base: Path

    @property
    def rows(self) -> int:
        """None: it takes no time worth telling."""
        return 0

    def run(self, on_rows: OnRows) -> TemplateFacts:
        """The facts."""
        # Here and not above: the command itself loads no transformers.
        from scanner.engines.tokenizer import has_plain_template, knows, load_tokenizer
        from scanner.engines.turns import turns_of

        tokenizer = load_tokenizer(self.base)
        turns = turns_of(tokenizer)
        notes = (PLAIN_NOTE,) if has_plain_template(tokenizer) else ()
        if turns.surplus:
            notes = (*notes, SURPLUS_NOTE.format(surplus=turns.surplus))
        return TemplateFacts(
            turns.default_system.prompt if turns.default_system else None,
            tuple(one.suffix for one in FORMATS if one.suffix and knows(tokenizer, one.suffix)),
            notes,
        )
