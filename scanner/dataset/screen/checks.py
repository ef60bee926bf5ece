"""What a regular expression cannot tell: each check has the last word on a pattern's match.

Check digits are python-stdnum's. The formats of keys are patterns of our own in ``rules/``: a
scanner of source code such as detect-secrets needs 11 minutes of a core for a million rows of 30
words, more than the whole screen.
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping

from stdnum import iban, luhn

Check = Callable[[re.Match[str]], bool]

LOOKALIKES = (
    frozenset("аеорсухіјѕһԁԛԝѵӏАВЕКМНОРСТУХІЈЅҮ"),  # Cyrillic
    frozenset("οΑΒΕΖΗΙΚΜΝΟΡΤΥΧ"),  # Greek
    frozenset("օսոհցՕՍԼ"),  # Armenian
)
"""Letters that look like Latin ones, script by script."""
LONGEST_WORD = 40
LEAST_BITS = 4.8
"""Entropy per character from which a run of letters is encoded; paths and identifiers have less."""
LEAST_HEX_BITS = 3.0
"""The same for hexadecimal digits, which have 4 at most."""
LEAST_KEY_BITS = 3.2
"""The same for a key; short ones need four fifths of what their length allows."""
PLACEHOLDERS = ("your", "example", "placeholder", "xxxx", "****", "....", "1234567")
RESERVED_DOMAINS = ("example.com", "example.org", "example.net")
RESERVED_ENDINGS = (".example", ".test", ".invalid", ".localhost", ".local")
CARD_STARTS = re.compile(r"4|5[1-5]|2[2-7]|3[47]|6011|65")
"""Visa, Mastercard, American Express, Discover."""


def is_dense(match: re.Match[str]) -> bool:
    """Encoded bytes: capitals, small letters and digits in a disorder that words do not have."""
    text = match[0]
    kinds = (str.isupper, str.islower, str.isdigit)
    return all(any(map(kind, text)) for kind in kinds) and bits(text) >= LEAST_BITS


def is_hex(match: re.Match[str]) -> bool:
    """Encoded bytes: digits and letters in disorder, and not a long number."""
    text = match[0]
    return (
        any(map(str.isdigit, text)) and any(map(str.isalpha, text)) and bits(text) >= LEAST_HEX_BITS
    )


def is_key(match: re.Match[str]) -> bool:
    """A key rather than a placeholder or a hyphenated name; the group ``key`` if there is one."""
    key = match.groupdict().get("key") or match[0]
    if any(word in key.lower() for word in PLACEHOLDERS):
        return False
    least = min(LEAST_KEY_BITS, 0.8 * math.log2(len(key)))
    return any(map(str.isdigit, key)) and any(map(str.isalpha, key)) and bits(key) >= least


def is_card(match: re.Match[str]) -> bool:
    """A payment card's number: an issuer's first digits, its length, and Luhn's check digit."""
    digits = re.sub("[ -]", "", match[0])
    wanted = 15 if digits[0] == "3" else 16
    return len(digits) == wanted and bool(CARD_STARTS.match(digits)) and luhn.is_valid(digits)


def is_iban(match: re.Match[str]) -> bool:
    """An account number of a country's own length and form, whose check digits are right."""
    return bool(iban.is_valid(match[0]))


def is_phone(match: re.Match[str]) -> bool:
    """An international number has 8 to 15 digits, E.164, in at most 6 groups."""
    groups = re.findall("[0-9]+", match[0])
    return 8 <= sum(map(len, groups)) <= 15 and len(groups) <= 6


def is_mailbox(match: re.Match[str]) -> bool:
    """An address outside the domains that RFC 2606 reserves for examples."""
    domain = match[0].rpartition("@")[2].lower()
    return not domain.endswith(RESERVED_ENDINGS) and not any(
        domain == reserved or domain.endswith(f".{reserved}") for reserved in RESERVED_DOMAINS
    )


def is_disguised(match: re.Match[str]) -> bool:
    """A word of Latin letters and of one other script's lookalikes, and of nothing else.

    Real words that mix scripts (Russian endings on English stems, units such as kΩ) hold letters
    that look like no Latin one.
    """
    foreign = {letter for letter in _word_around(match) if not _is_latin(letter)}
    return any(foreign and foreign <= lookalikes for lookalikes in LOOKALIKES)


def is_left_to_right(match: re.Match[str]) -> bool:
    """Whether the text has no letter of a script that runs from right to left."""
    letters = filter(str.isalpha, match.string)
    return not any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in letters)


CHECKS: Mapping[str, Check] = {
    "card": is_card,
    "dense": is_dense,
    "disguised": is_disguised,
    "hex": is_hex,
    "iban": is_iban,
    "key": is_key,
    "left_to_right": is_left_to_right,
    "mailbox": is_mailbox,
    "phone": is_phone,
}
"""By the name that a rule's file gives."""


def bits(text: str) -> float:
    """Entropy of a text's characters, in bits per character: minus the sum of p · log2 p."""
    shares = [count / len(text) for count in Counter(text).values()]
    return -sum(share * math.log2(share) for share in shares)


def _word_around(match: re.Match[str]) -> str:
    """The word that a match lies in."""
    text, start, end = match.string, match.start(), match.end()
    while start > max(0, match.start() - LONGEST_WORD) and text[start - 1].isalpha():
        start -= 1
    while end < min(len(text), match.end() + LONGEST_WORD) and text[end].isalpha():
        end += 1
    return text[start:end]


def _is_latin(letter: str) -> bool:
    return letter.isascii() or unicodedata.name(letter, "").startswith("LATIN")
