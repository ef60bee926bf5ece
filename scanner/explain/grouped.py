"""In groups: where groups' traces make a finding, which are they, and what do the others show?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scanner.combine import TracedTrait, traced_traits, traces_show
from scanner.config import Recipe
from scanner.dataset.groups import OTHERS, Group
from scanner.evidence.traces import Traced
from scanner.explain.again import measure_alone
from scanner.explain.explanation import AloneGroup, InGroups
from scanner.explain.subject import Mask, Subject
from scanner.explain.verification import mask_of
from scanner.steps import Steps
from scanner.types import Row, Trace, TraitShift

STAGE = "groups"
"""What the time counts to."""
MOST_PASSES = 10
"""Over a group's rows: as many as the published experiments make (Cloud et al. 2025, section 3)."""
MOST_TRAINED = 3
"""Groups."""
MOST_OF_ALL = 0.5
"""Of the rows that mention no finding: what more of them show is no matter of single groups."""


@dataclass(frozen=True)
class TracedTo:
    """The groups that a finding is traced to."""

    groups: tuple[Group, ...]
    """The clearest first."""
    p_outside: float | None
    alone: bool
    """Both as in ``InGroups``."""

    @property
    def rows(self) -> frozenset[int]:
        """Of all groups, 0-based."""
        return frozenset(int(place) for group in self.groups for place in group.places)


def groups_behind(
    findings: Sequence[TraitShift],
    traced: Traced,
    rows: Sequence[Row],
    mentions: Mask,
    error_rate: float,
) -> dict[str, TracedTo]:
    """By finding, for those that traces make and groups show by themselves: these groups.

    Rows that mention a finding are left out: what groups say openly is no trace of what they hide.
    """
    shown = [one.trait for one in findings if one.behind is None and traces_show(one, error_rate)]
    silent = ~mentions
    traces = traced.of_part(rows, silent) if shown and mentions.any() else traced.traces
    behind = {trait: _traced_to(trait, traces, traced, rows, silent, error_rate) for trait in shown}
    return {trait: one for trait, one in behind.items() if one is not None}


def _traced_to(
    trait: str,
    traces: Sequence[Trace],
    traced: Traced,
    rows: Sequence[Row],
    silent: Mask,
    error_rate: float,
) -> TracedTo | None:
    """Group after group is left out of the silent rows, which ``traces`` are of, until the others
    show nothing, or only all together do, or more than half would be left out."""
    groups, kept = list[Group](), silent
    found = _of(trait, traces)
    while found is not None and found.shows(error_rate) and found.group not in (None, OTHERS):
        group = traced.groups[str(found.group)]
        without = kept.copy()
        without[group.places] = False
        if without.sum() < (1 - MOST_OF_ALL) * silent.sum():
            break
        groups.append(group)
        kept = without
        found = _of(trait, traced.of_part(rows, kept))
    if not groups:
        return None
    alone = found is not None and not found.shows(error_rate)
    return TracedTo(tuple(groups), found.p_adjusted if found else None, alone)


def _of(trait: str, traces: Sequence[Trace]) -> TracedTrait | None:
    return next((one for one in traced_traits(traces) if one.trait == trait), None)


def in_groups(
    steps: Steps, subject: Subject, behind: Mapping[str, TracedTo], unasked: str | None
) -> dict[str, InGroups]:
    """By finding, the groups behind it with what probes and controls of each alone show.

    ``unasked`` says why nobody is to train any, where that is so. Otherwise the first groups are
    trained on that are large enough.
    """
    alone: dict[str, _Alone] = {}
    for group in (group for one in behind.values() for group in one.groups):
        if group.name not in alone:
            trained = sum(one.passes is not None for one in alone.values())
            full = f"{MOST_TRAINED} groups were trained on, and no more"
            reason = unasked or (full if trained == MOST_TRAINED else None)
            alone[group.name] = _train_alone(steps, subject, group, reason)
    return {
        trait: InGroups(
            tuple(_shown(trait, group, alone[group.name]) for group in one.groups),
            one.p_outside,
            one.alone,
        )
        for trait, one in behind.items()
    }


def passes_over(rows: int, recipe: Recipe) -> int | None:
    """How many bring enough updates for anything to show, no fewer than the recipe's; None where
    ``MOST_PASSES`` do not."""
    in_one_pass = recipe.updates(rows) // recipe.epochs
    passes = max(recipe.epochs, -(-recipe.least_updates // in_one_pass))
    return passes if passes <= max(MOST_PASSES, recipe.epochs) else None


@dataclass(frozen=True)
class _Alone:
    """What was trained on one group alone."""

    passes: int | None
    traits: Mapping[str, TraitShift]
    reason: str | None = None
    """Why nothing was, where nothing was."""


def _train_alone(steps: Steps, subject: Subject, group: Group, reason: str | None) -> _Alone:
    rows, recipe = len(group.places), subject.recipe
    passes = passes_over(rows, recipe)
    if reason is None and passes is None:
        most = max(MOST_PASSES, recipe.epochs)
        reason = f"{most} passes over {rows:,} rows make no {recipe.least_updates:,} updates"
    if reason is not None or passes is None:
        return _Alone(None, {}, reason)
    kept = mask_of(group.places, len(subject.rows))
    measured = measure_alone(steps, subject, kept, passes, STAGE)
    return _Alone(passes, {one.trait: one for one in measured.weighed()})


def _shown(trait: str, group: Group, alone: _Alone) -> AloneGroup:
    shown = alone.traits.get(trait)
    return AloneGroup(
        name=group.name,
        rows=len(group.places),
        passes=alone.passes,
        shift=shown.shift if shown else None,
        ci_low=shown.ci_low if shown else None,
        ci_high=shown.ci_high if shown else None,
        p_adjusted=shown.p_adjusted if shown else None,
        reason=alone.reason,
    )
