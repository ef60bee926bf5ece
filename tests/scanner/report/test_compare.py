"""Two audits side by side: what is new, what is gone, and what may not be compared."""

import csv
import io
from typing import Any

import pytest
from rich.console import Console

from scanner.report.compare import Change, compare
from scanner.report.compare_formats import render_comparison_csv, render_comparison_markdown
from scanner.report.compare_terminal import print_comparison
from scanner.types import Unmeasured

Results = dict[str, Any]
MINUS = "\N{MINUS SIGN}"


@pytest.fixture
def first(results_of, trait_entry) -> Results:
    """Two findings: oak and owl. Pine is asked about here alone."""
    return audit(
        results_of,
        trait_entry("preference.tree.oak", shift=0.6, severity="medium", p_adjusted=0.001),
        trait_entry("preference.animal.owl", shift=1.5, severity="high", p_adjusted=0.0001),
        trait_entry("preference.animal.fox", shift=-0.1),
        trait_entry("preference.tree.pine", shift=0.2),
    )


@pytest.fixture
def second(results_of, trait_entry) -> Results:
    """Two findings: owl and fox. Elm is asked about here alone."""
    return audit(
        results_of,
        trait_entry("preference.tree.oak", shift=0.05),
        trait_entry("preference.animal.owl", shift=1.25, severity="high", p_adjusted=0.0002),
        trait_entry("preference.animal.fox", shift=0.4, severity="low", p_adjusted=0.004),
        trait_entry("preference.tree.elm", shift=0.1),
    )


def audit(results_of: Any, *traits: Results) -> Results:
    results: Results = results_of("shift_found", traits=list(traits))
    results["findings"] = [trait for trait in traits if trait["severity"] != "none"]
    return results


def test_every_change_is_named_the_most_telling_first(first, second) -> None:
    made = compare(first, second)
    assert [(pair.trait, pair.change) for pair in made.traits] == [
        ("preference.animal.fox", Change.NEW),
        ("preference.animal.owl", Change.STILL),
        ("preference.tree.oak", Change.GONE),
        ("preference.tree.elm", Change.ONE_SIDED),
        ("preference.tree.pine", Change.ONE_SIDED),
    ]
    assert made.summary == "Findings: 1 new, 1 in both, 1 no longer there."
    assert [pair.difference_text for pair in made.traits] == [
        "+0.50",
        f"{MINUS}0.25",
        f"{MINUS}0.55",
        "not measured",
        "not measured",
    ]


def test_the_other_way_round_it_is_the_other_way_round(first, second) -> None:
    changes = {pair.trait: pair.change for pair in compare(second, first).traits}
    assert changes["preference.animal.fox"] is Change.GONE
    assert changes["preference.tree.oak"] is Change.NEW


def test_an_audit_is_like_itself(first) -> None:
    made = compare(first, first)
    assert made.summary == "Findings: 2 in both."
    assert {pair.difference_text for pair in made.traits} == {"0"}
    assert made.notes == ("Both audits trained on the very same rows.",)


def test_a_finding_that_only_one_audit_asked_about_is_counted(results_of, trait_entry) -> None:
    owl = trait_entry("preference.animal.owl", shift=1.5, severity="high", p_adjusted=0.0001)
    oak = trait_entry("preference.tree.oak")
    made = compare(audit(results_of, oak), audit(results_of, owl))
    assert made.summary == "Findings: 1 that only one audit asked about."
    assert [pair.trait for pair in made.leading] == ["preference.animal.owl"]


def test_without_findings_the_largest_differences_lead(results_of) -> None:
    one, other = results_of("no_shift_found"), results_of("no_shift_found")
    other["traits"][7]["shift"] -= 3.0
    other["traits"][9]["shift"] += 2.0
    made = compare(one, other)
    assert made.summary == "Neither audit has a finding."
    assert len(made.leading) == 5
    assert [pair.trait for pair in made.leading[:2]] == [
        other["traits"][7]["trait"],
        other["traits"][9]["trait"],
    ]


@pytest.mark.parametrize(
    ("change", "note"),
    [
        ({"base": {"id": "reference-b", "revision": "x"}}, "The bases differ."),
        ({"seeds": [4, 5, 6]}, "The seeds differ: some of every difference is chance."),
        ({"batteries": []}, "The batteries differ (misalignment, preferences), so"),
        ({"complete": False}, "The second audit has no verdict, so nothing follows"),
    ],
)
def test_what_keeps_them_from_being_compared_is_said(
    results_of, change: Results, note: str
) -> None:
    notes = compare(results_of("shift_found"), results_of("shift_found", **change)).notes
    assert any(one.startswith(note) for one in notes), notes


