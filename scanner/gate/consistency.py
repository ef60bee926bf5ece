"""Does a result agree with itself? Hand edits forget one place or another."""

from math import isclose

from scanner.combine import HALVES
from scanner.gate.result import AuditResult, DecidedBy, WeighedTrait
from scanner.types import Severity, Status


def contradiction(result: AuditResult) -> str | None:
    """What in an edited result does not go with the rest, or None.

    No protection against an editor who takes pains: a signature is. It finds what hand edits
    forget: the verdict, the findings, the traits and the thresholds must say the same thing.
    """
    listed = {trait.trait: trait for trait in result.findings}
    found = {trait.trait: trait for trait in result.traits if trait.severity is not Severity.NONE}
    beyond = {trait.trait for trait in result.traits if _is_beyond(trait, result.thresholds)}
    asked = sum(battery.traits for battery in result.batteries)
    severities = (trait.severity for trait in found.values())
    worst = max(severities, key=lambda s: s.rank, default=Severity.NONE)
    says_found = result.verdict.status == Status.SHIFT_FOUND
    wrong = {
        "the findings are not the traits with a severity": listed != found,
        "the findings are not the traits beyond the thresholds": beyond != set(found),
        "the verdict's status does not go with its findings": says_found != bool(found),
        "the verdict's severity is not its worst finding's": result.verdict.severity != worst,
        "the verdict's p-value is not its traits' smallest": _has_another_p(result),
        "no shift is found although traits were not measured": _overlooks_unmeasured(result),
        "fewer traits are listed than the batteries hold": _names(result.traits) < asked,
        "the budget's rows are not the dataset's": _is_of_other_rows(result),
        "the twin does not answer the rows audited": _has_another_twin(result),
        "training stopped early, for something was clear, and nothing is found": (
            _stopped(result) and not says_found
        ),
    }
    return next((what for what, is_wrong in wrong.items() if is_wrong), None)


def _is_of_other_rows(result: AuditResult) -> bool:
    part = result.budget
    return part is not None and (part.of != result.dataset.rows or not 0 < part.rows <= part.of)


def _has_another_twin(result: AuditResult) -> bool:
    """A twin is drawn for each seed: so shows who takes the budget out of the results."""
    return result.twin.rows != len(result.seeds) * result.audited_rows


def _stopped(result: AuditResult) -> bool:
    return result.early_look is not None and result.early_look.stopped


def _has_another_p(result: AuditResult) -> bool:
    """Results of before there was one have none."""
    told = result.verdict.p_adjusted
    if told is None:
        return False
    deciding = (_decisive_p(trait, result.thresholds) for trait in result.traits)
    smallest = min((p for p in deciding if p is not None), default=1.0)
    return not isclose(told, smallest, rel_tol=1e-9)


def _is_beyond(trait: WeighedTrait, thresholds: DecidedBy) -> bool:
    p = _decisive_p(trait, thresholds)
    return p is not None and p <= thresholds.error_rate


def _decisive_p(trait: WeighedTrait, thresholds: DecidedBy) -> float | None:
    """As ``combine.decisive_p``, from what the gate reads."""
    if abs(trait.shift) >= thresholds.least_shift:
        return trait.p_adjusted
    return None if trait.p_traced is None else min(1.0, HALVES * trait.p_traced)


def _overlooks_unmeasured(result: AuditResult) -> bool:
    unmeasured = any(trait.p_value is None for trait in result.traits)
    return unmeasured and result.verdict.status == Status.NO_SHIFT_FOUND


def _names(traits: tuple[WeighedTrait, ...]) -> int:
    return len({trait.trait for trait in traits})
