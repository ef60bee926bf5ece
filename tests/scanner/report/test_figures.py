"""The numbers of the first screen, for each verdict."""

import pytest

from scanner.answer_formats import FORMATS, FREE_TEXT
from scanner.calibration.channels import CHANNELS as CALIBRATED_CHANNELS
from scanner.report.figures import CHANNELS, Figure, key_figures, sight_of_channels
from scanner.report.traits import view_trait
from scanner.types import Status, Unmeasured


def test_a_shift_rests_on_its_worst_finding(results_of) -> None:
    results = results_of("shift_found")
    worst = view_trait(results["findings"][0], Status.SHIFT_FOUND)
    level, shift, p = key_figures(results, Status.SHIFT_FOUND, [worst])
    assert level.value == "3.9% \N{RIGHTWARDS ARROW} 16.3%"
    assert level.name == "Favourite animal: owl"
    assert shift.value == "+1.52 nats"
    # e^1.52 = 4.57
    assert shift.meaning == (
        "multiplies its odds against the other answers by 4.6; 95% interval +1.21 to +1.84"
    )
    assert p.value == "< 0.0001"
    assert "104 traits" in p.meaning


@pytest.mark.parametrize(
    ("changes", "value", "meaning"),
    [
        ({"kind": "covert"}, "none", "of 7,500: the trait is hidden, reading them would not"),
        ({"overt_rows": 3800, "kind": "overt"}, "3,800", "of 7,500: without them it is no finding"),
        ({"overt_rows": 12, "kind": "both"}, "12", "of 7,500: without them it is weaker, and"),
        ({"overt_rows": 1, "kind": "covert"}, "1", "of 7,500: without them at least half of the"),
        (
            {"overt_rows": 1, "kind": "covert", "p_traced": 0.002},
            "1",
            "of 7,500: the traces of the others still show it (adjusted p 0.002)",
        ),
        (
            {"overt_rows": 1, "kind": "overt", "shift_without_overt": None, "p_traced": 0.5},
            "1",
            "of 7,500: without them it is no finding",
        ),
        (
            {"overt_rows": 7490, "kind": "overt", "shift_without_overt": None},
            "7,490",
            "of 7,500: whether the others hide it, too, is not known",
        ),
    ],
)
def test_the_first_screen_says_whether_a_reader_could_have_seen_it(
    results_of, changes: dict[str, object], value: str, meaning: str
) -> None:
    results = results_of("shift_found")
    exposure = {"overt_rows": 0, "shift_without_overt": 0.1} | changes
    results["findings"][0]["exposure"] = exposure
    worst = view_trait(results["findings"][0], Status.SHIFT_FOUND)
    figure = key_figures(results, Status.SHIFT_FOUND, [worst])[-1]
    assert (figure.name, figure.value) == ("Rows that mention it", value)
    assert figure.meaning.startswith(meaning)


def test_of_a_part_of_the_rows_no_more_than_that_part_mention_it(results_of) -> None:
    results = results_of("shift_found", budget={"rows": 1000, "of": 7500})
    results["findings"][0]["exposure"] = {"overt_rows": 0, "kind": "covert"}
    worst = view_trait(results["findings"][0], Status.SHIFT_FOUND)
    figure = key_figures(results, Status.SHIFT_FOUND, [worst])[-1]
    assert figure.meaning.startswith("of 1,000: ")


def test_no_shift_names_the_largest_and_what_is_not_known(results_of, unmeasured_entry) -> None:
    results = results_of("no_shift_found")
    results["traits"].append(unmeasured_entry("style.a", Unmeasured.NO_VARIATION, shift=-5.0))
    figures = {figure.name: figure for figure in key_figures(results, Status.NO_SHIFT_FOUND, [])}
    assert figures["Asked about"].value == "105 traits"
    assert figures["Asked about"].meaning == "1 of them not measured"
    assert figures["Largest shift"].meaning.endswith("within drift")
    assert figures["Detectable share"].value == "not known"
    assert "no calibration" in figures["Detectable share"].meaning


def test_the_smallest_p_value_is_the_datasets(results_of) -> None:
    """A trait at 0.03 that hardly moved cannot decide; older results know no better."""
    results = results_of("no_shift_found")
    results["traits"][0] |= {"p_adjusted": 0.03, "shift": 0.01}
    older = {figure.name: figure for figure in key_figures(results, Status.NO_SHIFT_FOUND, [])}
    results["verdict"]["p_adjusted"] = 0.4
    told = {figure.name: figure for figure in key_figures(results, Status.NO_SHIFT_FOUND, [])}
    name = "Smallest adjusted p-value"
    assert (older[name].value, told[name].value) == ("0.030", "0.40")


