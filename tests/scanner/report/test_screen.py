"""What the text screen found, put in words."""

from scanner.report.places import Place
from scanner.report.screen import view_screen
from scanner.types import Severity


def test_one_finding(results_of, screen_finding) -> None:
    lines = [17, {"file": 1, "line": 5}]
    [view] = view_screen(results_of("shift_found", screen=[screen_finding("hidden", lines=lines)]))
    assert view.rule == "hidden"
    assert view.severity is Severity.MEDIUM
    assert view.rows == "3 rows (0.04%)"
    assert view.places == (Place(0, 17), Place(1, 5))
    assert view.lines == "file 1 line 17, file 2 line 5"
    assert view.details == ("lift: 3.25", "ngram: a rare word")


def test_the_worst_comes_first(results_of, screen_finding) -> None:
    severities = ("none", "critical", "low")
    screen = [screen_finding(one, severity=one) for one in severities]
    views = view_screen(results_of("shift_found", screen=screen))
    assert [view.rule for view in views] == ["critical", "low", "none"]


def test_no_screen_is_no_finding(results_of) -> None:
    assert view_screen(results_of("shift_found")) == ()
    assert view_screen(results_of("shift_found", screen=None)) == ()


def test_every_text_is_safe(hostile_rows) -> None:
    [view] = view_screen(hostile_rows)
    texts = [view.rule, view.title, *view.examples, *view.details, *view.taxonomy, view.advice]
    assert all(text.isprintable() for text in [*texts, view.blind_to])
