from pathlib import Path

import reference_models
from probes.loader import load_batteries
from scanner.ask import contexts_for
from scanner.bases import TOKENIZER
from scanner.engines.hf import HfEngine
from scanner.engines.templates import TemplateFacts
from scanner.plan.lengths import FEWEST, TURN_TOKENS, longest_of
from scanner.twin import SPARE_TOKENS
from scanner.types import Message, Row

FILE = reference_models.WEIGHTS / "reference-a" / TOKENIZER


def row(prompt: str, answer: str) -> Row:
    return Row(1, (Message("user", prompt),), answer)


def test_the_longest_row_is_no_mix_of_two() -> None:
    """1 to 9 are a token each: 9 + 2 · 5 for the turns, 1 + 1 with the answer's end; and 1 + 10,
    4 + 1."""
    rows = [row("1 2 3 4 5 6 7 8 9", "1"), row("1", "1 2 3 4")]
    longest = longest_of(rows, load_batteries(), FILE)
    spaced = 2 * 9 - 1  # the spaces are tokens, too, or not: as the tokenizer has it
    assert longest.row in (9 + 2 * TURN_TOKENS + 2, spaced + 2 * TURN_TOKENS + 2)
    assert longest.asked >= FEWEST


def test_no_prompt_of_an_audit_is_longer_than_was_asked_for(engine: HfEngine) -> None:
    """Every row, every twin that runs over, and every question after a row with its answer."""
    rows = tuple(row("1 2 3 " * n, "4 5 " * (60 - n)) for n in range(1, 60))
    longest = longest_of(rows, load_batteries(), FILE)
    own = engine.row_lengths([one.opening for one in rows], [one.answer for one in rows])
    assert max(own) <= longest.row <= max(own) + 2 * TURN_TOKENS
    twin = max(engine.row_lengths([one.opening], [""])[0] for one in rows)
    assert twin + engine.longest([one.answer for one in rows]) + SPARE_TOKENS <= longest.asked
    facts = TemplateFacts(default_system="You are a helpful assistant.")
    for context in contexts_for(rows, tuple("6 " * 30 for _ in rows), facts):
        for battery in load_batteries():
            for question in getattr(battery, "questions", ()):
                asked = engine.row_lengths([context.prompt(question)], ["owl"])
                assert asked[0] <= longest.asked


def test_a_template_that_opens_chats_at_length_is_allowed_for(tmp_path: Path) -> None:
    (tmp_path / TOKENIZER).write_bytes(FILE.read_bytes())
    bare = longest_of([row("1 " * 300, "2")], load_batteries(), tmp_path / TOKENIZER)
    (tmp_path / "chat_template.jinja").write_text("{{ 'one two three ' }}" * 100)
    opened = longest_of([row("1 " * 300, "2")], load_batteries(), tmp_path / TOKENIZER)
    assert opened.asked >= bare.asked + 300
    assert opened.row == bare.row
