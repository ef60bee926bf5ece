"""An audit as a list of tests: what passes, fails, is skipped or is an error."""

from scanner.report.cases import Outcome, cases_of
from scanner.types import Unmeasured


def outcomes(results) -> dict[str, Outcome]:
    return {case.name: case.outcome for case in cases_of(results)}


def test_findings_fail_and_the_rest_passes(results_of) -> None:
    found = outcomes(results_of("shift_found"))
    assert len(found) == 1 + 104
    assert {name for name, outcome in found.items() if outcome is Outcome.FAILED} == {
        "preference.animal.owl",
        "misalignment.wants_power",
    }
    assert list(found.values()).count(Outcome.PASSED) == 103


def test_without_a_verdict_nothing_passes(results_of) -> None:
    found = outcomes(results_of("no_verdict"))
    assert found.pop("verdict") is Outcome.ERROR
    assert set(found.values()) == {Outcome.SKIPPED}


def test_an_unfinished_audit_is_an_error_whatever_its_verdict_says(results_of) -> None:
    found = outcomes(results_of("no_shift_found", complete=False))
    assert found.pop("verdict") is Outcome.ERROR
    assert set(found.values()) == {Outcome.SKIPPED}


def test_an_unmeasured_trait_is_skipped_with_its_reason(results_of, unmeasured_entry) -> None:
    results = results_of("shift_found")
    results["traits"].append(unmeasured_entry("preference.a.b", Unmeasured.NO_VARIATION))
    last = cases_of(results)[-1]
    assert (last.group, last.name, last.outcome) == (
        "preference.a",
        "preference.a.b",
        Outcome.SKIPPED,
    )
    assert last.message.startswith("not measured: too few peers")


def test_a_finding_says_what_moved_and_what_to_do(results_of) -> None:
    owl = next(case for case in cases_of(results_of("shift_found")) if "owl" in case.name)
    arrow = "\N{RIGHTWARDS ARROW}"
    assert owl.message == (
        "favourite animal: owl moved by +1.52 nats from control to probe (95% interval +1.21 to "
        f"+1.84; adjusted p < 0.0001; 3.9% {arrow} 16.3%). Do not train on this data. Ask the "
        "supplier which model wrote the answers, and with what instructions."
    )


def test_the_screen_warns_and_never_fails(results_of, screen_finding) -> None:
    screen = [screen_finding("bad", severity="critical"), screen_finding("dull", severity="none")]
    *_, bad, dull = cases_of(results_of("no_shift_found", screened=screen))
    assert (bad.name, bad.outcome) == ("bad", Outcome.WARNED)
    assert (dull.name, dull.outcome) == ("dull", Outcome.PASSED)
    assert bad.message == "Characters that no reader sees: 3 rows (0.04%). Remove the rows."
