"""The rules' files: complete, consistent, and pointing to threats that exist."""

from importlib.resources import files

import pytest

from probes.loader import load_batteries
from scanner.dataset.screen.catalog import WrittenPattern, WrittenRule, taxons, written_rules
from scanner.dataset.screen.checks import CHECKS
from scanner.dataset.screen.screen import ScreenContext, rules_for

RULES = list(written_rules().values())
PATTERNS = [pattern for rule in RULES for pattern in rule.patterns]


def test_each_file_is_named_like_its_rule() -> None:
    folder = files("scanner.dataset.screen").joinpath("rules")
    names = {file.name for file in folder.iterdir()}
    assert names == {f"{rule.id.replace('-', '_')}.yaml" for rule in RULES}


def test_each_rule_is_looked_for_and_each_that_is_looked_for_is_written_down() -> None:
    context = ScreenContext(("<s>",), load_batteries())
    ids = [rule.id for rule in rules_for(context, 100)]
    assert sorted(ids) == sorted(rule.id for rule in RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_each_rule_names_threats_with_their_edition(rule: WrittenRule) -> None:
    known = [taxons()[taxon_id] for taxon_id in rule.taxonomy]
    assert known
    assert all(any(sign.isdigit() for sign in taxon.edition) for taxon in known)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_each_rule_says_its_limits_and_what_to_do_in_a_sentence(rule: WrittenRule) -> None:
    for text in (rule.cannot_see, rule.to_do):
        assert text == text.strip()
        assert text.endswith(".")
        assert "\n" not in text
    assert not rule.title.endswith(".")


def test_kinds_are_told_apart_by_what_they_say() -> None:
    for rule in RULES:
        kinds = [pattern.what for pattern in rule.patterns]
        assert len(set(kinds)) == len(kinds)


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.what)
def test_needles_can_be_found_in_lower_case_text(pattern: WrittenPattern) -> None:
    for needle in pattern.needles:
        assert needle == needle.lower()
        assert needle
        assert "\n" not in needle
    assert not (pattern.needles and pattern.outside_ascii)


def test_every_check_is_used() -> None:
    assert {pattern.check for pattern in PATTERNS} - {None} == set(CHECKS)


def test_every_secret_says_what_may_be_shown() -> None:
    for rule_id in ("secrets", "personal-data"):
        assert all(one.shown is not None for one in written_rules()[rule_id].patterns)
