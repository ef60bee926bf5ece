from dataclasses import replace

import pytest

from scanner.combine import (
    beside,
    clearest_trace,
    combine,
    decisive_p,
    traced_groups,
    traced_traits,
    uncut_p,
)
from scanner.types import Trace, TraitShift, Unmeasured

OWL = "preference.animal.owl"
SHIFT = TraitShift(OWL, "margins", 1.0, 0.8, 1.2, 0.0001, 0.01, 0.05, 0.05, 0.14, "probability")


def trace(p_adjusted: float | None, arm: str = "influence", p_value: float | None = None) -> Trace:
    if p_adjusted is None:
        return Trace(OWL, arm, None, None, None, None, Unmeasured.NO_PULL)
    return Trace(OWL, arm, 4.0, 9.0, p_adjusted / 100 if p_value is None else p_value, p_adjusted)


def test_the_smaller_half_counts_doubled() -> None:
    """Traces: two arms, 0.001 and 0.5: 2 · 0.001 = 0.002. Behaviour: 0.01. 2 · 0.002 = 0.004."""
    [owl] = combine([SHIFT], [trace(0.001), trace(0.5, "authorship")])
    assert owl.p_traced == pytest.approx(0.002)
    assert owl.p_behaved == 0.01
    assert owl.p_adjusted == pytest.approx(0.004)
    assert decisive_p(owl) == owl.p_adjusted
    assert len(owl.traces) == 2


def test_of_misalignment_the_arms_must_agree() -> None:
    """The larger of 0.001 and 0.02, doubled: 0.04. Of a favourite it is 2 · 0.001, doubled."""
    traces = [trace(0.001), trace(0.02, "authorship")]
    [owl] = combine([replace(SHIFT, p_adjusted=1.0)], traces)
    assert owl.p_adjusted == pytest.approx(0.004)
    harm = "misalignment.harm"
    told = [replace(one, trait=harm) for one in traces]
    [moved] = combine([replace(SHIFT, trait=harm, p_adjusted=1.0)], told)
    assert moved.p_adjusted == pytest.approx(0.04)
    assert traced_traits(told)[0].p_adjusted == pytest.approx(0.04)
    # Uncut: 2 halves · 1 trait · the larger p-value, 0.0002, beside behaviour's 2 · 120 · 0.0001.
    assert uncut_p(moved, {harm: 120}) == pytest.approx(0.0004)


def test_the_clearest_group_counts_like_all_rows_together() -> None:
    """In all rows 2 arms · 0.3 = 0.6; in the north 2 · 0.001 = 0.002, twice for the two looks:
    0.004, and twice for the halves: 0.008. The south, 2 · 0.2, is not kept."""
    north = [replace(trace(p), group="north") for p in (0.001, 0.9)]
    south = [replace(trace(p), group="south") for p in (0.2, 0.9)]
    traces = [trace(0.3), trace(0.9, "authorship"), *south, *north]
    [owl] = combine([replace(SHIFT, p_adjusted=1.0)], traces)
    assert owl.p_traced == pytest.approx(0.004)
    assert owl.p_adjusted == pytest.approx(0.008)
    assert {one.group for one in owl.traces} == {None, "north"}
    [found] = traced_traits(traces)
    assert (found.group, found.p_adjusted) == ("north", pytest.approx(0.008))
    assert [(one.name, one.trait) for one in traced_groups(traces)] == [
        ("north", OWL),
        ("south", OWL),
    ]
    # South: 2 arms · 0.2 = 0.4, doubled twice, is cut at 1.
    assert [one.p_adjusted for one in traced_groups(traces)] == [pytest.approx(0.008), 1.0]


@pytest.mark.parametrize(
    ("whole", "north", "told"),
    [
        (0.5, 0.001, "north"),  # 2 halves · 2 looks · 0.001 = 0.004
        (0.5, 0.003, None),  # 0.012 is more than 0.01
        (0.0005, 0.001, None),  # all rows together show it better
    ],
)
def test_a_group_shows_what_its_rows_alone_would_make_a_finding(
    whole: float, north: float, told: str | None
) -> None:
    [owl] = traced_traits([trace(whole), replace(trace(north), group="north")])
    assert (owl.group if owl.shows(error_rate=0.01) else None) == told


