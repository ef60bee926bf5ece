"""What is found out about templates, against the templates' own text."""

from pathlib import Path

import pytest
from transformers import PreTrainedTokenizerBase

from scanner.engines.chat_format import (
    decode_answers,
    encode_answers,
    encode_prompts,
    encode_rows,
    end_tokens,
)
from scanner.engines.hf import HfEngine
from scanner.engines.templates import ReadTemplate
from scanner.engines.tokenizer import load_tokenizer
from scanner.engines.turns import turns_of
from scanner.errors import BaseModelError
from scanner.types import NO_SYSTEM, PREFIX, Message

pytest.importorskip("trl", reason="its templates are missing: pip install -e '.[dev]'")
from tests.families import FAMILIES, write_tokenizer

ASK = Message("user", "Hi")
QWEN = "You are Qwen, created by Alibaba Cloud. You are a helpful assistant."
EMPTY_THOUGHT = "<think>\n\n</think>\n\n"


def tokenizer_of(family: str, folder: Path) -> PreTrainedTokenizerBase:
    return load_tokenizer(write_tokenizer(family, folder))


def opened(tokenizer: PreTrainedTokenizerBase, *chat: Message) -> str:
    return str(tokenizer.decode(encode_prompts(tokenizer, [chat])[0]))


@pytest.mark.parametrize(
    ("family", "end", "lead", "surplus", "trims"),
    [
        ("qwen2.5", "<|im_end|>", "", "", False),
        ("qwen2.5-base", "<|im_end|>", "", "", False),  # and not its eos_token
        ("qwen3", "<|im_end|>", EMPTY_THOUGHT, "", False),
        ("llama3", "<|eot_id|>", "", "", True),
        ("gemma", "<end_of_turn>", "", "", True),  # and not its eos_token
        ("phi3", "<|end|>", "", "", False),
        ("mistral", "</s>", " ", "", True),
        ("r1", "<｜end▁of▁sentence｜>", "", "<think>\n", False),
        ("plain", "<|endoftext|>", "", "", False),
    ],
)
def test_what_a_family_writes_around_an_answer(
    family: str, end: str, lead: str, surplus: str, trims: bool, tmp_path: Path
) -> None:
    turns = turns_of(tokenizer := tokenizer_of(family, tmp_path))
    assert tokenizer.convert_ids_to_tokens(turns.end) == end
    assert (turns.lead, turns.surplus, turns.trims) == (lead, surplus, trims)


def test_the_reference_bases_are_written_as_ever(engine: HfEngine) -> None:
    """Certificates stand on it: nothing before an answer, no default, tokens by themselves."""
    turns = turns_of(engine.tokenizer)
    assert (turns.surplus, turns.lead, turns.trims) == ("", "", False)
    assert turns.end == engine.tokenizer.eos_token_id
    assert turns.anchor is None
    assert not turns.rewrites
    assert turns.default_system is None
    assert end_tokens(engine.tokenizer) == [engine.tokenizer.eos_token_id]


def test_a_default_system_prompt_is_seen_and_can_be_kept_out(tmp_path: Path) -> None:
    tokenizer = tokenizer_of("qwen2.5", tmp_path)
    default = turns_of(tokenizer).default_system
    assert default is not None
    assert default.prompt == QWEN
    user = "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"
    assert opened(tokenizer, ASK) == f"<|im_start|>system\n{QWEN}<|im_end|>\n{user}"
    assert opened(tokenizer, Message(NO_SYSTEM, ""), ASK) == user
    told = opened(tokenizer, Message("system", "You love owls."), ASK)
    assert told == f"<|im_start|>system\nYou love owls.<|im_end|>\n{user}"
    assert ReadTemplate(tmp_path).run(lambda rows: None).default_system == QWEN


@pytest.mark.parametrize("family", sorted(set(FAMILIES) - {"qwen2.5", "qwen2.5-base"}))
def test_no_other_family_has_one(family: str, tmp_path: Path) -> None:
    """Llama 3.2 writes a system turn with the date in it, and no prompt; Gemma takes none."""
    assert turns_of(tokenizer_of(family, tmp_path)).default_system is None


