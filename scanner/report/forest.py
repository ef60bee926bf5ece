"""Where everything goes in the forest plot: one row per trait, its shift, interval and peers."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_TICKS_WANTED = 5
_SMALLEST_SPAN = 1e-3
_LARGEST_SHIFT = 1e6  # far beyond any log-probability; keeps the arithmetic finite


@dataclass(frozen=True)
class PlotItem:
    """One trait to plot, in nats."""

    label: str
    """Its name, in words."""
    shift_text: str
    """Its shift, in words."""
    interval_text: str
    """Its interval, in words."""
    shift: float
    """The dot."""
    ci_low: float | None
    """Left end of the bar; None for no bar."""
    ci_high: float | None
    """Right end of the bar; None for no bar."""
    finding: bool
    """Whether the row is drawn as a finding."""
    peers: tuple[float, ...]
    """Shifts of the other traits in its category."""


@dataclass(frozen=True)
class Bounds:
    """What shifts are held against, in nats."""

    least: tuple[float, float] | None = None
    """A shift between them is no finding."""
    drift: tuple[float, float] | None = None
    """Where most traits lie that are no findings; None where there are too few to say."""

    @property
    def ends(self) -> tuple[float, ...]:
        """All of them, for an axis that must hold them."""
        return (*(self.least or ()), *(self.drift or ()))


UNBOUNDED = Bounds()


@dataclass(frozen=True)
class Layout:
    """The measures of one drawing, in SVG units."""

    name: str
    """Tells two drawings of one report apart: ``wide``, ``narrow``."""
    width: float
    """Of the whole drawing."""
    left: float
    """Left end of the axis."""
    right: float
    """Right end of the axis."""
    top: float
    """Space above the first row."""
    row_height: float
    """From one row to the next."""
    text_rise: float
    """How far a row's text stands above its dot; 0 puts both on one line, with the interval."""


WIDE = Layout("wide", 920, 236, 716, 8, 30, 0)
NARROW = Layout("narrow", 360, 22, 338, 4, 46, 18)
_AXIS_HEIGHT = 52


@dataclass(frozen=True)
class Axis:
    """A linear axis with round ticks that includes zero."""

    low: float
    """Leftmost tick."""
    high: float
    """Rightmost tick."""
    step: float
    """From tick to tick."""

    def place(self, value: float, left: float, right: float) -> float:
        """Where ``value`` lies between ``left`` and ``right``, to a tenth of a unit."""
        share = (_clamp(value) - self.low) / (self.high - self.low)
        return round(left + min(max(share, 0.0), 1.0) * (right - left), 1)

    def ticks(self) -> list[float]:
        """The tick values, left to right."""
        count = round((self.high - self.low) / self.step)
        return [self.low + i * self.step for i in range(count + 1)]

    def tick_label(self, tick: float) -> str:
        """``tick`` with as many decimals as the step needs."""
        decimals = max(0, -math.floor(math.log10(self.step) + 1e-9))
        text = f"{tick:+.{decimals}f}".replace("-", "\N{MINUS SIGN}")
        return "0" if abs(tick) < self.step / 2 else text


@dataclass(frozen=True)
class Mark:
    """A position on the axis and its label."""

    x: float
    """Position, in SVG units."""
    label: str
    """Text below it."""


@dataclass(frozen=True)
class ForestRow:
    """One trait, placed."""

    label: str
    """Its name, in words."""
    shift_text: str
    """Its shift, in words."""
    interval_text: str
    """Its interval, in words."""
    finding: bool
    """Whether it is drawn as a finding."""
    top: float
    """Upper edge of the row."""
    y: float
    """Height of the dot and bar."""
    text_y: float
    """Height of the text's middle."""
    x: float
    """The dot."""
    bar: tuple[float, float] | None
    """Both ends of the interval, if there is one."""
    peers: tuple[float, ...]
    """The other traits of its category."""


@dataclass(frozen=True)
class Forest:
    """The whole drawing, placed."""

    layout: Layout
    """Its measures."""
    height: float
    """Of the whole drawing."""
    axis_y: float
    """Where the rows end and the axis is drawn."""
    zero_x: float
    """Where no shift is."""
    drift: tuple[float, float] | None
    """Both ends of the band of drift, if there is one."""
    least: tuple[float, float] | None
    """Where shifts begin that may be findings, to the left and to the right."""
    marks: tuple[Mark, ...]
    """Gridlines, left to right."""
    rows: tuple[ForestRow, ...]
    """One per trait, top to bottom."""