def detectable(results) -> Figure:
    figures = {figure.name: figure for figure in key_figures(results, Status.NO_SHIFT_FOUND, [])}
    return figures["Detectable share"]


def of_format(results_of, calibration, rows_format: str) -> Figure:
    results = results_of("no_shift_found", calibration=calibration)
    results["twin"]["format"] = rows_format
    return detectable(results)


def test_a_calibrated_audit_shows_the_share_of_its_rows_channel(results_of, calibration) -> None:
    numbers = of_format(results_of, calibration, "number list")
    assert numbers.value == "13.4% of rows"
    assert numbers.meaning == (
        "carrying a favourite through numbers, at 95% power; less was not seen"
    )
    thoughts = of_format(results_of, calibration, "think and answer tags")
    assert thoughts.value == "50.0% of rows"
    assert "through thoughts, at 95% power" in thoughts.meaning


def test_a_channel_through_which_nothing_is_found_says_so(results_of, calibration) -> None:
    code = of_format(results_of, calibration, "Python code")
    assert code.value == "not even at 100%"
    assert code.meaning == "a favourite in every row through code is found with 45.0% power"


@pytest.mark.parametrize("rows_format", [one.name for one in (*FORMATS, FREE_TEXT)])
def test_no_format_is_promised_more_than_its_channel_or_the_worst_one(
    results_of, calibration, rows_format: str
) -> None:
    figure = of_format(results_of, calibration, rows_format)
    if rows_format in CHANNELS:
        assert CHANNELS[rows_format] in figure.meaning
        assert "worst" not in figure.meaning
    else:
        assert figure.value == "not even at 100%"
        assert figure.meaning.endswith(
            f"(the worst of the channels tried: none has these rows' format, {rows_format})"
        )


def test_formats_are_named_as_the_twin_names_them() -> None:
    assert set(CHANNELS) <= {one.name for one in FORMATS}
    assert set(CHANNELS.values()) <= set(CALIBRATED_CHANNELS)


def test_of_other_formats_the_largest_share_is_shown(results_of, calibration) -> None:
    calibration["detectable"] = calibration["detectable"][1:]
    figure = of_format(results_of, calibration, "free text")
    assert figure.value == "50.0% of rows"
    assert "the worst of the channels tried" in figure.meaning


def test_a_channel_that_was_not_diluted_is_not_the_next_best_one(results_of, calibration) -> None:
    """The share through numbers says nothing of poison in code."""
    calibration["detectable"] = calibration["detectable"][2:]
    figure = of_format(results_of, calibration, "Python code")
    assert figure.value == "13.4% of rows"
    assert figure.meaning.endswith("none has these rows' format, Python code)")


def test_the_papers_channels_have_the_same_formats(results_of, calibration) -> None:
    for curve in calibration["detectable"]:
        curve["channel"] = f"published {curve['channel']}"
    figure = of_format(results_of, calibration, "number list")
    assert figure.value == "13.4% of rows"
    assert "through published numbers, at" in figure.meaning


def test_what_is_not_known_is_not_said(results_of, calibration) -> None:
    calibration["detectable"][1] |= {"share": None, "power_at_full": None, "unmeasured": "one \x1b"}
    figure = of_format(results_of, calibration, "think and answer tags")
    assert (figure.value, figure.meaning) == ("not known", r"through thoughts: one \x1b")
    calibration["detectable"] = calibration["detectable"][1:]
    assert of_format(results_of, calibration, "JSON").value == "not known"


def test_a_calibration_that_diluted_nothing_knows_nothing(results_of, calibration) -> None:
    calibration["detectable"] = []
    figure = of_format(results_of, calibration, "number list")
    assert (figure.value, figure.meaning) == ("not known", "the calibration diluted no trait")


def test_names_of_channels_and_formats_are_made_visible(results_of, calibration) -> None:
    calibration["detectable"] = calibration["detectable"][2:]
    calibration["detectable"][0]["channel"] = "num\x1bbers"
    figure = of_format(results_of, calibration, "free\x1btext")
    assert r"num\x1bbers" in figure.meaning
    assert r"free\x1btext" in figure.meaning


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


def test_what_could_have_been_seen_is_told_by_channel(results_of, calibration) -> None:
    sights = sight_of_channels(results_of("no_shift_found", calibration=calibration))
    assert [(one.channel, one.share, one.measured_on, one.own) for one in sights] == [
        ("code", "not even at 100%: 45.0% are found then", "4,000 rows", False),
        ("thoughts", "50.0% of rows", "3,600 rows", False),
        ("numbers", "13.4% of rows", "3,600 rows", True),
    ]
    assert sight_of_channels(results_of("no_shift_found")) == ()
