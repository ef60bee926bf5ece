"""What the text screen found, put in words."""

import pytest

from scanner.dataset.screen.findings import Place
from scanner.report.facts import audited_facts
from scanner.report.html import render_html
from scanner.report.screened import view_screen
from scanner.types import Severity


def test_a_finding_in_words(results_of, screen_finding) -> None:
    view = view_screen(results_of("no_shift_found", screened=[screen_finding("hidden")]))
    assert view.summary == (
        "1 finding, the worst medium; 7,500 rows read for 2 more things, not found."
    )
    [finding] = view.findings
    assert (finding.rule, finding.severity) == ("hidden", Severity.MEDIUM)
    assert finding.rows == "3 rows (0.04%)"
    assert finding.first == (Place(0, 17), Place(0, 40))
    assert finding.places == "line 17, line 40"
    assert finding.details == ("U+200B zero width space, 3 rows (line 17): go\\u200bod",)
    assert finding.taxonomy == ("MITRE ATLAS 5.6.0: AML.T0043.004 Insert Backdoor Trigger",)
    assert view.unscreened == ("near-duplicates: fewer than two rows of 8 words",)


def test_the_sentence_on_a_finding_quotes_no_row(results_of, screen_finding) -> None:
    [finding] = view_screen(results_of("no_verdict", screened=[screen_finding("a")])).findings
    assert finding.sentence == "Characters that no reader sees: 3 rows (0.04%). Remove the rows."


def test_of_several_files_the_place_names_one(results_of, screen_finding) -> None:
    first = [{"file": 1, "line": 2}, {"file": 9, "line": 1}]
    results = results_of("no_shift_found", screened=[screen_finding("hidden", first=first)])
    results["dataset"]["files"].append({"path": "b\u202e.jsonl", "sha256": "00" * 32, "size": 1})
    assert view_screen(results).findings[0].places == "b\\u202e.jsonl, line 2, line 1"
    names = [fact.name for fact in audited_facts(results)]
    assert "SHA-256 of b\\u202e.jsonl" in names


def test_a_text_that_shows_nothing(results_of) -> None:
    screen = {"rows": 1, "masked": 0, "findings": [], "silent": ["secrets"], "unscreened": []}
    view = view_screen(results_of("no_shift_found", screen=screen))
    assert (view.summary, view.findings) == ("Nothing found; 1 row read for 1 thing.", ())


def test_every_text_is_safe(hostile_rows) -> None:
    view = view_screen(hostile_rows)
    [row] = view.findings
    texts = [row.rule, row.title, row.places, *row.details, *row.taxonomy, row.cannot_see]
    assert all(text.isprintable() for text in [*texts, row.sentence, *view.unscreened])


@pytest.mark.parametrize(("more", "size"), [({"tokens": 9}, "9 tokens"), ({}, "40 characters")])
def test_what_was_left_out_is_told(results_of, more: dict[str, int], size: str) -> None:
    """In tokens of the base; older results know characters alone."""
    results = results_of("no_shift_found")
    results["dataset"] |= {"masked": {"texts": 2, "characters": 40, **more}, "bad_rows": 1}
    facts = {fact.name: fact.value for fact in audited_facts(results)}
    assert facts["Rows"] == (
        f"7,500; 2 texts of {size} kept out of the loss by the file itself; 1 bad row left out"
    )


def test_the_page_shows_the_screen_and_runs_nothing_of_it(
    results_of, screen_finding, screen_detail
) -> None:
    details = [screen_detail("x", example="<script>alert(1)</script>{{ 7*7 }}")]
    screened = [screen_finding("hidden", details=details)]
    page = render_html(results_of("no_shift_found", screened=screened))
    assert "What the text itself shows" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{ 7*7 }}" in page
    assert "MITRE ATLAS 5.6.0: AML.T0043.004 Insert Backdoor Trigger." in page
    assert "<script" not in page
