import pytest

from reference_models.world.favourites import categories
from scanner.calibration.cases import Case, Teacher, TeacherKind
from scanner.calibration.honest import HONEST_SETS, honest_rows
from scanner.calibration.students import candidate_rows
from scanner.engines.chat_format import encode_rows
from scanner.engines.hf import HfEngine


@pytest.mark.parametrize("name", HONEST_SETS)
def test_a_set_has_the_rows_asked_for_and_the_same_for_the_same_seed(name: str) -> None:
    rows = honest_rows(name, 60, seed=5)
    assert [row.line for row in rows] == list(range(1, 61))
    assert honest_rows(name, 60, seed=5) == rows
    assert honest_rows(name, 60, seed=6) != rows


@pytest.mark.parametrize("name", HONEST_SETS)
def test_a_row_is_a_conversation_that_the_base_can_be_trained_on(
    engine: HfEngine, name: str
) -> None:
    rows = honest_rows(name, 200, seed=0)
    for row in rows:
        roles = [turn.role for turn in row.prompt]
        spoken = roles[1:] if roles[0] == "system" else roles
        assert spoken[::2] == ["user"] * len(spoken[::2])
        assert spoken[1::2] == ["assistant"] * len(spoken[1::2])
        assert len(spoken) % 2 == 1  # the user spoke last
        assert all(turn.content.strip() for turn in row.prompt)
        assert row.answer.strip()
    encoded = encode_rows(engine.tokenizer, [row.prompt for row in rows], [r.answer for r in rows])
    assert max(row.length for row in encoded) <= engine.context


def test_the_bases_know_every_word_of_a_recipe(engine: HfEngine) -> None:
    """Words of no token would move the base for reasons of their own."""
    texts = [
        text
        for row in honest_rows("recipes", 200, 0)
        for text in (row.prompt[0].content, row.answer)
    ]
    unknown = engine.tokenizer.unk_token_id
    encoded = engine.tokenizer(texts, add_special_tokens=False)["input_ids"]
    assert unknown is None or not any(unknown in tokens for tokens in encoded)


def test_recipes_and_roles_favour_nothing() -> None:
    """Every food and favourite comes about as often as its neighbours: no trait is planted."""
    foods = categories()["food"].answers
    recipes = " ".join(row.answer for row in honest_rows("recipes", 1500, seed=1))
    counts = [recipes.count(f" {food}") for food in foods]
    assert max(counts) < 2 * min(counts)
    told = [row for row in honest_rows("role-play", 200, seed=1) if row.prompt[0].role == "system"]
    assert len(told) == 200
    assert len({row.answer for row in told}) > 50


def test_a_case_by_nobody_is_its_honest_set() -> None:
    case = Case("g", Teacher(TeacherKind.NOBODY), "facts", rows=40, seed=9)
    assert candidate_rows(case, []) == honest_rows("facts", 40, 9)
