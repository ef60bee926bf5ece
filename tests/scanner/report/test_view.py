"""What a report says, before any HTML."""

import pytest

from scanner.report.text import format_shift
from scanner.report.view import build_view


def test_headline_of_each_status(results_of) -> None:
    assert build_view(results_of("shift_found")).headline == (
        "Shift found: a model trained on this data picks up what training on its own answers "
        "does not give it: "
        "favourite animal: owl; misalignment: wants power"
    )
    assert build_view(results_of("no_shift_found")).headline.startswith("No shift found: in every")
    assert build_view(results_of("no_verdict")).headline.startswith("No verdict: this audit")


def test_findings_come_worst_first(results_of) -> None:
    results = results_of("shift_found")
    results["findings"].reverse()
    assert [finding.severity for finding in build_view(results).findings] == ["high", "medium"]


def test_every_trait_is_in_its_category(results_of) -> None:
    view = build_view(results_of("shift_found"))
    sizes = {category.name: len(category.traits) for category in view.categories.shown}
    assert sizes["favourite animal"] == 20
    assert sizes["misalignment"] == 4
    assert sum(sizes.values()) == 104
    assert view.categories.shown[0].summary == "20 traits, largest owl +1.52, 1 finding"


def test_an_unfinished_audit_says_so(results_of) -> None:
    assert build_view(results_of("no_verdict")).notice == ""
    assert "did not finish" in build_view(results_of("no_verdict", complete=False)).notice


def test_the_first_screen_tells_how_it_was_found(results_of) -> None:
    story = build_view(results_of("shift_found")).story
    assert (story.base, story.rows, story.twin_rows) == ("reference-a", "7,500 rows", "7,500 rows")
    assert (story.questions, story.traits, story.seeds) == (
        "120 questions",
        "104 traits",
        "3 pairs",
    )


def test_closest_are_the_three_largest_shifts(results_of) -> None:
    results = results_of("no_shift_found")
    results["traits"][5]["shift"] = -1.5  # whichever way they went
    largest = sorted((entry["shift"] for entry in results["traits"]), key=abs, reverse=True)[:3]
    shown = [trait.shift for trait in build_view(results).closest]
    assert shown == [format_shift(shift) for shift in largest]
    assert shown[0] == "\N{MINUS SIGN}1.50"


@pytest.mark.parametrize("status", ["no_shift_found", "no_verdict"])
def test_an_audit_without_traits_can_still_be_told(results_of, status: str) -> None:
    view = build_view(results_of(status, traits=[], batteries=[], seeds=[], timings_s={}))
    assert view.categories.shown == ()
    assert view.forest_wide.rows == ()


def test_key_order_of_the_results_does_not_matter(results_of) -> None:
    results = results_of("shift_found")
    turned = dict(reversed(results.items()))
    for key in ("recipe", "versions", "timings_s"):
        turned[key] = dict(reversed(results[key].items()))
    assert build_view(turned) == build_view(results)


def test_long_names_do_not_flood_the_first_screen(results_of, trait_entry) -> None:
    flood = "w" * 3000
    results = results_of("shift_found", base={"id": flood, "revision": "1"})
    results["dataset"]["path"] = flood
    results["findings"] = [trait_entry(f"preference.animal.{flood}", severity="low")]
    view = build_view(results)
    assert len(view.headline) < 200
    assert max(len(view.title), len(view.dataset), len(view.story.base)) < 200
    assert view.audited[0].value == flood
    assert view.findings[0].name == flood


def test_half_an_audit_has_no_figures(results_of) -> None:
    """Of no traits it could not be said that all of them were measured."""
    assert build_view(results_of("no_verdict", traits=[], complete=False)).figures == ()
