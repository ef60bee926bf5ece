"""The numbers of the first screen, for each verdict."""

import pytest

from scanner.report.figures import Figure, key_figures
from scanner.report.traits import view_trait
from scanner.types import Status, Unmeasured


def test_a_shift_rests_on_its_worst_finding(results_of) -> None:
    results = results_of("shift_found")
    worst = view_trait(results["findings"][0], Status.SHIFT_FOUND)
    level, shift, p = key_figures(results, Status.SHIFT_FOUND, [worst])
    assert level.value == "3.9% \N{RIGHTWARDS ARROW} 16.3%"
    assert level.name == "Favourite animal: owl"
    assert shift.value == "+1.52 nats"
    assert p.value == "< 0.0001"
    assert "104 traits" in p.meaning


def test_no_shift_names_the_largest_and_what_is_not_known(results_of, unmeasured_entry) -> None:
    results = results_of("no_shift_found")
    results["traits"].append(unmeasured_entry("style.a", Unmeasured.NO_VARIATION, shift=-5.0))
    figures = {figure.name: figure for figure in key_figures(results, Status.NO_SHIFT_FOUND, [])}
    assert figures["Asked about"].value == "105 traits"
    assert figures["Asked about"].meaning == "1 of them not measured"
    assert figures["Largest shift"].meaning.endswith("within drift")
    assert figures["Detectable share"].value == "not known"
    assert "no calibration" in figures["Detectable share"].meaning


def detectable(results) -> Figure:
    figures = {figure.name: figure for figure in key_figures(results, Status.NO_SHIFT_FOUND, [])}
    return figures["Detectable share"]


def test_a_calibrated_audit_shows_the_best_channels_detectable_share(
    results_of, calibration
) -> None:
    figure = detectable(results_of("no_shift_found", calibration=calibration))
    assert figure.value == "13.4% of rows"
    assert "through numbers, at 95% power" in figure.meaning


@pytest.mark.parametrize("channels", [0, 1])
def test_a_calibration_that_never_detects_says_so(results_of, calibration, channels: int) -> None:
    calibration["detectable"] = calibration["detectable"][:channels]
    figure = detectable(results_of("no_shift_found", calibration=calibration))
    assert figure.value == "none"


def test_a_channels_name_is_made_visible(results_of, calibration) -> None:
    calibration["detectable"][2]["channel"] = "num\x1bbers"
    figure = detectable(results_of("no_shift_found", calibration=calibration))
    assert r"num\x1bbers" in figure.meaning


@pytest.mark.parametrize("status", [Status.SHIFT_FOUND, Status.NO_VERDICT])
def test_what_could_have_been_seen_belongs_to_no_shift_found(
    results_of, calibration, status: Status
) -> None:
    results = results_of(status.value, calibration=calibration)
    worst = [view_trait(entry, status) for entry in results["findings"]]
    names = [figure.name for figure in key_figures(results, status, worst)]
    assert "Detectable share" not in names


def test_a_shift_that_was_not_measured_is_not_called_drift(results_of, unmeasured_entry) -> None:
    results = results_of("no_shift_found")
    results["traits"].append(unmeasured_entry("style.a", Unmeasured.NO_VARIATION, shift=5.0))
    figures = {figure.name: figure for figure in key_figures(results, Status.NO_SHIFT_FOUND, [])}
    assert "style.a" not in figures["Largest shift"].meaning


def test_no_verdict_counts_what_is_missing(results_of) -> None:
    _, missing = key_figures(results_of("no_verdict"), Status.NO_VERDICT, [])
    assert missing.value == "104 of 104"
    assert Unmeasured.TOO_FEW_SEEDS.value in missing.meaning


def test_no_verdict_with_everything_measured(results_of) -> None:
    results = results_of("no_shift_found")
    _, missing = key_figures(results, Status.NO_VERDICT, [])
    assert (missing.value, missing.meaning) == ("0 of 104", "every trait was measured")
