"""Certify: from studied cases to the certificate that audits stand on."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
from pydantic import TypeAdapter
from sklearn.metrics import roc_auc_score, roc_curve

from scanner.calibration.cases import PAIRS
from scanner.calibration.certificate import (
    SCHEMA_VERSION,
    CaseOutcome,
    Certificate,
    ClaimOutcome,
)
from scanner.calibration.curves import drift, effects, filter_counts, matrices
from scanner.calibration.doses import Scored, dose_curves, needed_evidence
from scanner.calibration.outcomes import (
    case_outcome,
    is_full_strength,
    is_reported,
    operating_point,
)
from scanner.calibration.students import StudiedCase
from scanner.calibration.study import Instrument, Studied
from scanner.calibration.suites import Claim, Suite
from scanner.calibration.traced import traced_power
from scanner.config import Recipe
from scanner.library import arm_of
from scanner.stats.intervals import binomial_interval
from scanner.weigh import hypotheses

FALSE_ALARM_RATE = 0.01
"""Of benign datasets; what every certificate's threshold is chosen for."""


def certify(
    instrument: Instrument, suite_name: str, suite: Suite, recipe: Recipe, studied: Studied
) -> Certificate:
    """The certificate of a whole suite, for audits with the given recipe.

    Raises ``CalibrationError`` if too few benign cases were studied to set a threshold.
    """
    cases, arms = _with_arms(studied.cases, arm_of(instrument.base))
    groups = suite.planted_groups
    point = operating_point(cases, FALSE_ALARM_RATE)
    scored = [Scored(case, case_outcome(case, point.threshold)) for case in cases]
    outcomes = tuple(one.outcome for one in scored)
    most = max(hypotheses(cases[0].shifts()).values())  # of the largest category
    needed = needed_evidence(point.threshold, most)
    ranking = _ranking(scored, groups)
    return Certificate(
        schema_version=SCHEMA_VERSION,
        id=_content_id(instrument, cases),
        suite=suite_name,
        plan=suite.plan,
        base_id=instrument.base.id,
        base_revision=instrument.base.revision,
        recipe=recipe.as_dict(),
        pairs=PAIRS,
        batteries=dict(instrument.batteries),
        versions=dict(instrument.versions),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        operating_point=point,
        detection=ranking.detection,
        auc=ranking.auc,
        roc=ranking.roc,
        claims=tuple(claim_outcome(name, claim, outcomes) for name, claim in suite.claims.items()),
        effects=effects(scored, groups, needed),
        doses=dose_curves(scored, needed),
        drift=drift(cases),
        matrices=matrices(cases, groups),
        cases=outcomes,
        unmeasured=tuple(studied.unmeasured.values()),
        students=sum(2 * len(case.case.student_seeds) for case in cases),
        core_seconds=round(sum(case.seconds for case in cases), 1),
        arms=arms,
        traced=traced_power(cases, point.threshold, groups),
        filters=filter_counts(cases),
    )


def _with_arms(
    cases: tuple[StudiedCase, ...], arm: str
) -> tuple[tuple[StudiedCase, ...], tuple[str, ...]]:
    """The cases with the traces of the arm that audits of the base read; where some cases lack it,
    traces are left out of all, for a rule must be tried whole. Cases may have been read by more."""
    kept = {arm} if all(arm in {one.arm for one in case.traces} for case in cases) else set()
    return tuple(_read_by(case, kept) for case in cases), tuple(sorted(kept))


def _read_by(case: StudiedCase, arms: Collection[str]) -> StudiedCase:
    return replace(case, traces=tuple(trace for trace in case.traces if trace.arm in arms))


def claim_outcome(name: str, claim: Claim, outcomes: Sequence[CaseOutcome]) -> ClaimOutcome:
    """How many of a claim's cases did what it says."""
    own = [outcome for outcome in outcomes if outcome.group in claim.groups]
    held = sum(_as_expected(claim, outcome) for outcome in own)
    interval = binomial_interval(held, len(own))
    return ClaimOutcome(
        claim=name,
        says=claim.says,
        expects=claim.expects,
        held=held,
        cases=len(own),
        at_least=claim.at_least,
        rate_low=interval.low,
        rate_high=interval.high,
        judged_by=claim.judged_by,
        met=_is_met(claim, held, len(own), interval.high),
    )


def _as_expected(claim: Claim, outcome: CaseOutcome) -> bool:
    if claim.expects == "nothing":
        return outcome.largest is None
    rose = outcome.planted_shift is not None and outcome.planted_shift > 0
    return outcome.found and (rose or claim.expects == "found")


def _is_met(claim: Claim, held: int, cases: int, rate_high: float) -> bool | None:
    """None without cases."""
    if cases == 0:
        return None
    if claim.judged_by == "interval":
        return rate_high >= claim.at_least
    return held >= claim.at_least * cases


@dataclass(frozen=True)
class _Ranking:
    """How well scores tell planted from benign."""

    detection: float | None
    auc: float | None
    roc: tuple[tuple[float, float], ...]


def _ranking(scored: Sequence[Scored], groups: Collection[str]) -> _Ranking:
    """Over the reported cases: full strength of the own lineage in ``groups``, and benign."""
    reported = [one for one in scored if is_reported(one.studied.case)]
    full = [one for one in reported if is_full_strength(one.studied.case, groups)]
    benign = [one for one in reported if one.studied.case.benign]
    found = float(np.mean([one.outcome.found for one in full])) if full else None
    if not full or not benign:
        return _Ranking(found, None, ())
    truth = [1] * len(full) + [0] * len(benign)
    scores = [one.outcome.score for one in (*full, *benign)]
    false, true, _ = roc_curve(truth, scores)
    points = tuple(
        (round(float(x), 4), round(float(y), 4)) for x, y in zip(false, true, strict=True)
    )
    return _Ranking(found, min(1.0, float(roc_auc_score(truth, scores))), points)


def _content_id(instrument: Instrument, cases: Sequence[StudiedCase]) -> str:
    """Of everything but how long it took, so that the same results have the same id."""
    digest = hashlib.sha256(instrument.id.encode())
    measured = TypeAdapter(tuple[StudiedCase, ...])
    # A case's rows are all of one origin; cases without traces were studied before there were any.
    traced = {"__all__": {"group"}} if any(case.traces for case in cases) else True
    # What filters threw away is how the rows came about, no result.
    left_out = {"__all__": {"seconds": True, "asked": True, "rejected": True, "traces": traced}}
    digest.update(measured.dump_json(tuple(cases), exclude=left_out))
    return digest.hexdigest()[:16]
