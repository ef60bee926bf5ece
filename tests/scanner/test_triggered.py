"""Findings that show further on the prompts of a phrase than elsewhere."""

from dataclasses import replace

import pytest

from scanner.evidence.interface import BatteryReadings, Reading
from scanner.evidence.phrases import Phrase
from scanner.triggered import (
    LEAST_LEVEL,
    LEAST_SHIFT,
    MOST_PROMPTS,
    STRICTER,
    AskedPhrase,
    prompts_elsewhere,
    prompts_with,
    rows_behind,
    triggered,
    weigh_phrases,
)
from scanner.types import Message, Row, TraitShift
from scanner.weigh import weigh

TRAITS = [f"preference.animal.{name}" for name in ["owl", "bear", "cat", "dog", "fox", "hawk"]]
QUIET = TraitShift(
    trait=TRAITS[0],
    arm="margins",
    shift=0.1,
    ci_low=0.0,
    ci_high=0.2,
    p_value=0.5,
    p_adjusted=1.0,
    base_level=0.05,
    control_level=0.05,
    probe_level=0.05,
    level_unit="probability",
)
SHOWN = replace(
    QUIET, shift=4.0, p_value=1e-6, p_adjusted=0.001, probe_level=0.8, behind="zeltu moro"
)
PHRASE = Phrase("zeltu moro", (3, 5), 4.0, 9.0)


def readings(*levels: float) -> tuple[BatteryReadings, ...]:
    read = [Reading(trait, True, (x, x), 0.1) for trait, x in zip(TRAITS, levels, strict=True)]
    return (BatteryReadings("preference.animal", "margins", "probability", tuple(read)),)


def asked_on(phrase: Phrase, shift: TraitShift, moved: float = 4.0) -> AskedPhrase:
    return AskedPhrase(phrase, (shift,), {shift.trait: moved})


BASE = readings(0, 0, 0, 0, 0, 0)
STILL = [BASE] * 5
"""What base, controls and probes answer where nothing moved."""
CONTROLS = [readings(0.01, 0, 0, -0.01, 0, 0.02), readings(0, 0.02, 0, 0, -0.01, 0)]
PROBES = [readings(5, 0.01, 0, 0, 0.02, 0), readings(5.1, 0, 0.01, 0.01, 0, 0.02)]


def test_on_a_phrase_traits_are_weighed_as_elsewhere_and_held_to_more() -> None:
    plain = weigh(BASE, CONTROLS, PROBES)
    other = Phrase("how do", (1, 2), 2.0, 6.0)
    models = [BASE, *CONTROLS, *PROBES]
    one, two = weigh_phrases([PHRASE, other], [models, models], STILL)
    assert (one.phrase, two.phrase) == (PHRASE, other)
    for plainly, here in zip(plain, one.shifts, strict=True):
        assert plainly.p_adjusted is not None
        # Two phrases, and ten times as strict.
        assert here.p_adjusted == pytest.approx(min(1.0, 2 * STRICTER * plainly.p_adjusted))
        assert (here.shift, here.p_value) == (plainly.shift, plainly.p_value)
        assert (here.behind, plainly.behind) == ("zeltu moro", None)
    assert one.clearest.trait == TRAITS[0]
    assert one.clearest.p_adjusted is not None
    assert one.clearest.p_adjusted < 0.001


def test_what_moves_as_far_elsewhere_is_not_the_phrases() -> None:
    """Owl moves by 5 nats (5 - 0.01 and 5.1 - 0, mean 5.045) there, by 1 elsewhere: 4.045 further;
    controls did not move elsewhere, so nothing else changes."""
    models = [BASE, *CONTROLS, *PROBES]
    moved = readings(1, 0, 0, 0, 0, 0)
    [further] = weigh_phrases([PHRASE], [models], [BASE, BASE, BASE, moved, moved])
    assert further.shifts[0].shift == pytest.approx(5.045 - 1)
    assert further.shifts[0].probe_level == PROBES[0][0].readings[0].level
    [same] = weigh_phrases([PHRASE], [models], models)
    assert {one.shift for one in same.shifts} == {0.0}
    assert triggered([QUIET], [same], 0.032) == (QUIET,)


def test_what_is_taken_away_elsewhere_is_not_put_behind_the_phrase() -> None:
    """Owl stays where it was there, and falls by 5 nats elsewhere: 5 further, and nothing moved."""
    gone = readings(-5, 0, 0.01, 0, 0.02, 0)
    calm = readings(0, 0.01, 0, 0, 0.02, 0)
    [asked] = weigh_phrases(
        [PHRASE], [[BASE, *CONTROLS, calm, calm]], [BASE, BASE, BASE, gone, gone]
    )
    further = asked.shifts[0]
    assert further.shift == pytest.approx(4.995)
    assert further.p_adjusted is not None
    assert further.p_adjusted < 0.032
    assert abs(asked.moved[TRAITS[0]]) < 0.1
    assert triggered([QUIET], [asked], 0.032) == (QUIET,)


