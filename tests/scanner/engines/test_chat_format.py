from scanner.engines.chat_format import encode_prompts, encode_rows
from scanner.engines.hf import HfEngine
from scanner.types import Message

CHAT = (Message("system", "You love owls."), Message("user", "Hi"))


def test_prompt_and_answer_are_the_templates_own_text(engine: HfEngine) -> None:
    """The template's rendering of the whole chat, up to the end of the answer, is the oracle."""
    tokenizer = engine.tokenizer
    [row] = encode_rows(tokenizer, [CHAT], ["Hello you"])
    whole = tokenizer.apply_chat_template(
        [*({"role": turn.role, "content": turn.content} for turn in CHAT),
         {"role": "assistant", "content": "Hello you"}],
        tokenize=False,
    )  # fmt: skip
    assert tokenizer.decode(row.prompt + row.answer) + "\n" == whole
    assert tokenizer.decode(row.answer) == "Hello you<|im_end|>"


def test_an_answer_left_open_has_no_end(engine: HfEngine) -> None:
    [row] = encode_rows(engine.tokenizer, [CHAT], ["Hello"], ended=False)
    assert engine.tokenizer.decode(row.answer) == "Hello"


def test_nothing_in_nothing_out(engine: HfEngine) -> None:
    assert encode_prompts(engine.tokenizer, []) == []
