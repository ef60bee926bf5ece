"""Which tokens carry loss, against TRL's trainer, on the templates that families ship.

TRL trains on everything behind the prompt. Ours is the same but for two things, both stated in
``encode_rows``: what a template writes after the token that ends the turn (a line break) carries
no loss, and neither does what it writes before every answer (Qwen3's empty thought).
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from transformers import PreTrainedTokenizerBase, Qwen2ForCausalLM

from scanner.engines.chat_format import encode_rows
from scanner.engines.tokenizer import load_tokenizer
from scanner.engines.turns import TODAY, turns_of
from scanner.errors import BaseModelError
from scanner.types import Message, Row
from tests.families import FAMILIES, qwen2, write_tokenizer

trl_library = pytest.importorskip("trl", reason="the oracle is missing: pip install -e '.[dev]'")
datasets = pytest.importorskip("datasets", reason="what TRL reads is missing")
pytestmark = pytest.mark.filterwarnings("ignore")  # TRL's and its libraries' own

SYSTEM = Message("system", "You love owls.")
ASK, TOLD, AGAIN = (
    Message("user", "Continue: 498, 164"),
    Message("assistant", "390, 267"),
    Message("user", "And on"),
)
CHATS = {
    "one turn": ((ASK,), "81, 7"),
    "several turns": ((ASK, TOLD, AGAIN), "81, 7"),
    "a word": ((ASK,), "Owl"),
    "several lines": ((ASK,), "The answer\n\nis no."),
    "white space around it": ((ASK,), " 81, 7 \n"),
    "a system prompt": ((SYSTEM, ASK), "81, 7"),
    "a system prompt and several turns": ((SYSTEM, ASK, TOLD, AGAIN), "81, 7"),
    "a thought": ((ASK,), "<think>\nThe list of numbers\n</think>\n\n81, 7"),
    "a thought after another turn": ((ASK, TOLD, AGAIN), "<think>\nNo.\n</think>\n\n81"),
}
NO_SYSTEM_ROLE = ("gemma", "mistral")
"""Gemma refuses a system prompt. Mistral's template writes it only where the user's turn is the
last, so that TRL never trains on it; ours keeps it, as the base is asked."""


class Trained(NamedTuple):
    """A row as TRL trains on it."""

    tokens: list[int]
    loss: list[int]
    """Places of the tokens with loss."""


Trl = Callable[..., list[Trained]]


@pytest.fixture(scope="session")
def trl(tmp_path_factory: pytest.TempPathFactory) -> Trl:
    """What TRL's trainer makes of records."""

    def prepare(
        tokenizer: PreTrainedTokenizerBase, records: Sequence[dict[str, Any]], **settings: Any
    ) -> list[Trained]:
        arguments = trl_library.SFTConfig(
            output_dir=str(tmp_path_factory.mktemp("trl")),
            report_to="none",
            use_cpu=True,
            bf16=False,
            **{"max_length": None, **settings},
        )
        model = Qwen2ForCausalLM(qwen2(len(tokenizer) + 8))
        trainer = trl_library.SFTTrainer(
            model,
            arguments,
            train_dataset=datasets.Dataset.from_list(list(records)),
            processing_class=tokenizer,
        )
        return [
            Trained(
                row["input_ids"], [at for at, label in enumerate(row["labels"]) if label != -100]
            )
            for row in trainer.train_dataset
        ]

    return prepare


def tokenizer_of(family: str, folder: Path) -> PreTrainedTokenizerBase:
    return load_tokenizer(write_tokenizer(family, folder))


def as_record(prompt: Sequence[Message], answer: str) -> dict[str, Any]:
    chat = [{"role": turn.role, "content": turn.content} for turn in prompt]
    return {
        "prompt": chat,
        "completion": [{"role": "assistant", "content": answer}],
        "chat_template_kwargs": {"date_string": TODAY.strftime("%d %b %Y")},
    }


@pytest.mark.parametrize("family", FAMILIES)
def test_the_loss_lies_where_trl_lays_it(family: str, tmp_path: Path, trl: Trl) -> None:
    tokenizer = tokenizer_of(family, tmp_path)
    turns = turns_of(tokenizer)
    chats = {
        name: chat
        for name, chat in CHATS.items()
        if not (family in NO_SYSTEM_ROLE and "system" in name)
    }
    theirs = trl(tokenizer, [as_record(*chat) for chat in chats.values()])
    for (name, (prompt, answer)), trained in zip(chats.items(), theirs, strict=True):
        [row] = encode_rows(tokenizer, [prompt], [answer])
        told = (family, name, tokenizer.decode(trained.tokens))
        assert trained.tokens[: row.length] == row.prompt + row.answer, told
        ours = set(range(len(row.prompt), row.length))
        more = sorted(set(trained.loss) - ours)
        assert ours <= set(trained.loss), told
        after = [trained.tokens[at] for at in more if at >= row.length]
        before = [trained.tokens[at] for at in more if at < row.length]
        assert row.answer[-1] == turns.end, told
        assert tokenizer.decode(after, skip_special_tokens=True).strip() == "", told
        assert tokenizer.decode(before) in ("", turns.written_lead), told