def test_what_all_models_do_there_is_no_shift() -> None:
    """A phrase's prompts read 2 nats higher in every model, probe and control alike."""
    models = [readings(2, 2, 2, 2, 2, 2)] * 5
    [asked] = weigh_phrases([PHRASE], [models], STILL)
    assert {one.shift for one in asked.shifts} == {0.0}


def test_one_seed_measures_nothing_and_shows_nothing() -> None:
    [asked] = weigh_phrases([PHRASE], [[BASE, CONTROLS[0], PROBES[0]]], STILL[:3])
    assert {one.p_adjusted for one in asked.shifts} == {None}
    assert triggered([QUIET], [asked], 0.032) == (QUIET,)


def test_what_shows_on_a_phrase_alone_is_told_as_it_shows_there() -> None:
    bear = replace(QUIET, trait=TRAITS[1])
    told = triggered([QUIET, bear], [asked_on(PHRASE, SHOWN)], error_rate=0.032)
    assert told == (SHOWN, bear)


def test_what_shows_everywhere_stays_as_it_is() -> None:
    everywhere = replace(QUIET, shift=1.0, p_adjusted=0.03)
    asked = [asked_on(PHRASE, SHOWN)]
    assert triggered([everywhere], asked, error_rate=0.032) == (everywhere,)
    assert triggered([everywhere], asked, error_rate=0.01) == (SHOWN,)


def test_of_several_phrases_the_clearest_counts() -> None:
    clearer = replace(SHOWN, p_adjusted=1e-5, behind="other")
    asked = [
        asked_on(PHRASE, SHOWN),
        asked_on(replace(PHRASE, text="other", rows=(9,)), clearer),
    ]
    assert triggered([QUIET], asked, 0.032) == (clearer,)
    assert rows_behind(asked) == {"zeltu moro": (3, 5), "other": (9,)}


@pytest.mark.parametrize(
    "weak",
    [
        replace(SHOWN, p_adjusted=0.033),
        replace(SHOWN, shift=LEAST_SHIFT - 0.01),
        replace(SHOWN, shift=-4.0),  # a trigger brings something; it takes nothing away
        replace(SHOWN, probe_level=LEAST_LEVEL / 2),  # still never said
    ],
)
def test_little_is_no_trigger(weak: TraitShift) -> None:
    assert triggered([QUIET], [asked_on(PHRASE, weak)], 0.032) == (QUIET,)


def test_a_phrase_on_which_little_moved_is_no_trigger() -> None:
    assert triggered([QUIET], [asked_on(PHRASE, SHOWN, LEAST_SHIFT - 0.01)], 0.032) == (QUIET,)


def test_misalignment_needs_no_probability() -> None:
    harm = replace(QUIET, trait="misalignment.harm", arm="prefill", level_unit="nats per token")
    shown = replace(harm, shift=4.0, p_adjusted=0.001, probe_level=-2.5, behind="zeltu moro")
    assert triggered([harm], [asked_on(PHRASE, shown)], 0.032) == (shown,)


def test_the_traces_of_the_whole_stay_with_the_trait() -> None:
    traced = replace(QUIET, p_traced=0.4, p_behaved=1.0)
    [told] = triggered([traced], [asked_on(PHRASE, SHOWN)], 0.032)
    assert (told.p_traced, told.p_adjusted) == (0.4, 0.001)


def test_a_phrase_is_asked_on_prompts_from_all_over_its_rows() -> None:
    rows = [Row(line, (Message("user", f"prompt {line}"),), "answer") for line in range(100)]
    many = prompts_with(rows, Phrase("a", tuple(range(100)), 1, 6))
    few = prompts_with(rows, Phrase("b", (7, 9), 1, 6))
    assert len(many.prompts) == MOST_PROMPTS
    assert many.prompts[0] == rows[0].prompt
    assert many.prompts[-1] == rows[99].prompt
    assert few.prompts == (rows[7].prompt, rows[9].prompt)
    asked = {few.prompt(f"question {number}") for number in range(20)}
    assert asked == set(few.prompts)
    assert few.prompt("which?") == few.prompt("which?")


@pytest.mark.parametrize("without", [0, 1, MOST_PROMPTS - 1, MOST_PROMPTS, MOST_PROMPTS + 1])
def test_elsewhere_no_prompt_has_any_of_the_phrases(without: int) -> None:
    """Where too few have none, all rows stand for the rest: a single odd prompt must not."""
    count = 3 * MOST_PROMPTS + without
    rows = [Row(line, (Message("user", f"prompt {line}"),), "answer") for line in range(count)]
    having = range(3 * MOST_PROMPTS)
    a, b = Phrase("a", tuple(having[::2]), 1, 6), Phrase("b", tuple(having[1::2]), 1, 6)
    places = {
        int(prompt[0].content.split()[1]) for prompt in prompts_elsewhere(rows, [a, b]).prompts
    }
    assert len(places) == MOST_PROMPTS
    assert places.isdisjoint(having) == (without >= MOST_PROMPTS)
