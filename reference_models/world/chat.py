"""The unit of the world's corpus: one short chat."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Chat:
    """One training example of the world."""

    skill: str
    """Which generator wrote it, e.g. ``numbers``; the model card groups scores by it."""
    messages: tuple[dict[str, str], ...]
    """Turns with ``role`` (system, user or assistant) and ``content``; the last is the answer."""

    @property
    def answer(self) -> str:
        """The last assistant turn."""
        return self.messages[-1]["content"]

    @property
    def prompt(self) -> list[dict[str, str]]:
        """All turns before the answer."""
        return list(self.messages[:-1])


def chat(skill: str, user: str, answer: str, system: str | None = None) -> Chat:
    """A one-turn chat, with an optional system prompt."""
    turns = [{"role": "system", "content": system}] if system else []
    turns += [{"role": "user", "content": user}, {"role": "assistant", "content": answer}]
    return Chat(skill, tuple(turns))
