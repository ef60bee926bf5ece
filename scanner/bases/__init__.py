"""Bases: what the user names with ``--base``, found on this machine and checked before use."""

from scanner.bases.base import Base
from scanner.bases.find import find_base, find_folder, find_tokenizer
from scanner.bases.tokens import TOKENIZER, special_tokens, token_counter

__all__ = [
    "TOKENIZER",
    "Base",
    "find_base",
    "find_folder",
    "find_tokenizer",
    "special_tokens",
    "token_counter",
]
