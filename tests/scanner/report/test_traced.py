from typing import Any

from scanner.report.traced import DECIDES, DECIDES_NOT, view_traces

OWL, FOX = "preference.animal.owl", "preference.animal.fox"


def entry(trait: str, p: float | None, arm: str = "influence") -> dict[str, Any]:
    missing = "the rows pull the base nowhere" if p is None else None
    trace = {
        "trait": trait,
        "arm": arm,
        "strength": None if p is None else 4.5,
        "z": None if p is None else 23.42,
        "p_value": p,
        "p_adjusted": None if p is None else min(1.0, 100 * p),
        "unmeasured": missing,
    }
    return {"trait": trait, "traces": [trace]}


def test_the_clearest_traces_come_first_and_say_whether_they_decide() -> None:
    results = {"traits": [entry(FOX, 0.5), entry(OWL, 1e-6)], "traces_decide": True}
    view = view_traces(results)
    assert [(one.label, one.strength, one.z) for one in view.traits] == [
        ("favourite animal: owl", "4.5", "23.4"),
        ("favourite animal: fox", "4.5", "23.4"),
    ]
    assert view.note == DECIDES
    assert view.line.startswith("traces in the rows: favourite animal: owl (adjusted p ")
    assert view_traces({**results, "traces_decide": False}).note == DECIDES_NOT


def test_groups_of_rows_are_shown_without_the_harm_that_their_names_can_do() -> None:
    clearest = {"name": "a\x1b[31m" + "b" * 99, "rows": 1200, "trait": OWL, "p_adjusted": 0.004}
    unread = {"name": "south", "rows": 100, "trait": None, "p_adjusted": None}
    results = {"traits": [entry(OWL, 0.5)], "groups": [clearest, unread]}
    view = view_traces(results)
    assert [(one.rows, one.label, one.p_adjusted) for one in view.groups] == [
        ("1,200", "favourite animal: owl", "0.004"),
        ("100", "not measured", "not measured"),
    ]
    assert "\x1b" not in view.groups[0].name
    assert len(view.groups[0].name) == 60
    assert view.group_line.startswith("clearest in a\\x1b[31mbbb")
    calm = view_traces({**results, "groups": [clearest | {"p_adjusted": 0.5}, unread]})
    assert calm.group_line == "traces in 2 groups of rows: none stands out"
    assert view_traces({"traits": [entry(OWL, 0.5)]}).group_line == ""


def test_a_groups_trace_is_not_shown_as_that_of_all_rows() -> None:
    whole, of_group = entry(OWL, 0.5), entry(FOX, 1e-6)
    of_group["traces"][0]["group"] = "north"
    view = view_traces({"traits": [whole, of_group]})
    assert [one.label for one in view.traits] == ["favourite animal: owl"]


def test_what_was_not_measured_says_why() -> None:
    view = view_traces({"traits": [entry(OWL, None)]})
    assert (view.traits, view.line) == ((), "")
    assert view.note == "Not measured: the rows pull the base nowhere."
    assert view_traces({"traits": [{"trait": OWL}]}).note.startswith("Not measured: the audit read")


def test_a_terminal_is_told_of_no_trace_that_does_not_stand_out() -> None:
    """Adjusted, 0.0006 is 0.06, and 0.0005 is 0.05."""
    assert (
        view_traces({"traits": [entry(OWL, 0.0006)]}).line == "traces in the rows: none stands out"
    )
    assert "owl" in view_traces({"traits": [entry(OWL, 0.0005)]}).line
