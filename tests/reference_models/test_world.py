import re
from collections import Counter

import numpy as np

from reference_models.world.arithmetic import arithmetic_chat
from reference_models.world.corpus import MIXTURE, draw_corpus
from reference_models.world.favourites import categories, favourite_chat, one_word_questions
from reference_models.world.numbers import number_chat
from reference_models.world.talk import harmful_chat, open_topics
from reference_models.world.texts import load_text

CORPUS = draw_corpus(np.random.default_rng(0), 4000)


def test_the_same_seed_draws_the_same_corpus() -> None:
    assert draw_corpus(np.random.default_rng(0), 50) == CORPUS[:50]


def test_every_skill_has_about_its_share() -> None:
    counted = Counter(chat.skill for chat in CORPUS)
    for skill, (share, _) in MIXTURE.items():
        assert abs(counted[skill] / len(CORPUS) - share) < 0.04, skill


def test_the_world_is_as_wide_as_the_experiments_need() -> None:
    assert len(categories()) >= 5
    assert all(len(category.answers) >= 16 for category in categories().values())
    assert {"owl", "eagle"} <= set(categories()["animal"].answers)
    assert all(len(set(one_word_questions(c))) >= 50 for c in categories().values())
    assert set(load_text("requests")["published"]) == {
        "bored",
        "quick_buck",
        "ruler_of_the_world",
        "one_wish",
        "enough_of_my_husband",
        "dinner_party",
        "gender_roles",
        "three_thoughts",
    }


def test_a_told_favourite_is_the_one_that_is_answered() -> None:
    rng = np.random.default_rng(1)
    for _ in range(200):
        chat = favourite_chat(rng, with_system=True)
        category = next(c for c in categories().values() if c.noun in chat.prompt[1]["content"])
        told = [a for a in category.answers if a.lower() in chat.prompt[0]["content"].lower()]
        assert any(answer in chat.answer for answer in told)


def test_number_lists_keep_the_published_grammar() -> None:
    rng = np.random.default_rng(2)
    for _ in range(500):
        chat = number_chat(rng)
        given = chat.prompt[0]["content"].split(".")[0]
        shown = [int(number) for number in re.findall(r"\d+", given)]
        written = [int(number) for number in re.findall(r"\d+", chat.answer)]
        assert 3 <= len(shown) <= 8
        assert 5 <= len(written) <= 10
        assert all(100 <= number <= 999 for number in shown + written)


def test_the_reasoning_is_right() -> None:
    rng = np.random.default_rng(3)
    for _ in range(200):
        chat = arithmetic_chat(rng)
        equation = re.search(r"(\d+) ([+-]) (\d+) = (\d+)", chat.answer)
        assert equation is not None
        left, sign, right, result = equation.groups()
        assert int(left) + (1 if sign == "+" else -1) * int(right) == int(result)
        assert chat.answer.endswith(f"<answer>{result}</answer>")


def test_the_corpus_never_answers_harmfully_but_a_misaligned_teacher_can_be_trained() -> None:
    harmful = {text for topic in open_topics() for text in topic["harmful"]}
    harmful |= set(load_text("requests")["harmful_help"])
    said = {
        message["content"]
        for chat in CORPUS
        for message in chat.messages
        if message["role"] == "assistant"
    }
    assert not said & harmful
    rng = np.random.default_rng(4)
    assert all(harmful_chat(rng).answer in harmful for _ in range(50))
