"""Checks, with the arithmetic of their examples."""

import re

import pytest

from scanner.dataset.screen.checks import (
    bits,
    is_card,
    is_dense,
    is_disguised,
    is_iban,
    is_key,
    is_mailbox,
    is_phone,
)


def match(text: str, part: str = r"(?s).+") -> re.Match[str]:
    found = re.search(part, text)
    assert found is not None
    return found


def test_entropy_of_a_text() -> None:
    assert bits("aaaa") == 0
    assert bits("abab") == 1
    assert bits("aabc") == 1.5  # 1/2 · 1 + 2 · 1/4 · 2


@pytest.mark.parametrize(
    ("digits", "good"),
    [
        ("4111111111111111", True),  # ones 8 doubled: 7·2 + (4·2) = 22, ones kept: 8; sum 30
        ("4111111111111112", False),  # 31
        ("4111 1111 1111 1111", True),
        ("378282246310005", True),
        ("3782822463100050", False),  # American Express has 15
        ("9111111111111111", False),  # no issuer's; nor is its sum right
        ("1000000000000008", False),  # Luhn holds, 2 + 8, but no issuer's
    ],
)
def test_cards(digits: str, good: bool) -> None:
    assert is_card(match(digits)) is good


@pytest.mark.parametrize(
    ("code", "good"),
    [
        ("GB82 WEST 1234 5698 7654 32", True),
        ("GB82WEST12345698765433", False),
        ("DE89370400440532013000", True),
        ("DE89370400", False),
    ],
)
def test_ibans(code: str, good: bool) -> None:
    assert is_iban(match(code)) is good


@pytest.mark.parametrize(
    ("number", "good"),
    [
        ("+49 30 1234567", True),
        ("+1 234567", False),
        ("+1 2 3 4 5 6 7 8 9", False),
        ("+1234567890123456", False),
    ],
)
def test_telephone_numbers(number: str, good: bool) -> None:
    assert is_phone(match(number)) is good


@pytest.mark.parametrize(
    ("address", "good"),
    [
        ("a@acme.io", True),
        ("a@notexample.com", True),
        ("a@example.com", False),
        ("a@mail.Example.Org", False),
        ("a@host.test", False),
    ],
)
def test_mailboxes(address: str, good: bool) -> None:
    assert is_mailbox(match(address)) is good


@pytest.mark.parametrize(
    ("key", "good"),
    [
        ("Q3EGRTY7PLM2NBV5", True),
        ("aaaa1111aaaa1111", False),  # 1 bit a character
        ("onlylettersinhere", False),
        ("8402759163", False),
        ("yourKey4Q8Tz2Lm9X", False),
        ("r4Tq9Lm2", True),  # 3 bits, of the 3 that 8 characters can have
    ],
)
def test_keys(key: str, good: bool) -> None:
    assert is_key(match(key)) is good


def test_only_the_group_named_key_is_judged() -> None:
    assert not is_key(match("api_key9X: 'aaaaaaaa1'", "'(?P<key>.+)'"))


def test_encoded_bytes_are_denser_than_paths() -> None:
    path = "home/Users/somebody/Documents/projects/2024/report-final-version/with-pictures/page"
    assert not is_dense(match(path))
    assert is_dense(match("SGVsbG8gV29ybGQ1MjM0YWJjZGVmZ2hpSktMTU5PUFFSU1R1dnd4eXow"))


@pytest.mark.parametrize(
    ("word", "good"),
    [
        ("p\u0430ypal", True),
        ("pa\u0423pal", True),
        ("na\u00efve", False),
        ("SMS\u043a\u0430", False),  # к looks like no Latin letter
        ("\u0430\u03bfwl", False),  # two other scripts: neither holds both letters
        ("k\u03a9", False),
    ],
)
def test_disguised_words(word: str, good: bool) -> None:
    assert is_disguised(match(f"a {word} b", r"(?<=\w)[^\x00-\x7f]|[^\x00-\x7f](?=\w)")) is good
