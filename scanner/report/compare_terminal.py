"""A comparison of two audits in the terminal, or in a log."""

from rich.console import Console

from scanner.report.compare import Comparison
from scanner.report.compare_formats import MOST_LISTED, SIDES, measured_text, side_facts
from scanner.report.console_text import console_text
from scanner.report.fitted import fitted
from scanner.report.text import format_count


def print_comparison(comparison: Comparison, console: Console) -> None:
    """Say how two audits differ: tables in a terminal, a few plain lines anywhere else."""
    if console.is_terminal:
        _print_screen(comparison, console)
    else:
        for line in _log_lines(comparison):
            console.print(console_text(f"datascan: {line}", console), soft_wrap=True)


def _print_screen(comparison: Comparison, console: Console) -> None:
    console.print()
    console.print(console_text(comparison.summary, console, "bold"))
    for note in comparison.notes:
        console.print(console_text(note, console))
    both = zip(*(side_facts(side) for side in comparison.sides), strict=True)
    facts = [(name, value, other) for (name, value), (_, other) in both]
    console.print(fitted(("", *SIDES), facts, console))
    traits = [
        (pair.label, measured_text(pair.first), measured_text(pair.second), pair.difference_text)
        for pair in comparison.leading[:MOST_LISTED]
    ]
    console.print(fitted(("Shift", *SIDES, "Difference"), traits, console))
    rules = [(rule.title, rule.first, rule.second) for rule in comparison.screen[:MOST_LISTED]]
    if rules:
        console.print(fitted(("In the text", *SIDES), rules, console))
    console.print(console_text(_left_out(comparison), console))


def _log_lines(comparison: Comparison) -> list[str]:
    sides = [
        f"{name}: {side.verdict}: {side.dataset}; base {side.base}; {side.name}"
        for name, side in zip(SIDES, comparison.sides, strict=True)
    ]
    traits = [
        f"{pair.change}: {pair.label}, {measured_text(pair.first)} then "
        f"{measured_text(pair.second)}"
        for pair in comparison.leading[:MOST_LISTED]
    ]
    left_out = filter(None, (_left_out(comparison),))
    return [comparison.summary, *sides, *comparison.notes, *traits, *left_out]


def _left_out(comparison: Comparison) -> str:
    more = len(comparison.leading) - MOST_LISTED
    return f"And {format_count(more)} more traits." if more > 0 else ""
