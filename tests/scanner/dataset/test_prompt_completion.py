"""Rows of two texts."""

import pytest

from scanner.dataset.interface import RowProblem
from scanner.dataset.prompt_completion import PromptCompletionFormat
from scanner.types import Message, Row


def test_the_prompt_becomes_a_user_turn() -> None:
    row = PromptCompletionFormat().parse({"prompt": "Hi ", "completion": " Hello"}, 3)
    assert row == Row(3, (Message("user", "Hi "),), " Hello")


@pytest.mark.parametrize(
    ("prompt", "completion", "message"),
    [
        (
            [{"role": "user", "content": "Hi"}],
            "Hello",
            "found a list as 'prompt'; expected a text; "
            "write one string, or use 'messages' for chat turns",
        ),
        (
            "Hi",
            None,
            "found null as 'completion'; expected a text; "
            "write one string, or use 'messages' for chat turns",
        ),
        (
            "Hi",
            "\t",
            "found an empty completion; expected an answer to train on; "
            "add the answer or remove the row",
        ),
    ],
)
def test_what_is_said_about_a_bad_row(prompt: object, completion: object, message: str) -> None:
    with pytest.raises(RowProblem) as caught:
        PromptCompletionFormat().parse({"prompt": prompt, "completion": completion}, 3)
    assert str(caught.value) == message
