from scanner.report.facts import audited_facts
from scanner.report.html import render_html
from scanner.report.screened import view_screen


def test_a_finding_in_words(results_of) -> None:
    view = view_screen(results_of("no_shift_found"))
    assert view.summary == (
        "1 finding, the worst medium; 7,500 rows read for 2 more things, not found."
    )
    [finding] = view.findings
    assert finding.rows == "12 rows (0.16%)"
    assert finding.places == "line 17, line 803"
    assert finding.details == ("U+200B zero width space, 12 rows (line 17): go\\u200bod",)
    assert finding.taxonomy == "AML.T0020 Poison Training Data (5.6.0)"
    assert view.unscreened == ("near-duplicates: fewer than two rows of 8 words",)


def test_of_several_files_the_place_names_one(results_of) -> None:
    results = results_of("no_shift_found")
    results["dataset"]["files"].append({"path": "b\u202e.jsonl", "sha256": "00" * 32, "size": 1})
    results["screen"]["findings"][0]["first"] = [{"file": 1, "line": 2}]
    assert view_screen(results).findings[0].places == "b\\u202e.jsonl, line 2"
    names = [fact.name for fact in audited_facts(results)]
    assert "SHA-256 of b\\u202e.jsonl" in names


def test_a_text_that_shows_nothing(results_of) -> None:
    screen = {"rows": 1, "masked": 0, "findings": [], "silent": ["secrets"], "unscreened": []}
    view = view_screen(results_of("no_shift_found", screen=screen))
    assert (view.summary, view.findings) == ("Nothing found; 1 row read for 1 thing.", ())


def test_what_was_left_out_is_told(results_of) -> None:
    results = results_of("no_shift_found")
    results["dataset"] |= {"masked": {"texts": 2, "characters": 40}, "bad_rows": 1}
    facts = {fact.name: fact.value for fact in audited_facts(results)}
    assert facts["Rows"] == (
        "7,500; 2 texts of 40 characters kept out of the loss by the file itself; "
        "1 bad row left out"
    )


def test_the_page_shows_the_screen_and_runs_nothing_of_it(results_of) -> None:
    results = results_of("no_shift_found")
    results["screen"]["findings"][0]["details"][0]["example"] = "<script>alert(1)</script>{{ 7*7 }}"
    page = render_html(results)
    assert "What the text itself shows" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{ 7*7 }}" in page
    assert "<script" not in page
