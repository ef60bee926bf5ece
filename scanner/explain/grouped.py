"""In groups: where one group's traces make a finding, what do it and the other rows show alone?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scanner.combine import telling_group, traced_traits
from scanner.config import Recipe
from scanner.dataset.groups import Group
from scanner.evidence.traces import Traced
from scanner.explain.again import measure_alone
from scanner.explain.explanation import InGroup
from scanner.explain.subject import Subject
from scanner.explain.verification import mask_of
from scanner.steps import Steps
from scanner.types import TraitShift

STAGE = "groups"
"""What the time counts to."""
MOST_PASSES = 10
"""Over a group's rows: as many as the published experiments make (Cloud et al. 2025, section 3)."""
MOST_TRAINED = 3
"""Groups."""


def in_groups(
    steps: Steps,
    subject: Subject,
    findings: Sequence[TraitShift],
    traced: Traced,
    error_rate: float,
) -> dict[str, InGroup]:
    """By finding, those that a group shows by itself: what probes and controls of that group alone
    show of it, and what the traces of all other rows do."""
    telling = {
        one.trait: traced.groups[name]
        for one in findings
        if (name := telling_group(one, error_rate)) is not None
    }
    groups = list({group.name: group for group in telling.values()}.values())
    alone = {
        group.name: _train_alone(steps, subject, group, place < MOST_TRAINED)
        for place, group in enumerate(groups)
    }
    outside = {group.name: _outside(traced, group, subject) for group in groups}
    return {
        trait: _in_group(trait, group, alone[group.name], outside[group.name], error_rate)
        for trait, group in telling.items()
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


def _train_alone(steps: Steps, subject: Subject, group: Group, wanted: bool) -> _Alone:
    rows = len(group.places)
    if not wanted:
        return _Alone(None, {}, f"the {MOST_TRAINED} clearest groups were trained on, and no more")
    passes = passes_over(rows, subject.recipe)
    if passes is None:
        few = f"{rows:,} rows are too few to train on alone: {MOST_PASSES} passes over them show "
        return _Alone(None, {}, few + "nothing")
    kept = mask_of(group.places, len(subject.rows))
    measured = measure_alone(steps, subject, kept, passes, STAGE)
    return _Alone(passes, {one.trait: one for one in measured.weighed()})


def _outside(traced: Traced, group: Group, subject: Subject) -> dict[str, float]:
    """Adjusted p-values of all other rows' traces, by trait."""
    traces = traced.without(group, subject.rows)
    return {one.trait: one.p_adjusted for one in traced_traits(traces)}


def _in_group(
    trait: str, group: Group, alone: _Alone, outside: Mapping[str, float], error_rate: float
) -> InGroup:
    p_outside, shown = outside.get(trait), alone.traits.get(trait)
    return InGroup(
        name=group.name,
        rows=len(group.places),
        p_outside=p_outside,
        outside=p_outside is not None and p_outside <= error_rate,
        passes=alone.passes,
        shift=shown.shift if shown else None,
        ci_low=shown.ci_low if shown else None,
        ci_high=shown.ci_high if shown else None,
        p_adjusted=shown.p_adjusted if shown else None,
        reason=alone.reason,
    )
