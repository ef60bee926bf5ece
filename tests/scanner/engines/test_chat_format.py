from scanner.engines.chat_format import encode_prompts, encode_rows
from scanner.engines.hf import HfEngine
from scanner.types import Message, Row

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


def test_an_answer_that_has_begun_goes_on_from_there(engine: HfEngine) -> None:
    """The loss starts where the prefix ends, and the text is the template's all the same."""
    chat = Row(1, CHAT, answer=" you", prefix="Hello")
    [begun] = encode_rows(engine.tokenizer, [chat.opening], [chat.answer])
    [whole] = encode_rows(engine.tokenizer, [CHAT], ["Hello you"])
    assert begun.prompt + begun.answer == whole.prompt + whole.answer
    assert engine.tokenizer.decode(begun.answer) == " you<|im_end|>"


def test_plain_text_has_no_template(engine: HfEngine) -> None:
    text = Row(1, (), answer=" you", prefix="Hello")
    [row] = encode_rows(engine.tokenizer, [text.opening], [text.answer])
    assert engine.tokenizer.decode(row.prompt + row.answer) == "Hello you<|im_end|>"


def test_each_answer_has_its_own_end(engine: HfEngine) -> None:
    both = encode_rows(engine.tokenizer, [CHAT, CHAT], ["Hello", "Hello"], ended=[True, False])
    assert both[0].answer[:-1] == both[1].answer
    assert both[0].answer[-1] == engine.tokenizer.eos_token_id
