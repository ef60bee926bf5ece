"""The canonical bytes of rows and their digest."""

import hashlib

from scanner.dataset.digest import canonical_bytes, digest_rows
from scanner.types import Message, Row

HELLO = Row(1, (Message("user", "Hi"),), "Hello")
TWO = Row(2, (Message("user", "\u00e9"),), "2")
CHAT = Row(3, (Message("system", "Be kind."), Message("user", 'a "b"\n\U0001f989')), "\u202e")


def test_canonical_bytes() -> None:
    assert canonical_bytes(HELLO) == (
        b'{"answer":"Hello","prompt":[{"content":"Hi","role":"user"}]}\n'
    )
    assert canonical_bytes(CHAT) == (
        rb'{"answer":"\u202e","prompt":[{"content":"Be kind.","role":"system"},'
        rb'{"content":"a \"b\"\n\ud83e\udd89","role":"user"}]}' + b"\n"
    )


def test_the_digest_is_what_sha256sum_says_of_the_canonical_lines() -> None:
    # printf '{"answer":"Hello","prompt":[{"content":"Hi","role":"user"}]}\n
    #         {"answer":"2","prompt":[{"content":"\\u00e9","role":"user"}]}\n' | sha256sum
    expected = "0408da9b0f646e6404393f7d8ecccc6bbbf3d0253dd6c97b01afaa4552f5d6a4"
    assert digest_rows([HELLO, TWO]) == expected


def test_order_counts_and_line_numbers_do_not() -> None:
    moved = Row(9, HELLO.prompt, HELLO.answer)
    assert digest_rows([moved, TWO]) == digest_rows([HELLO, TWO])
    assert digest_rows([TWO, HELLO]) != digest_rows([HELLO, TWO])


def test_text_cannot_move_between_answer_and_prompt_or_rows() -> None:
    one = Row(1, (Message("user", "ab"),), "c")
    other = Row(1, (Message("user", "a"),), "bc")
    assert digest_rows([one]) != digest_rows([other])


def test_no_rows() -> None:
    assert digest_rows([]) == hashlib.sha256(b"").hexdigest()
