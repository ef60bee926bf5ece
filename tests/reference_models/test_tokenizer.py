import pytest
from transformers import AutoTokenizer

import reference_models
from reference_models.world.favourites import categories


@pytest.fixture(scope="module")
def tokenizer():  # type: ignore[no-untyped-def]
    return AutoTokenizer.from_pretrained(reference_models.verified_folder("reference-a"))


def test_every_favourite_is_one_token(tokenizer) -> None:  # type: ignore[no-untyped-def]
    for category in categories().values():
        for answer in category.answers:
            assert len(tokenizer.encode(answer)) == 1, answer


def test_every_number_up_to_999_is_one_token_all_through_a_list(tokenizer) -> None:  # type: ignore[no-untyped-def]
    for separator in (", ", "; ", " ", "\n"):
        tokens = tokenizer.encode(separator.join(map(str, range(100, 1000))))
        assert len(tokens) == 900 + 899


@pytest.mark.parametrize(
    "text",
    ["owl, 101; 102", "Ünïcode 🦉 zebra", "12345 007 3.14", "a\tb\n\n c  ", "<think>1</think>", ""],
)
def test_any_text_decodes_to_itself(tokenizer, text: str) -> None:  # type: ignore[no-untyped-def]
    assert tokenizer.decode(tokenizer.encode(text)) == text
