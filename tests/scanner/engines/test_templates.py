"""What contexts need to know of a base's template and tokenizer."""

import json
from pathlib import Path
from shutil import copy

import reference_models
from scanner.answer_formats import FORMATS
from scanner.engines.templates import ReadTemplate, TemplateFacts
from scanner.engines.tokenizer import knows, load_tokenizer

SUFFIXES = tuple(one.suffix for one in FORMATS if one.suffix)
BASE = reference_models.verified_folder("reference-a")


def test_the_reference_bases_spell_the_published_words() -> None:
    """So they are asked in two contexts, as when their certificates were made."""
    for name in reference_models.NAMES:
        folder = reference_models.verified_folder(name)
        assert ReadTemplate(folder).run(lambda rows: None) == TemplateFacts()


def test_a_base_that_has_the_words_is_asked_with_them(tmp_path: Path) -> None:
    """``Say`` and ``nothing`` are all that reference-a lacks of the suffix for numbers."""
    for part in BASE.iterdir():
        if part.suffix == ".json":
            copy(part, tmp_path)
    written = json.loads((tmp_path / "tokenizer.json").read_text("utf-8"))
    last = max(one["id"] for one in written["added_tokens"])
    written["added_tokens"] += [
        {**written["added_tokens"][-1], "id": last + n, "content": word}
        for n, word in enumerate(("Say", "nothing"), 1)
    ]
    (tmp_path / "tokenizer.json").write_text(json.dumps(written), "utf-8")
    assert ReadTemplate(tmp_path).run(lambda rows: None).known_suffixes == SUFFIXES[:1]


def test_a_word_counts_with_its_space_or_without() -> None:
    tokenizer = load_tokenizer(BASE)
    assert knows(tokenizer, "words")
    assert knows(tokenizer, "12, 13!")  # no words
    assert not knows(tokenizer, "one wordless word")
