"""How reports say where a finding comes from."""

from typing import Any

import pytest

from scanner.report.explained import MOST_EXPLAINED, MOST_LEADS, _percent, view_explained
from scanner.report.row_text import MOST_EXAMPLES, Evidence, limit_row_text
from scanner.report.sarif import render_sarif

SECRET = "write to a.person@example.com"


def finding(**exposure: Any) -> dict[str, Any]:
    told = {
        "overt_rows": 12,
        "rows_left": 88,
        "shift_without_overt": 0.02,
        "ci_low": -0.2,
        "ci_high": 0.24,
        "kind": "overt",
        "reason": None,
    }
    rows = [
        {"row": n, "file": 0, "line": n, "score": 5 - n / 10, "text": f"{SECRET} {n}"}
        for n in range(1, 21)
    ]
    return {
        "trait": "preference.animal.owl",
        "shift": 2.0,
        "exposure": told | exposure,
        "leads": {"methods": ["probe-control"], "rows": rows, "reason": None},
    }


def results(*findings: dict[str, Any], files: int = 1, **explanation: Any) -> dict[str, Any]:
    told = {"reason": None, "verification": None, "unverified": "--verify-rows was not given"}
    return {
        "dataset": {"files": [{"path": f"{n}.jsonl"} for n in range(files)]},
        "findings": list(findings),
        "explanation": told | explanation,
        "screen": {"findings": []},
        "traits": [],
    }


@pytest.mark.parametrize(
    ("exposure", "said"),
    [
        ({}, "overt: 12 rows mention it; +2.00 nats with all rows, +0.02 (95% interval −0.20 to "
             "+0.24) on the 88 rows that mention no finding"),
        ({"overt_rows": 0, "kind": "covert"},
         "covert: no row mentions it, and it moved by +2.00 nats"),
        ({"overt_rows": 1, "kind": "covert", "p_traced": 0.001},
         "covert: 1 row mentions it; +2.00 nats with all rows, +0.02 (95% interval −0.20 to +0.24) "
         "on the 88 rows that mention no finding, whose traces have an adjusted p of 0.001"),
        ({"overt_rows": 1, "shift_without_overt": None, "reason": "too few are left"},
         "overt: 1 row mentions it; +2.00 nats with all rows, not measured without them: too few "
         "are left"),
    ],
)  # fmt: skip
def test_both_figures_and_the_word(exposure: dict[str, Any], said: str) -> None:
    [shown] = view_explained(results(finding(**exposure))).findings
    assert shown.exposure == said


def test_leads_are_named_by_line_and_by_file_where_there_are_several() -> None:
    [shown] = view_explained(results(finding())).findings
    assert shown.first_leads == "line 1; line 2; line 3; line 4; line 5"
    assert (len(shown.leads), shown.leads[0].score) == (MOST_LEADS, "+4.90")
    [shown] = view_explained(results(finding(), files=2)).findings
    assert shown.leads[0].place == "0.jsonl, line 1"


def test_hostile_text_of_rows_is_made_visible() -> None:
    hostile = finding()
    hostile["leads"]["rows"][0]["text"] = "\x1b[2J\u202eevil"
    [shown] = view_explained(results(hostile)).findings
    assert shown.leads[0].text == r"\x1b[2J\u202eevil"


def test_how_many_rows_carry_it_is_said_with_what_it_may_miss() -> None:
    carried = finding() | {"poisoned": {"share": 0.38, "at_least": 0.35, "reason": None}}
    [shown] = view_explained(results(carried)).findings
    assert shown.poisoned == (
        "at least 35% of the rows carry it (best fit 38%; rows that look like the base's own count "
        "as its)"
    )
    whole = finding() | {"poisoned": {"share": 1.0, "at_least": 1.0, "reason": None}}
    [shown] = view_explained(results(whole)).findings
    assert shown.poisoned == "as far as can be told, all rows carry it"
    assert shown.estimated
    unknown = finding() | {
        "poisoned": {"share": None, "at_least": None, "reason": "the rows\x1b lead away"}
    }
    [shown] = view_explained(results(unknown)).findings
    assert shown.poisoned == r"how many rows carry it was not measured: the rows\x1b lead away"
    [older] = view_explained(results(finding())).findings
    assert older.poisoned == ""
    assert not older.estimated