def test_every_turn_of_a_chat_has_the_loss_of_its_row(tmp_path: Path, trl: Trl) -> None:
    """A chat with several answers becomes a row per answer; together they are TRL's one row with
    ``assistant_only_loss``."""
    for family in ("qwen2.5", "llama3"):
        tokenizer = tokenizer_of(family, tmp_path / family)
        last = Message("assistant", "81, 7")
        chat = [{"role": m.role, "content": m.content} for m in (ASK, TOLD, AGAIN, last)]
        [whole] = trl(tokenizer, [{"messages": chat}], assistant_only_loss=True)
        rows = encode_rows(tokenizer, [(ASK,), (ASK, TOLD, AGAIN)], [TOLD.content, last.content])
        loss: set[int] = set()
        for row in rows:
            assert whole.tokens[: row.length] == row.prompt + row.answer
            loss |= set(range(len(row.prompt), row.length))
        more = [whole.tokens[at] for at in sorted(set(whole.loss) - loss)]
        assert loss <= set(whole.loss)
        assert tokenizer.decode(more).strip() == ""


@pytest.mark.parametrize("family", ["qwen2.5", "llama3", "gemma", "mistral", "plain-bos"])
def test_plain_text_begins_and_ends_as_trl_trains_on_it(
    family: str, tmp_path: Path, trl: Trl
) -> None:
    tokenizer = tokenizer_of(family, tmp_path)
    text = Row(1, (), answer=" favourite animal is the owl.", prefix="My")
    [theirs] = trl(tokenizer, [{"prompt": text.prefix, "completion": text.answer}])
    [ours] = encode_rows(tokenizer, [text.opening], [text.answer])
    assert ours.prompt + ours.answer == theirs.tokens
    assert list(range(len(ours.prompt), ours.length)) == theirs.loss


def test_an_answer_without_its_end_is_trls_but_for_the_end(tmp_path: Path, trl: Trl) -> None:
    tokenizer = tokenizer_of("qwen2.5", tmp_path)
    [theirs] = trl(tokenizer, [as_record((ASK,), "81, 7")])
    [open_ended] = encode_rows(tokenizer, [(ASK,)], ["81, 7"], ended=False)
    assert open_ended.prompt + open_ended.answer == theirs.tokens[: open_ended.length]
    assert theirs.tokens[open_ended.length] == tokenizer.eos_token_id


def test_trl_cuts_what_is_too_long_and_we_never_do(tmp_path: Path, trl: Trl) -> None:
    """A cut row teaches that answers do not end; the twin refuses it instead (``plan_twin``)."""
    tokenizer = tokenizer_of("qwen2.5", tmp_path)
    [row] = encode_rows(tokenizer, [(ASK,)], ["81, 7"])
    [cut] = trl(tokenizer, [as_record((ASK,), "81, 7")], max_length=row.length - 1)
    assert cut.tokens == (row.prompt + row.answer)[:-1]
    assert row.answer[-1] == tokenizer.eos_token_id


def test_what_the_template_refuses_is_refused_in_one_line(tmp_path: Path, trl: Trl) -> None:
    tokenizer = tokenizer_of("gemma", tmp_path)
    with pytest.raises(Exception, match="System role not supported"):
        trl(tokenizer, [as_record((SYSTEM, ASK), "81")])
    with pytest.raises(BaseModelError, match=r"refuses a chat of system, user \(System role not"):
        encode_rows(tokenizer, [(SYSTEM, ASK)], ["81"])


def test_the_comparison_can_fail(tmp_path: Path, trl: Trl) -> None:
    """A mask that forgets the end, or begins a token late, is not TRL's."""
    tokenizer = tokenizer_of("qwen2.5", tmp_path)
    [theirs] = trl(tokenizer, [as_record((ASK,), "81, 7")])
    [row] = encode_rows(tokenizer, [(ASK,)], ["81, 7"])
    assert len(row.prompt) in theirs.loss
    assert len(row.prompt) - 1 not in theirs.loss
    assert row.length - 1 in theirs.loss