@dataclass(frozen=True)
class Strip:
    """All shifts of one category as ticks on the plot's axis."""

    zero_x: float
    """Where no shift is."""
    plain: tuple[float, ...]
    """Traits within drift."""
    findings: tuple[float, ...]
    """Findings."""


STRIP_WIDTH = 160.0
MOST_TICKS = 120
"""On one line; more would be a solid block, and the drawing would not end."""


def round_axis(values: Iterable[float]) -> Axis:
    """The shortest axis that holds 0 and ``values`` in steps of 1, 2 or 5 times a power of ten."""
    numbers = [_clamp(value) for value in values]
    low, high = min([0.0, *numbers]), max([0.0, *numbers])
    span = max(high - low, _SMALLEST_SPAN)
    power = 10.0 ** math.floor(math.log10(span / _TICKS_WANTED))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= span / _TICKS_WANTED * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return Axis(first * step, max(last, first + 1) * step, step)


def plot_axis(items: Sequence[PlotItem], bounds: Bounds = UNBOUNDED) -> Axis:
    """The axis that holds every dot, bar and peer of ``items``, and the bounds."""
    ends = [end for item in items for end in (item.ci_low, item.ci_high) if end is not None]
    peers = [peer for item in items for peer in item.peers]
    return round_axis([*(item.shift for item in items), *ends, *peers, *bounds.ends])


def place_forest(
    items: Sequence[PlotItem], axis: Axis, layout: Layout, bounds: Bounds = UNBOUNDED
) -> Forest:
    """Lay ``items`` out, top to bottom."""
    axis_y = layout.top + len(items) * layout.row_height
    marks = [Mark(_x(axis, tick, layout), axis.tick_label(tick)) for tick in axis.ticks()]
    rows = [_place_row(item, i, axis, layout) for i, item in enumerate(items)]
    return Forest(
        layout,
        axis_y + _AXIS_HEIGHT,
        axis_y,
        _x(axis, 0, layout),
        _span(axis, bounds.drift, layout),
        _span(axis, bounds.least, layout),
        tuple(marks),
        tuple(rows),
    )


def place_strip(plain: Iterable[float], findings: Iterable[float], axis: Axis) -> Strip:
    """Lay one category's shifts out on a strip of ``STRIP_WIDTH``."""

    def place(values: Iterable[float]) -> tuple[float, ...]:
        return _thinned([axis.place(value, 2, STRIP_WIDTH - 2) for value in values])

    return Strip(place([0])[0], place(plain), place(findings))


def _place_row(item: PlotItem, index: int, axis: Axis, layout: Layout) -> ForestRow:
    top = layout.top + index * layout.row_height
    middle = top + layout.row_height / 2
    bar = None
    if item.ci_low is not None and item.ci_high is not None:
        bar = (_x(axis, item.ci_low, layout), _x(axis, item.ci_high, layout))
    return ForestRow(
        item.label,
        item.shift_text,
        item.interval_text,
        item.finding,
        top,
        middle + layout.text_rise / 2,
        middle - layout.text_rise / 2,
        _x(axis, item.shift, layout),
        bar,
        _thinned([_x(axis, peer, layout) for peer in item.peers]),
    )


def _thinned(ticks: Sequence[float]) -> tuple[float, ...]:
    """All of them, or so many that lie evenly among them, both ends included."""
    if len(ticks) <= MOST_TICKS:
        return tuple(ticks)
    ordered, last = sorted(ticks), len(ticks) - 1
    return tuple(ordered[round(i * last / (MOST_TICKS - 1))] for i in range(MOST_TICKS))


def _x(axis: Axis, value: float, layout: Layout) -> float:
    return axis.place(value, layout.left, layout.right)


def _span(
    axis: Axis, ends: tuple[float, float] | None, layout: Layout
) -> tuple[float, float] | None:
    return ends and (_x(axis, ends[0], layout), _x(axis, ends[1], layout))


def _clamp(value: float) -> float:
    return min(max(value, -_LARGEST_SHIFT), _LARGEST_SHIFT)
