"""Suites: cases declared as data, one YAML file each in ``suites/``."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from importlib.resources import files
from itertools import product
from typing import Annotated, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from scanner.calibration.cases import Case, Lineage, Teacher, TeacherKind
from scanner.calibration.channels import CHANNELS
from scanner.calibration.honest import HONEST_SETS
from scanner.calibration.teachers import favourite
from scanner.config import Recipe
from scanner.errors import CalibrationError


def _recipe_changes(changes: dict[str, int | float]) -> dict[str, int | float]:
    known = [one.name for one in fields(Recipe)]
    if not changes.keys() <= set(known):
        raise ValueError(f"a recipe has {', '.join(known)}")
    return changes


RecipeChanges = Annotated[dict[str, int | float], AfterValidator(_recipe_changes)]


class Strict(BaseModel):
    """Frozen, and refuses keys that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Group(Strict):
    """Cases that serve one purpose: every combination of the listed values."""

    kind: TeacherKind
    traits: tuple[str | None, ...] = (None,)
    lineage: Lineage = Lineage.SAME
    channels: tuple[str, ...]
    rows: tuple[int, ...]
    shares: tuple[float, ...] = (1.0,)
    temperatures: tuple[float, ...] = (1.0,)
    updates: tuple[int, ...] = (Teacher(TeacherKind.NEUTRAL).updates,)
    learning_rate: float = Teacher(TeacherKind.NEUTRAL).learning_rate
    teacher_seeds: tuple[int, ...] = (Teacher(TeacherKind.NEUTRAL).seed,)
    """Of the teachers' own training."""
    seeds: tuple[int, ...] = ()
    """Listed one by one ..."""
    first_seed: int | None = None
    """... or counted up from here, so that no two cases of the group share a seed."""
    repeats: int = Field(1, ge=1)
    """With ``first_seed``: how often every combination is made."""
    least_passing: float = Field(0.5, gt=0, le=1)
    recipe: RecipeChanges = {}
    """What differs from the audit's recipe, by name."""


class Claim(Strict):
    """What a suite sets out to show, written down before it is run."""

    says: str
    """In words."""
    groups: tuple[str, ...]
    expects: Literal["planted", "found", "nothing"]
    """``planted``: the planted trait is the largest finding, and there is more of it. ``found``: it
    is the largest finding, whichever way it moved. ``nothing``: there is no finding."""
    at_least: float = Field(ge=0, le=1)
    """Share of the cases in which that must hold."""
    judged_by: Literal["share", "interval"] = "share"
    """``share``: the share in which it held must reach ``at_least``. ``interval``: the exact
    interval of that share must reach it, so that the cases do not contradict the claim."""


class Suite(Strict):
    """A named set of cases, and the plan that they carry out."""

    plan: str
    recipe: RecipeChanges = {}
    """What differs from the audit's recipe in every group; its certificate is for the result."""
    claims: dict[str, Claim]
    groups: dict[str, Group]

    def own_recipe(self, recipe: Recipe) -> Recipe:
        """The audit's recipe with the suite's changes."""
        return replace(recipe, **self.recipe)  # type: ignore[arg-type]

    @property
    def planted_groups(self) -> frozenset[str]:
        """Groups of which a claim says that the planted trait is found."""
        planted = [claim for claim in self.claims.values() if claim.expects != "nothing"]
        return frozenset(group for claim in planted for group in claim.groups)

    def cases(self, recipe: Recipe) -> tuple[Case, ...]:
        """Every case, in the file's order; ``recipe`` is the suite's own."""
        return tuple(
            case for name, group in self.groups.items() for case in _expand(name, group, recipe)
        )


SUITES = ("quick", "full", "paper")


@dataclass(frozen=True)
class Chosen:
    """A suite and the cases of it that are to be run."""

    suite: Suite
    recipe: Recipe
    """Of the audits that the suite's certificate speaks for."""
    cases: tuple[Case, ...]


def choose(name: str, recipe: Recipe, only: str | None = None) -> Chosen:
    """A suite, or the cases of it whose name contains ``only``.

    Raises ``CalibrationError`` for an unknown suite, case, trait, channel or key.
    """
    if name not in SUITES:
        raise CalibrationError(
            f"--suite {name!r}: found no such suite; expected one of {', '.join(SUITES)}, digits"
        )
    suite = parse_suite(
        files("scanner.calibration").joinpath(f"suites/{name}.yaml").read_text("utf-8"), name
    )
    own = suite.own_recipe(recipe)
    cases = suite.cases(own)
    check(cases)
    chosen = tuple(case for case in cases if only is None or only in case.name)
    if not chosen:
        raise CalibrationError(
            f"--case {only!r}: found in no case of suite {name}; expected a part of a name such "
            f"as {cases[0].name!r}; see them all with --list"
        )
    return Chosen(suite, own, chosen)


def parse_suite(text: str, name: str) -> Suite:
    """A suite from its file's text; raises ``CalibrationError`` where it says what it may not."""
    try:
        return Suite.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as error:
        first = " ".join(str(error).split())
        raise CalibrationError(
            f"suite {name}: found {first}; expected YAML; mend the suite's file"
        ) from error
    except ValidationError as error:
        first_error = error.errors()[0]
        place = ".".join(map(str, first_error["loc"])) or "top level"
        raise CalibrationError(
            f"suite {name}, {place}: found {first_error['input']!r:.80}; expected otherwise: "
            f"{first_error['msg']}; mend the suite's file"
        ) from error


def check(cases: Iterable[Case]) -> None:
    """Raise ``CalibrationError`` for a case that cannot be made, or that comes twice."""
    seen = set()
    for case in cases:
        honest = case.teacher.kind is TeacherKind.NOBODY
        known: Mapping[str, object] = HONEST_SETS if honest else CHANNELS
        if case.channel not in known:
            raise CalibrationError(
                f"case {case.name}: found channel {case.channel!r}; expected one of "
                f"{', '.join(known)}; correct the suite"
            )
        if case.teacher.trait is not None:
            favourite(case.teacher.trait)
        if case.name in seen:
            raise CalibrationError(f"case {case.name}: found twice; expected once; mend the suite")
        seen.add(case.name)


def _expand(name: str, group: Group, recipe: Recipe) -> list[Case]:
    combinations = list(
        product(
            group.traits,
            group.teacher_seeds,
            group.updates,
            group.channels,
            group.temperatures,
            group.rows,
            group.shares,
            group.seeds or range(group.repeats),
        )
    )
    return [
        Case(
            group=name,
            teacher=Teacher(
                group.kind,
                trait,
                updates,
                group.learning_rate,
                teacher_seed,
                group.lineage,
            ),
            channel=channel,
            rows=rows,
            share=share,
            temperature=temperature,
            seed=seed if group.first_seed is None else group.first_seed + place,
            least_passing=group.least_passing,
            recipe=replace(recipe, **group.recipe),  # type: ignore[arg-type]
        )
        for place, (
            trait,
            teacher_seed,
            updates,
            channel,
            temperature,
            rows,
            share,
            seed,
        ) in enumerate(combinations)
    ]
