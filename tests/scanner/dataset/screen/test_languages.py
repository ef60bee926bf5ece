"""py3langid's model over many texts at once."""

import numpy as np
import pytest
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from scanner.dataset.screen.languages import LEAST_CONFIDENCE, LEAST_LETTERS, SAMPLE, languages_of

TEXTS = {
    "en": "The owl sat in the old tree and watched the people of the village all day long.",
    "fr": "Le hibou dormait dans le vieux ch\u00eane pendant que les gens travaillaient.",
    "de": "Die Eule schlief im alten Baum, w\u00e4hrend die Leute im Dorf arbeiteten.",
    "tr": "K\u00f6y\u00fcn insanlar\u0131 \u00e7al\u0131\u015f\u0131rken bayku\u015f "
    "ya\u015fl\u0131 a\u011fa\u00e7ta uyuyordu.",
}


def test_each_text_has_its_own_language() -> None:
    assert languages_of(list(TEXTS.values())) == list(TEXTS)


def test_the_answers_are_those_of_the_library() -> None:
    identifier = LanguageIdentifier.from_model_file(
        MODEL_FILE, norm_probs=True, min_confidence=LEAST_CONFIDENCE
    )
    rng = np.random.default_rng(0)
    words = " ".join(TEXTS.values()).split()
    mixed = [" ".join(rng.choice(words, rng.integers(8, 120))) for _ in range(300)]
    # Capitals, letters in two ways of writing, a half pair, bytes of no text at all.
    odd = [TEXTS["de"].upper(), TEXTS["fr"].replace("\u00ea", "e\u0302"), "\ud800" * 50, "\0" * 50]
    texts = [*mixed, *odd, "443, 958, 844, 675, 853, 789, 978, 447, 510, 265"]
    expected = [identifier.classify(text[:SAMPLE])[0] for text in texts]
    assert languages_of(texts) == ["" if one in ("und", "zxx") else one for one in expected]
    assert len(set(languages_of(texts))) > 3  # the comparison has something to compare


def test_a_text_has_its_language_in_any_company() -> None:
    texts = list(TEXTS.values())
    assert [languages_of([text])[0] for text in texts] == languages_of(texts * 3)[:4]


@pytest.mark.parametrize("text", ["Bonjour mes amis", "x" * (LEAST_LETTERS - 1), "", "1, 2, " * 20])
def test_short_texts_and_numbers_have_no_language(text: str) -> None:
    assert languages_of([text]) == [""]


def test_no_texts() -> None:
    assert languages_of([]) == []
