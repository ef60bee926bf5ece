"""One trait, formatted."""

from scanner.report.traits import view_trait
from scanner.types import Status, Unmeasured


def test_a_finding(results_of) -> None:
    owl = view_trait(results_of("shift_found")["findings"][0], Status.SHIFT_FOUND)
    assert owl.label == "favourite animal: owl"
    assert (owl.shift, owl.interval) == ("+1.52", "+1.21 to +1.84")
    assert (owl.p_value, owl.p_adjusted) == ("< 0.0001", "< 0.0001")
    assert owl.change == "3.9% \N{RIGHTWARDS ARROW} 16.3%"
    assert (owl.severity, owl.standing, owl.is_finding) == ("high", "high", True)


def test_within_drift_only_where_the_audit_decided(trait_entry) -> None:
    entry = trait_entry("preference.animal.owl")
    assert view_trait(entry, Status.NO_SHIFT_FOUND).standing == "within drift"
    assert view_trait(entry, Status.NO_VERDICT).standing == "not decided"


def test_an_unmeasured_trait_says_why(unmeasured_entry) -> None:
    entry = unmeasured_entry("preference.animal.owl", Unmeasured.NO_VARIATION)
    trait = view_trait(entry, Status.NO_SHIFT_FOUND)
    assert trait.standing == f"not measured: {Unmeasured.NO_VARIATION.value}"
    assert (trait.p_value, trait.p_adjusted, trait.interval) == ("not measured",) * 3


def test_whether_the_rows_say_it_is_known_or_said_not_to_be(trait_entry) -> None:
    entry = trait_entry("preference.animal.owl")
    assert view_trait(entry, Status.SHIFT_FOUND).exposure == "overt or covert: not measured"
    explained = entry | {"exposure": {"kind": "covert"}}
    assert view_trait(explained, Status.SHIFT_FOUND).exposure == "covert"
