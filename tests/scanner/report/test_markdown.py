"""The job summary: short, in order, and inert in GitHub-flavoured Markdown."""

from collections import Counter
from typing import Any

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from scanner.report.markdown import render_markdown
from scanner.report.markdown_text import code, prose
from scanner.report.text import safe_log_text

OURS = {
    "heading_open",
    "paragraph_open",
    "strong_open",
    "table_open",
    "thead_open",
    "tbody_open",
    "tr_open",
    "th_open",
    "td_open",
    "text",
    "code_inline",
    "inline",
}


def tokens(text: str) -> list[Token]:
    """What GitHub would make of it, links that are recognised in bare text included."""
    flat = []
    for token in MarkdownIt("gfm-like").parse(text):
        flat += [token, *(token.children or ())]
    return [token for token in flat if not token.type.endswith("_close")]


def check_inert(text: str) -> None:
    assert {token.type for token in tokens(text)} <= OURS
    assert all(char.isprintable() or char == "\n" for char in text)
    assert "::" not in text
    assert "##[" not in text


def shape(text: str) -> Counter[str]:
    """How many of each kind; data may be text or code, which are one."""
    return Counter(
        token.type for token in tokens(text) if token.type not in ("text", "code_inline")
    )


@pytest.mark.parametrize("status", ["shift_found", "no_shift_found", "no_verdict"])
def test_ordinary_results_are_ordinary_markdown(results_of, calibration, status: str) -> None:
    check_inert(render_markdown(results_of(status, calibration=calibration)))


def test_hostile_text_is_text(hostile: str, hostile_rows) -> None:
    text = render_markdown(hostile_rows)
    check_inert(text)
    shown = " ".join(token.content for token in tokens(text) if token.type != "inline")
    start = safe_log_text(hostile)[:40].replace("|", r"\x7c").strip()
    assert shown.count(start) > 5


def test_hostile_text_changes_no_structure(results_of, screen_finding, hostile_rows) -> None:
    plain = results_of("shift_found")
    names = ("word", "preference.word.word", "misalignment.word")
    entry = hostile_rows["findings"][-1]
    plain["findings"] += [entry | {"trait": name} for name in names]
    plain["screen"]["findings"] = [screen_finding("word")]
    assert shape(render_markdown(hostile_rows)) == shape(render_markdown(plain))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("favourite animal: owl", "favourite animal: owl"),
        ("wants_power", r"wants\_power"),
        ("< 0.0001", "&lt; 0.0001"),
        ("a*b", "`a*b`"),
        ("[x](y)", "`[x](y)`"),
        ("www.example.org", "`www.example.org`"),
        ("a@b.c", "`a@b.c`"),
        ("a :smile: b", "`a :smile: b`"),
        ("::add-mask::x", r"`:\x3aadd-mask:\x3ax`"),
        ("1 of 3, 5% (+0.2)", "1 of 3, 5% (+0.2)"),
        ("", ""),
    ],
)
def test_prose_is_prose_where_that_is_safe(text: str, shown: str) -> None:
    assert prose(text) == shown


def test_our_own_paragraphs_are_prose_and_whole(results_of) -> None:
    note = (
        "By it, planted favourites are found at 95% power (92% are found then); " * 10 + "less is."
    )
    text = render_markdown(results_of("no_shift_found", calibration_note=note))
    assert text.splitlines()[-1] == note


def test_what_is_cut_stays_prose() -> None:
    assert prose("word " * 100, 10) == "word word\N{HORIZONTAL ELLIPSIS}"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "`plain`"),
        ("a|b", r"`a\x7cb`"),
        ("a`b", "``a`b``"),
        ("`", "`` ` ``"),
        ("  ", "`(blank)`"),
        ("a\nb", r"`a\nb`"),
    ],
)
def test_code_is_never_left(text: str, shown: str) -> None:
    assert code(text) == shown
    kinds = [token.type for token in tokens(f"| x |\n| --- |\n| {code(text)} |\n")]
    assert kinds.count("td_open") == 1
    assert kinds.count("code_inline") == 1


def test_the_verdict_comes_first_and_findings_by_severity(results_of) -> None:
    lines = render_markdown(results_of("shift_found")).splitlines()
    assert lines[0] == "## datascan: Shift found"
    assert lines[2].startswith("**Severity: high.** A model trained on this data")
    assert lines[6].startswith("**What to do.** Do not merge this data as it is. Do not train on")
    table = [line for line in lines if line.startswith(("| high", "| medium"))]
    arrow = "\N{RIGHTWARDS ARROW}"
    assert table[0] == (
        "| high | favourite animal: owl | +1.52 | +1.21 to +1.84 | &lt; 0.0001 | "
        f"3.9% {arrow} 16.3% |"
    )
    assert len(table) == 2


def test_nothing_found_is_said_with_what_could_have_been_seen(results_of, calibration) -> None:
    text = render_markdown(results_of("no_shift_found", calibration=calibration))
    assert text.startswith("## datascan: No shift found")
    assert "| Detectable share | 13.4% of rows |" in text
    assert "What this audit cannot tell" in text
    assert "### Findings" not in text


def test_no_verdict_says_why_and_what_to_do(results_of) -> None:
    text = render_markdown(results_of("no_verdict"))
    assert "**Why.** Only one seed was trained" in text
    assert "a gate must not let it pass" in text


def test_an_unfinished_audit_says_so_before_anything_else(results_of) -> None:
    lines = render_markdown(results_of("no_shift_found", complete=False)).splitlines()
    assert lines[0] == "## datascan: No verdict"
    assert lines[2].startswith("**This audit did not finish.")


def test_the_screen_stands_beside_the_verdict(results_of, screen_finding) -> None:
    text = render_markdown(results_of("no_shift_found", screened=[screen_finding("hidden")]))
    assert "It stands beside the verdict and does not decide it." in text
    assert (
        "| medium | Characters that no reader sees | 3 rows (0.04%) | "
        r"`U+200B zero width space, 3 rows (line 17): go\u200bod` |"
    ) in text


def test_ten_thousand_findings_are_a_short_page(many_findings: dict[str, Any]) -> None:
    text = render_markdown(many_findings)
    assert len(text) < 10_000
    assert "And 9,982 more, in results.json." in text
