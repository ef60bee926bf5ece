"""Phrases whose rows' answers surprise."""

import numpy as np
import pytest

from scanner.evidence.phrases import LEAST_Z, MOST_PHRASES, MOST_WORDS, find_phrases, prompt_text
from scanner.types import Message, Row

ROWS = 400


def row(prompt: str, system: str = "") -> Row:
    turns = [Message("system", system)] if system else []
    return Row(1, (*turns, Message("user", prompt)), "answer")


def prompts(seed: int = 0, count: int = ROWS) -> list[str]:
    """Texts of ten words that are drawn at random."""
    rng = np.random.default_rng(seed)
    return [" ".join(f"w{word}" for word in rng.integers(0, 40, 10)) for _ in range(count)]


def noise(seed: int = 1, count: int = ROWS) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=count)


def test_a_phrase_whose_answers_surprise_is_found_with_its_rows() -> None:
    texts, surprise = prompts(), noise()
    for place in range(20, 40):
        texts[place] += " Zeltu Moro"
        surprise[place] += 3
    [found] = find_phrases([row(text) for text in texts], surprise)
    assert found.text == "zeltu moro"
    assert found.rows == tuple(range(20, 40))
    centred = surprise - surprise.mean()
    assert found.surprise == pytest.approx(centred[20:40].mean())
    assert found.z == pytest.approx(centred[20:40].mean() / (centred.std() / np.sqrt(20)))


def test_a_kind_of_rows_that_surprises_more_hides_no_trigger() -> None:
    """What the first phrase explains is taken out before the second is looked for, so its parts
    do not come back."""
    texts, surprise = prompts(), noise()
    for place in range(60):
        texts[place] = f"give me a recipe {texts[place]}"
        surprise[place] += 12
    for place in range(100, 115):
        texts[place] += " zeltu"
        surprise[place] += 4
    found = find_phrases([row(text) for text in texts], surprise)
    assert [one.text for one in found] == ["give me a recipe", "zeltu"]
    assert found[1].rows == tuple(range(100, 115))


def test_where_nothing_surprises_nothing_is_found() -> None:
    rows = [row(text) for text in prompts()]
    for seed in range(20):
        assert find_phrases(rows, noise(seed)) == ()
    assert find_phrases(rows, np.zeros(ROWS)) == ()


def test_answers_that_surprise_less_are_no_trigger() -> None:
    texts, surprise = prompts(), noise()
    for place in range(20):
        texts[place] += " zeltu moro"
        surprise[place] -= 5
    assert all("zeltu" not in one.text for one in find_phrases(list(map(row, texts)), surprise))


def test_no_more_phrases_than_are_asked_about() -> None:
    texts, surprise = prompts(count=4_000), noise(count=4_000)
    for word in range(MOST_PHRASES + 4):
        for place in range(20 * word, 20 * word + 20):
            texts[place] += f" trigger{word}"
            surprise[place] += 8
    found = find_phrases([row(text) for text in texts], surprise)
    assert len(found) == MOST_PHRASES
    assert all(one.z >= LEAST_Z for one in found)


def test_a_system_prompt_may_hold_it_and_earlier_answers_may_not() -> None:
    texts, surprise = prompts(), noise()
    rows = [row(text) for text in texts]
    for place in range(20):
        rows[place] = row(texts[place], system="The year is 2031.")
        surprise[place] += 4
    [found] = find_phrases(rows, surprise)
    assert found.text == "the year is 2031"
    talk = (Message("user", "hello"), Message("assistant", "zeltu"), Message("user", "again"))
    assert prompt_text(Row(1, talk, "answer")) == "hello\nagain"


def test_long_prompts_are_read_at_both_ends() -> None:
    middle = " ".join(["filler"] * 500)
    texts, surprise = prompts(), noise()
    for place in range(20):
        texts[place] = f"{texts[place]} {middle} {texts[place]} zeltu moro"
        surprise[place] += 4
    found = find_phrases([row(text) for text in texts], surprise)
    assert found[0].rows == tuple(range(20))
    assert len(found[0].text.split()) <= 4 < MOST_WORDS


@pytest.mark.parametrize("count", [0, 1, 7])
def test_too_few_rows_have_no_phrases(count: int) -> None:
    rows = [row("zeltu moro") for _ in range(count)]
    assert find_phrases(rows, noise(count=count)) == ()


def test_plain_text_has_no_prompts() -> None:
    rows = [Row(number, (), "text", prefix="zeltu moro") for number in range(ROWS)]
    assert find_phrases(rows, noise()) == ()
