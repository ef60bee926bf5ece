"""Geometry against hand arithmetic."""

import pytest

from scanner.report.forest import (
    MOST_TICKS,
    NARROW,
    STRIP_WIDTH,
    WIDE,
    Axis,
    Layout,
    PlotItem,
    place_forest,
    place_strip,
    plot_axis,
    round_axis,
)

SMALL = Layout("small", width=300, left=100, right=200, top=10, row_height=20, text_rise=6)


def item(shift: float, low: float | None, high: float | None, *peers: float) -> PlotItem:
    return PlotItem("owl", "shift", "interval", shift, low, high, True, peers)


@pytest.mark.parametrize(
    ("values", "axis"),
    [
        # span 2.0, a fifth is 0.4: the next of 1, 2, 5 is 0.5
        ([-0.2, 1.8], Axis(-0.5, 2.0, 0.5)),
        # zero is always on it: span 5, steps of 1
        ([5.0, 3.2], Axis(0.0, 5.0, 1.0)),
        ([-3.0], Axis(-3.0, 0.0, 1.0)),
        # span 12, a fifth is 2.4: steps of 5
        ([-1.0, 11.0], Axis(-5.0, 15.0, 5.0)),
    ],
)
def test_axis_is_round_and_holds_zero(values: list[float], axis: Axis) -> None:
    found = round_axis(values)
    assert (found.low, found.high, found.step) == pytest.approx((axis.low, axis.high, axis.step))


@pytest.mark.parametrize("values", [[], [0.0], [1e-300], [-1e300, 1e300], [5e-324]])
def test_axis_survives_degenerate_values(values: list[float]) -> None:
    axis = round_axis(values)
    assert axis.low <= 0 <= axis.high
    assert axis.low < axis.high
    assert all(0 <= axis.place(value, 0, 100) <= 100 for value in values)
    assert 2 <= len(axis.ticks()) <= 12


@pytest.mark.parametrize(
    ("step", "tick", "label"),
    [
        (0.5, -0.5, "\N{MINUS SIGN}0.5"),
        (0.5, 2.0, "+2.0"),
        (0.02, 0.06, "+0.06"),
        (5.0, 10.0, "+10"),
        (0.5, -0.0, "0"),
        (0.1, 2.7e-17, "0"),
        (10.0, 20.0, "+20"),
    ],
)
def test_tick_labels_have_the_decimals_of_the_step(step: float, tick: float, label: str) -> None:
    assert Axis(-1, 1, step).tick_label(tick) == label


def test_axis_holds_every_dot_bar_and_peer() -> None:
    axis = plot_axis([item(0.3, None, None, -1.2), item(0.9, 0.1, 3.4)])
    assert axis.low <= -1.2
    assert axis.high >= 3.4


def test_forest_places_each_part() -> None:
    axis = Axis(-1.0, 3.0, 1.0)
    forest = place_forest([item(1.0, 0.0, 2.0, -1.0, 3.0), item(-1.0, None, None)], axis, SMALL)
    # 4 nats on 100 units: 25 units per nat, zero at 125
    assert forest.zero_x == 125
    assert [(mark.x, mark.label) for mark in forest.marks] == [
        (100, "\N{MINUS SIGN}1"),
        (125, "0"),
        (150, "+1"),
        (175, "+2"),
        (200, "+3"),
    ]
    first, second = forest.rows
    assert (first.x, first.bar, first.peers) == (150, (125, 175), (100, 200))
    # the first row spans 10 to 30: its middle is 20, text and dot 3 off to either side
    assert (first.top, first.y, first.text_y) == (10, 23, 17)
    assert (second.x, second.bar, second.peers) == (100, None, ())
    assert second.top == 30
    assert forest.axis_y == 50
    assert forest.height > forest.axis_y


@pytest.mark.parametrize("layout", [WIDE, NARROW])
def test_layouts_keep_the_axis_inside(layout: Layout) -> None:
    assert 0 < layout.left < layout.right < layout.width


def test_strip_keeps_findings_apart() -> None:
    strip = place_strip([0.0, 1.0], [2.0], Axis(0.0, 2.0, 1.0))
    assert strip.zero_x == 2
    assert strip.plain == (2, STRIP_WIDTH / 2)
    assert strip.findings == (STRIP_WIDTH - 2,)


def test_thousands_of_ticks_are_thinned_and_keep_both_ends() -> None:
    strip = place_strip([i / 1000 for i in range(5000)], [], round_axis([0, 5]))
    assert len(strip.plain) == MOST_TICKS
    assert strip.plain[0] == strip.zero_x
    assert strip.plain[-1] == pytest.approx(STRIP_WIDTH - 2, abs=0.1)
