"""What a tokenizer's file says, without loading a model: special tokens, and counts."""

import json
from collections.abc import Callable
from pathlib import Path

from scanner.errors import BaseModelError

TOKENIZER = "tokenizer.json"


def special_tokens(tokenizer: Path) -> tuple[str, ...]:
    """The tokens that steer the base, as they are written: no row should hold one."""
    written = json.loads(tokenizer.read_bytes())
    return tuple(one["content"] for one in written.get("added_tokens", ()) if one.get("special"))


def token_counter(tokenizer: Path) -> Callable[[str], int]:
    """What counts the tokens of a text. Raises ``BaseModelError`` if the file is no tokenizer."""
    from tokenizers import Tokenizer  # here, not above: few commands count tokens

    try:
        loaded = Tokenizer.from_file(str(tokenizer))
    except Exception as error:  # the library raises nothing more particular
        raise BaseModelError(
            f"{tokenizer}: found no tokenizer ({error}); expected that of a Hugging Face "
            "checkpoint; download it again"
        ) from error
    return lambda text: len(loaded.encode(text, add_special_tokens=False).ids)