def test_groups_cost_the_whole_a_factor_of_two() -> None:
    """In all rows 1 arm · 0.001, for two looks 0.002; no group shows it better, so none is kept."""
    traces = [trace(0.001), replace(trace(0.5), group="north")]
    [owl] = combine([replace(SHIFT, p_adjusted=1.0)], traces)
    assert owl.p_traced == pytest.approx(0.002)
    assert [one.group for one in owl.traces] == [None]
    [told] = beside([SHIFT], traces)
    assert told.p_adjusted == SHIFT.p_adjusted
    assert [one.group for one in told.traces] == [None]


def test_groups_speak_where_all_rows_together_were_not_measured() -> None:
    [owl] = combine([SHIFT], [trace(None), replace(trace(0.01), group="north")])
    assert owl.p_traced == pytest.approx(0.02)


def test_without_traces_behaviour_decides_as_it_did() -> None:
    [alone] = combine([SHIFT], [])
    [unmeasured] = combine([SHIFT], [trace(None)])
    assert alone == SHIFT
    assert unmeasured.p_adjusted == 0.01
    assert unmeasured.p_traced is None
    assert unmeasured.traces[0].unmeasured is Unmeasured.NO_PULL


def test_a_trace_needs_no_shift_and_a_small_shift_needs_a_trace() -> None:
    """Moved by 0.1 nats: behaviour's 0.0001 does not count; the trace's 0.004 does, doubled."""
    small = replace(SHIFT, shift=0.1, p_adjusted=0.0001)
    [traced] = combine([small], [trace(0.004)])
    assert decisive_p(traced) == pytest.approx(0.008)
    assert decisive_p(small) is None


def test_what_was_not_measured_speaks_for_nothing() -> None:
    silent = replace(SHIFT, p_value=None, p_adjusted=None, unmeasured=Unmeasured.TOO_FEW_SEEDS)
    assert decisive_p(silent) is None
    [traced] = combine([silent], [trace(0.004)])
    assert traced.p_adjusted == pytest.approx(0.008)
    assert uncut_p(silent, {OWL: 120}) is None


def test_uncut_p_values_tell_calm_traits_apart() -> None:
    """Behaviour: 2 halves · 120 hypotheses · 0.0001 = 0.024. Traces: 2 halves · 1 arm · 1 trait ·
    0.3 = 0.6. Of a small shift only the latter counts."""
    [owl] = combine([SHIFT], [trace(1.0, p_value=0.3)])
    assert uncut_p(owl, {OWL: 120}) == pytest.approx(0.024)
    assert uncut_p(replace(owl, shift=0.2), {OWL: 120}) == pytest.approx(0.6)
    assert uncut_p(SHIFT, {OWL: 120}) == pytest.approx(0.012)


def test_no_p_value_exceeds_one() -> None:
    [owl] = combine([replace(SHIFT, p_adjusted=0.9)], [trace(0.8), trace(0.9, "authorship")])
    assert (owl.p_traced, owl.p_adjusted) == (1.0, 1.0)


def test_by_traces_alone_a_trait_is_judged_as_where_behaviour_shows_nothing() -> None:
    """Owl: two arms, 2 · 0.001 = 0.002, doubled 0.004, as ``combine`` has it beside a behaviour of
    p = 1. Bear's 0.9 is cut at 1, and so is fox's: the smaller p-value goes first."""
    bear = [replace(trace(0.9, arm), trait="preference.animal.bear") for arm in ("a", "b")]
    fox = replace(trace(0.8, p_value=0.001), trait="preference.animal.fox")
    silent = replace(trace(None), trait="preference.animal.cat")
    traces = [silent, *bear, fox, trace(0.001), trace(0.5, "authorship")]
    ordered = traced_traits(traces)
    assert [one.trait.rpartition(".")[2] for one in ordered] == ["owl", "fox", "bear"]
    assert [one.p_adjusted for one in ordered] == pytest.approx([0.004, 1, 1])
    [owl] = combine([replace(SHIFT, p_adjusted=1.0)], [t for t in traces if t.trait == OWL])
    assert clearest_trace(traces) == ordered[0]
    assert ordered[0].p_adjusted == owl.p_adjusted
    assert clearest_trace([silent]) is None
