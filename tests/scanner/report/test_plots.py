"""Which traits the forest plot shows."""

import pytest

from scanner.report.plots import (
    FEWEST,
    MOST_PLOTTED,
    PLOTTED,
    draw_forest,
    draw_strip,
    leading_traits,
)


def test_findings_lead_whatever_their_p(results_of, trait_entry) -> None:
    results = results_of("no_shift_found")
    late = trait_entry("preference.zoo.zebra", shift=-2.0, p_adjusted=1.0, severity="low")
    results["traits"].append(late)
    results["findings"] = [late]
    leading = leading_traits(results)
    assert leading[0] is late
    assert len(leading) == PLOTTED + 1


def test_then_smaller_p_then_larger_shift_then_name(trait_entry) -> None:
    entries = [
        trait_entry("unmeasured", shift=9.0, p_value=None, p_adjusted=None),
        trait_entry("b", shift=0.1, p_adjusted=1.0),
        trait_entry("a", shift=0.1, p_adjusted=1.0),
        trait_entry("larger", shift=0.2, p_adjusted=1.0),
        trait_entry("smaller p", shift=0.0, p_adjusted=0.4),
    ]
    leading = leading_traits({"traits": entries, "findings": []})
    assert [entry["trait"] for entry in leading] == ["smaller p", "larger", "a", "b", "unmeasured"]


def test_both_drawings_show_the_same_rows(results_of) -> None:
    wide, narrow = draw_forest(results_of("shift_found"))
    assert [row.label for row in wide.rows] == [row.label for row in narrow.rows]
    assert [row.finding for row in wide.rows] == [True, True] + [False] * (PLOTTED - 2)
    assert wide.rows[0].label == "favourite animal: owl"


def test_peers_are_the_rest_of_the_category(results_of) -> None:
    wide, _ = draw_forest(results_of("shift_found"))
    owl, wants_power = wide.rows[:2]
    assert len(owl.peers) == 19
    assert len(wants_power.peers) == 3


def test_thousands_of_findings_do_not_fill_the_plot(many_findings) -> None:
    wide, narrow = draw_forest(many_findings)
    assert len(wide.rows) == len(narrow.rows) == MOST_PLOTTED


def test_long_names_are_cut(results_of, trait_entry) -> None:
    results = results_of("no_shift_found")
    results["traits"] = [trait_entry("preference.animal." + "w" * 300)]
    assert len(draw_forest(results)[0].rows[0].label) == 30


def test_a_missing_interval_is_said_and_not_drawn(results_of) -> None:
    row = draw_forest(results_of("no_verdict"))[0].rows[0]
    assert row.bar is None
    assert row.interval_text == "no interval"


def test_strips_share_one_scale(results_of) -> None:
    results = results_of("shift_found")
    owl = next(e for e in results["traits"] if e["trait"] == "preference.animal.owl")
    oak = next(e for e in results["traits"] if e["trait"] == "preference.tree.oak")
    found = {owl["trait"]}
    first, second = draw_strip([owl], found, results), draw_strip([oak], found, results)
    assert first.zero_x == second.zero_x
    assert (len(first.findings), len(first.plain)) == (1, 0)
    assert (len(second.findings), len(second.plain)) == (0, 1)


def test_the_band_of_drift_leaves_findings_out(results_of, trait_entry) -> None:
    """0.00 to 0.40 in steps of 0.01: the middle 95% is 0.01 to 0.39."""
    traits = [trait_entry(f"preference.a.{i}", shift=i / 100) for i in range(41)]
    found = trait_entry("preference.a.x", shift=2.0, severity="high")
    wide, _ = draw_forest(results_of("shift_found", traits=[*traits, found], findings=[found]))
    # The axis runs from -0.5 to 2.0 between 236 and 716.
    assert wide.drift == pytest.approx((333.9, 406.9), abs=0.1)
    assert wide.least == pytest.approx((284.0, 380.0), abs=0.1)


def test_a_handful_of_traits_makes_no_band(results_of, trait_entry) -> None:
    traits = [trait_entry(f"preference.a.{i}") for i in range(FEWEST - 1)]
    assert draw_forest(results_of("no_shift_found", traits=traits))[0].drift is None
