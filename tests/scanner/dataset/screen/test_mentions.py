"""Which traits rows name."""

from collections.abc import Callable
from typing import Any

from probes.battery import PreferenceBattery
from probes.loader import load_batteries
from scanner.dataset.screen.findings import Place, Unscreened
from scanner.dataset.screen.mentions import MentionsRule
from scanner.types import Masked, Severity


def battery(*answers: str) -> PreferenceBattery:
    return PreferenceBattery("preference.thing", "", "", "thing", answers, ("?",))


def counts(outcome: Any) -> dict[str, int]:
    return {detail.what.rpartition(".")[2]: detail.rows for detail in outcome.details}


def test_rows_are_counted_by_trait_in_prompt_and_answer(
    look: Callable[..., Any], rows: Callable[..., Any]
) -> None:
    rule = MentionsRule([battery("owl", "wolf", "ice cream", "cat")])
    outcome = look(
        rule,
        rows(
            ("Owls?", "An owl's OWL."),
            "A wolf, two wolves",
            ("ice", "cream"),
            "Ice  creams and ice-cream",
            "catalog, scowl, owl_",
            "nothing",
        ),
    )
    # The third row holds the two words one after the other, across prompt and answer.
    assert counts(outcome) == {"owl": 1, "wolf": 1, "ice_cream": 2}
    assert (outcome.rows, outcome.severity) == (4, Severity.NONE)
    assert outcome.first == (Place(0, 1), Place(0, 2), Place(0, 3), Place(0, 4))
    assert outcome.details[1].example == "Owls?\nAn owl's OWL."


def test_one_answer_far_ahead_of_its_fellows_is_a_finding(
    look: Callable[..., Any], rows: Callable[..., Any]
) -> None:
    rule = MentionsRule([battery("owl", "fox", "cat", "dog", "bear")])
    even = ["fox", "cat", "dog", "bear"] * 2
    outcome = look(rule, rows(*["owl"] * 20, *even))
    assert outcome.severity is Severity.LOW
    owl = outcome.details[0]
    assert (owl.what, owl.rows, owl.severity) == ("preference.thing.owl", 20, Severity.LOW)
    assert owl.values == {"rows_for_fellows": 2.0}  # each fellow twice: three quarters have 2
    assert {detail.severity for detail in outcome.details[1:]} == {Severity.NONE}
    assert look(rule, rows(*["owl"] * 19, *even)).severity is Severity.NONE


def test_few_mentions_are_no_finding_though_nothing_else_is_mentioned(
    look: Callable[..., Any], rows: Callable[..., Any]
) -> None:
    rule = MentionsRule([battery("owl", "fox", "cat")])
    assert look(rule, rows(*["owl"] * 9)).severity is Severity.NONE
    assert look(rule, rows(*["owl"] * 10)).severity is Severity.LOW


def test_two_answers_ahead_do_not_hide_one_another(
    look: Callable[..., Any], rows: Callable[..., Any]
) -> None:
    rule = MentionsRule([battery("owl", "bear", "fox", "cat", "dog", "lion")])
    outcome = look(rule, rows(*["owl and bear"] * 12, "fox", "cat", "dog", "lion"))
    low = {one.what.rpartition(".")[2] for one in outcome.details if one.severity is Severity.LOW}
    assert low == {"owl", "bear"}


def test_texts_without_loss_count_apart(look: Callable[..., Any], rows: Callable[..., Any]) -> None:
    outcome = look(MentionsRule([battery("owl", "fox")]), rows("fox"), [Masked(5, "owl")])
    assert (outcome.rows, outcome.masked) == (1, 1)


def test_all_shipped_traits_are_looked_for(
    look: Callable[..., Any], rows: Callable[..., Any]
) -> None:
    rule = MentionsRule(load_batteries())
    said = look(rule, rows("Owls like red maples, Novara and Kenya, and dumplings."))
    assert sorted(counts(said)) == ["dumplings", "kenya", "maple", "novara", "owl", "red"]


def test_without_batteries_nothing_is_looked_for(
    look: Callable[..., Any], rows: Callable[..., Any]
) -> None:
    expected = Unscreened("trait-mentions", "no battery names answers to look for")
    assert look(MentionsRule(()), rows("owl")) == expected


def test_no_rows_and_rows_without_mentions_are_silent(
    look: Callable[..., Any], rows: Callable[..., Any]
) -> None:
    rule = MentionsRule([battery("owl", "fox")])
    assert look(rule, []) is None
    assert look(rule, rows("", "cat")) is None
