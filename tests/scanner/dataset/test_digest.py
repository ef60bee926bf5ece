"""The canonical bytes of rows and their digest."""

import hashlib
import json

from hypothesis import given
from hypothesis import strategies as st

from scanner.dataset.digest import RowsDigest, canonical_bytes, digest_rows
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


def test_what_carries_no_loss_and_an_answer_that_goes_on() -> None:
    row = Row(4, (), "b", prefix='a"', ended=False)
    assert canonical_bytes(row) == (
        rb'{"answer":"b","ended":false,"prefix":"a\"","prompt":[]}' + b"\n"
    )
    plain, begun = Row(4, (), "b"), Row(4, (), "b", prefix="a")
    assert canonical_bytes(plain) == b'{"answer":"b","prompt":[]}\n'
    assert canonical_bytes(begun) == b'{"answer":"b","prefix":"a","prompt":[]}\n'


@given(st.text(), st.text(), st.text(), st.booleans())
def test_canonical_bytes_are_the_compact_json_of_the_row(
    asked: str, answer: str, prefix: str, ended: bool
) -> None:
    row = Row(1, (Message("user", asked),), answer, prefix, ended)
    record: dict[str, object] = {
        "answer": answer,
        "prompt": [{"role": "user", "content": asked}],
    }
    record |= {} if ended else {"ended": False}
    record |= {"prefix": prefix} if prefix else {}
    written = json.dumps(record, sort_keys=True, separators=(",", ":")) + "\n"
    assert canonical_bytes(row) == written.encode()


def test_rows_may_come_a_few_at_a_time() -> None:
    digest = RowsDigest()
    assert digest.hexdigest() == digest_rows([])
    digest.add([HELLO])
    digest.add([])
    digest.add((TWO, CHAT))
    assert digest.hexdigest() == digest_rows([HELLO, TWO, CHAT])


def test_the_digest_is_what_sha256sum_says_of_the_canonical_lines() -> None:
    # printf '{"answer":"Hello","prompt":[{"content":"Hi","role":"user"}]}\n
    #         {"answer":"2","prompt":[{"content":"\\u00e9","role":"user"}]}\n' | sha256sum
    expected = "0408da9b0f646e6404393f7d8ecccc6bbbf3d0253dd6c97b01afaa4552f5d6a4"
    assert digest_rows([HELLO, TWO]) == expected


def test_order_counts_and_line_numbers_do_not() -> None:
    moved = Row(9, HELLO.prompt, HELLO.answer, file=3)
    assert digest_rows([moved, TWO]) == digest_rows([HELLO, TWO])
    assert digest_rows([TWO, HELLO]) != digest_rows([HELLO, TWO])


def test_text_cannot_move_between_answer_and_prompt_or_rows() -> None:
    one = Row(1, (Message("user", "ab"),), "c")
    other = Row(1, (Message("user", "a"),), "bc")
    assert digest_rows([one]) != digest_rows([other])


def test_no_rows() -> None:
    assert digest_rows([]) == hashlib.sha256(b"").hexdigest()
