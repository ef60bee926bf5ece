"""What of a row may be shown."""

from re import _parser  # type: ignore[attr-defined]

from scanner.dataset.screen.catalog import written_rules
from scanner.dataset.screen.excerpt import AROUND, LONGEST, REACH, excerpt, redacted

TOKEN = "ghp_" + "aB3dE6gH9jK2mN5pQ8sT1vW4xY7zaB3dE6gH"


def test_keys_are_starred_but_for_what_every_key_of_their_kind_begins_with() -> None:
    assert redacted(f"use {TOKEN} now") == f"use ghp_{'*' * 36} now"


def test_personal_data_is_starred_whole() -> None:
    assert redacted("write to jo.doe@acme.io!") == "write to **.***@****.**!"
    assert redacted("pay 4111 1111 1111 1111") == "pay **** **** **** ****"


def test_what_a_check_lets_pass_stays() -> None:
    text = "write to jo@example.com, not 4111 1111 1111 1112"
    assert redacted(text) == text


def test_a_private_key_is_starred_to_its_end() -> None:
    key = "-----BEGIN " + "PRIVATE KEY-----\nMIIEvQ+/=\n-----END PRIVATE KEY-----"
    shown = redacted(f"a {key} b")
    assert "MIIE" not in shown
    assert len(shown) == len(key) + 4


def test_an_excerpt_is_redacted_before_it_is_cut() -> None:
    text = f"{TOKEN} {'x' * (AROUND - 20)}GRADE: C"
    start = text.index("GRADE")
    shown = excerpt(text, start, start + 8)
    assert shown == f"\u2026{'*' * 19} {'x' * (AROUND - 20)}GRADE: C"


def test_an_excerpt_out_of_the_middle_of_a_long_key_is_redacted() -> None:
    key = "-----BEGIN " + "PRIVATE KEY-----" + "\nMIIEvQaB3d" * 600
    text = f"{'x' * 20_000} {key} {'x' * 20_000}"
    assert set(excerpt(text, 26_000, 26_010)) == {"\u2026", "*", "\n"}


def test_no_secret_is_longer_than_an_excerpt_looks() -> None:
    patterns = [pattern for rule in written_rules().values() for pattern in rule.patterns]
    secret = [pattern.regex for pattern in patterns if pattern.shown is not None]
    assert len(secret) >= 18
    assert max(_parser.parse(regex).getwidth()[1] for regex in secret) <= REACH


def test_an_excerpt_shows_what_stands_around() -> None:
    text = "a" * 100 + "HERE" + "b" * 100
    assert excerpt(text, 100, 104) == f"\u2026{'a' * 40}HERE{'b' * 40}\u2026"
    assert excerpt("HERE", 0, 4) == "HERE"
    assert excerpt("", 0, 0) == ""


def test_an_excerpt_is_short_however_much_was_found() -> None:
    assert len(excerpt("a" * 10_000, 50, 9_000)) == LONGEST + 2