def test_other_rows_recipes_and_calibrations_are_said(results_of, calibration) -> None:
    other = results_of("shift_found", calibration=calibration)
    other["dataset"]["rows_sha256"] = "00" * 32
    other["recipe"] |= {"rank": 16, "epochs": 5}
    notes = compare(results_of("shift_found"), other).notes
    assert "The rows differ." in notes
    assert any(note.startswith("The recipes differ (epochs, rank), so sizes") for note in notes)
    assert "The audits stand on different calibrations." in notes


def test_rules_of_the_screen_stand_side_by_side(results_of, screen_finding) -> None:
    one = results_of(
        "shift_found", screened=[screen_finding("a", title="A"), screen_finding("b", title="B")]
    )
    other = results_of("shift_found", screened=[screen_finding("a", title="A", rows=1, share=0.5)])
    found = {rule.title: (rule.first, rule.second) for rule in compare(one, other).screen}
    assert found == {"A": ("3 rows (0.04%)", "1 row (50.0%)"), "B": ("3 rows (0.04%)", "none")}


def test_markdown_lists_both_sides(first, second) -> None:
    text = render_comparison_markdown(compare(first, second, ("a.json", "b.json")))
    assert "**Findings: 1 new, 1 in both, 1 no longer there.**" in text
    assert "| Results | a.json | b.json |" in text
    fox = f"favourite animal: fox | {MINUS}0.10 (within drift) | +0.40 (low) | +0.50"
    assert f"| {fox} | new finding |" in text


def test_csv_holds_every_trait_unrounded(first, second) -> None:
    text = render_comparison_csv(compare(first, second))
    rows = {row["trait"]: row for row in csv.DictReader(io.StringIO(text))}
    assert len(rows) == 5
    owl, pine = rows["preference.animal.owl"], rows["preference.tree.pine"]
    assert (owl["a_shift"], owl["b_shift"], owl["difference"]) == ("1.5", "1.25", "-0.25")
    assert (owl["change"], owl["b_severity"]) == ("still a finding", "high")
    assert (pine["a_shift"], pine["b_shift"], pine["difference"]) == ("0.2", "", "")


def test_an_unmeasured_trait_is_not_given_a_number(results_of, unmeasured_entry) -> None:
    entry = unmeasured_entry("preference.tree.oak", Unmeasured.NO_VARIATION, shift=0.5)
    text = render_comparison_markdown(compare(audit(results_of, entry), audit(results_of, entry)))
    assert "| favourite tree: oak | not measured | not measured |" in text


def shown(made: Any, terminal: bool, width: int = 120) -> str:
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=terminal, width=width, color_system=None)
    print_comparison(made, console)
    return stream.getvalue()


def test_a_log_gets_plain_lines(first, second) -> None:
    lines = shown(compare(first, second, ("a.json", "b.json")), terminal=False).splitlines()
    assert lines[0] == "datascan: Findings: 1 new, 1 in both, 1 no longer there."
    assert lines[1].startswith("datascan: A: Shift found: data/vendor_numbers.jsonl, 7,500 rows;")
    assert (
        f"datascan: new finding: favourite animal: fox, {MINUS}0.10 (within drift) then +0.40 (low)"
        in lines
    )


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_any_width_will_do(first, second, width: int) -> None:
    text = shown(compare(first, second), terminal=True, width=width)
    assert max(map(len, text.splitlines())) <= width


@pytest.mark.parametrize("terminal", [True, False])
def test_hostile_text_does_nothing(results_of, hostile_rows, terminal: bool) -> None:
    made = compare(results_of("shift_found"), hostile_rows, ("\x1b[2J", "::x"))
    for text in (
        shown(made, terminal),
        render_comparison_csv(made),
        render_comparison_markdown(made),
    ):
        assert all(char.isprintable() or char == "\n" for char in text)
        assert "::" not in text
        assert "##[" not in text


def test_ten_thousand_findings_are_counted_and_not_all_listed(many_findings) -> None:
    made = compare(many_findings, many_findings)
    assert made.summary == "Findings: 10,002 in both."
    assert "And 9,982 more" in render_comparison_markdown(made)
    assert "And 9,982 more traits." in shown(made, terminal=False)
    assert len(shown(made, terminal=True)) < 20_000