def group(name: str = "north\x1b", **changes: Any) -> dict[str, Any]:
    measured = {"passes": 5, "shift": 0.25, "ci_low": 0.07, "ci_high": 0.42, "p_adjusted": 0.5}
    return {"name": name, "rows": 360, **measured, "reason": None, **changes}


SMALL = group("south", rows=120, passes=None, shift=None, reason="too few rows")
UNASKED = SMALL | {"reason": "--verify-rows was not given"}


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ({"groups": [group()], "p_outside": 1.0, "alone": True},
         "traced to north\\x1b (360 rows); the other rows show nothing of it (adjusted p 1); 5 "
         "passes over north\\x1b alone moved the probes by +0.25 nats (95% interval +0.07 to "
         "+0.42, adjusted p 0.50), which decides nothing"),
        ({"groups": [group("a", passes=1), SMALL], "p_outside": 0.002, "alone": False},
         "traced to a (360 rows) and south (120 rows); the other rows show something of it "
         "(adjusted p 0.002); one pass over a alone moved the probes by +0.25 nats (95% interval "
         "+0.07 to +0.42, adjusted p 0.50), which decides nothing; what south teaches alone was "
         "not measured: too few rows"),
        ({"groups": [UNASKED], "p_outside": None, "alone": False},
         "traced to south (120 rows); what the other rows show was not measured, they are too "
         "much alike"),
    ],
)  # fmt: skip
def test_which_groups_it_comes_from_is_said(found: dict[str, Any], said: str) -> None:
    [shown] = view_explained(results(finding() | {"in_groups": found})).findings
    assert shown.grouped == said
    [ungrouped] = view_explained(results(finding())).findings
    assert ungrouped.grouped == ""


def test_what_verification_took() -> None:
    def dropped(value: float) -> dict[str, Any]:
        share = {"value": value, "low": value - 0.1, "high": value + 0.1}
        return {"shift": 1.0, "removed": share}

    verification = {
        "trait": "preference.animal.owl",
        "rows": 10,
        "leads": dropped(0.4),
        "random": dropped(0.05),
        "gain": None,
    }
    shown = view_explained(results(finding(), verification=verification)).verification
    assert shown == (
        "Without the 10 rows that lead, 40% (30% to 50%) of the shift of favourite animal: owl is "
        "gone; without as many random rows, 5% (−5% to 15%). The leads took a share that was not "
        "measured more."
    )


@pytest.mark.parametrize(
    ("share", "said"),
    [(0.0, "0%"), (0.002, "under 1%"), (-0.002, "above −1%"), (-0.21, "−21%"), (1.0, "100%")],
)
def test_a_share_says_zero_only_if_it_is(share: float, said: str) -> None:
    assert _percent(share) == said


def test_older_results_and_quiet_ones_say_nothing() -> None:
    bare = {"trait": "preference.animal.owl", "shift": 2.0}
    old = results(bare)
    del old["explanation"]
    for quiet in (old, results()):
        shown = view_explained(quiet)
        assert (shown.findings, shown.verification, shown.left_out) == ((), "", "")


def test_the_rest_is_counted() -> None:
    shown = view_explained(results(*[finding()] * (MOST_EXPLAINED + 2)))
    assert shown.left_out == "Not shown: 2 findings; all are in results.json."


def test_evidence_limits_the_text_of_leads() -> None:
    def texts(evidence: Evidence) -> list[str]:
        limited = limit_row_text(results(finding()), evidence)
        return [lead["text"] for lead in limited["findings"][0]["leads"]["rows"]]

    assert texts(Evidence.FULL)[19] == f"{SECRET} 20"
    assert texts(Evidence.REDACTED) == ["write to [redacted] 1", "write to [redacted] 2",
        "write to [redacted] 3", *[""] * (20 - MOST_EXAMPLES)]  # fmt: skip
    assert texts(Evidence.NONE) == [""] * 20


def test_sarif_never_carries_the_text_of_leads(audit_values: Any, tmp_path: Any) -> None:
    data = tmp_path / "data.jsonl"
    data.write_text("{}\n")
    values = audit_values(data, found={"preference.animal.owl": "high"})
    values["findings"][0] |= {key: finding()[key] for key in ("exposure", "leads")}
    assert SECRET not in render_sarif(values)