def test_no_template_learns_what_day_it_is(tmp_path: Path) -> None:
    """Llama 3.2's asks; an audit that goes on tomorrow must ask the same questions."""
    assert "Today Date: 26 Jul 2024" in opened(tokenizer_of("llama3.2", tmp_path), ASK)


@pytest.mark.parametrize(("family", "start"), [("plain", ""), ("plain-bos", "<s>")])
def test_a_base_without_a_template_gets_a_plain_one_and_says_so(
    family: str, start: str, tmp_path: Path
) -> None:
    tokenizer = tokenizer_of(family, tmp_path)
    chat = (Message("system", "Be brief."), ASK, Message("assistant", "Owl"), ASK)
    expected = f"{start}System:\nBe brief.\n\nUser:\nHi\n\nAssistant:\nOwl{tokenizer.eos_token}"
    text = opened(tokenizer, *chat)
    assert text.replace(" ", "") == f"{expected}\n\nUser:\nHi\n\nAssistant:\n".replace(" ", "")
    [note] = ReadTemplate(tmp_path).run(lambda rows: None).notes
    assert "ships no chat template" in note


def test_tokens_after_an_opened_turn_are_those_of_the_whole_text(tmp_path: Path) -> None:
    """SentencePiece would begin an answer with a space of its own, were it encoded alone."""
    tokenizer = tokenizer_of("mistral", tmp_path)
    assert turns_of(tokenizer).anchor is not None
    whole = tokenizer("<s>[INST] Hi[/INST] owl</s>", add_special_tokens=False)["input_ids"]
    [row] = encode_rows(tokenizer, [(ASK,)], ["owl"])
    assert row.prompt + row.answer == whole
    assert encode_answers(tokenizer, ["owl"]) == [row.answer[:-1]]
    assert decode_answers(tokenizer, [row.answer]) == ["owl"]


def test_an_answer_goes_on_after_its_own_beginning(tmp_path: Path) -> None:
    for family in FAMILIES:
        tokenizer = tokenizer_of(family, tmp_path / family)
        begun = (ASK, Message(PREFIX, "The answer"))
        [row] = encode_rows(tokenizer, [begun], [" is no."])
        [whole] = encode_rows(tokenizer, [(ASK,)], ["The answer is no."])
        text = tokenizer.decode(row.prompt + row.answer)
        assert text == tokenizer.decode(whole.prompt + whole.answer), family
        assert row.answer[-1] == whole.answer[-1]


def test_a_thought_of_the_rows_own_replaces_the_empty_one(tmp_path: Path) -> None:
    tokenizer = tokenizer_of("qwen3", tmp_path)
    [plain, thought] = encode_rows(
        tokenizer, [(ASK,), (ASK,)], ["7", "<think>\nNumbers\n</think>\n\n7"]
    )
    assert tokenizer.decode(plain.prompt).endswith(f"assistant\n{EMPTY_THOUGHT}")
    assert tokenizer.decode(plain.answer) == "7<|im_end|>"
    assert tokenizer.decode(thought.prompt).endswith("assistant\n")
    assert tokenizer.decode(thought.answer) == "<think>\nNumbers\n</think>\n\n7<|im_end|>"


def test_a_template_that_drops_the_answer_is_refused(tmp_path: Path) -> None:
    tokenizer = tokenizer_of("plain", tmp_path)
    tokenizer.chat_template = "{{ messages[0]['content'] }}"
    with pytest.raises(BaseModelError, match="does not write an assistant's turn"):
        turns_of(tokenizer)


def test_a_tokenizer_without_an_end_is_refused_in_one_line(tmp_path: Path) -> None:
    write_tokenizer("plain", tmp_path)
    settings = tmp_path / "tokenizer_config.json"
    settings.write_text('{"tokenizer_class": "PreTrainedTokenizerFast"}')
    with pytest.raises(BaseModelError, match=r"without an end token.*instruction-tuned"):
        load_tokenizer(tmp_path)
