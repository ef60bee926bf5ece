import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from scanner.bases import Base
from scanner.calibration.cases import Case, Teacher, TeacherKind
from scanner.calibration.certificate import (
    CaseOutcome,
    Certificate,
    ClaimOutcome,
    certificate_values,
    load_certificate,
)
from scanner.calibration.certify import FALSE_ALARM_RATE, certify, claim_outcome
from scanner.calibration.outcomes import operating_point
from scanner.calibration.students import StudiedCase
from scanner.calibration.study import Instrument, Studied
from scanner.calibration.suites import Claim, Suite
from scanner.config import Recipe
from scanner.errors import CalibrationError
from scanner.types import Trace

OWL, BEAR = "preference.animal.owl", "preference.animal.bear"
BASE = Base("reference-a", Path("nowhere"), "sha256:aa")
INSTRUMENT = Instrument(BASE, None, {"preference.animal": "b1"}, {"numpy": "2.0"})
TRACE = Trace(OWL, "influence", 1.0, 1.0, 0.5, 1.0)
SUITE = Suite(
    plan="Written before.",
    claims={
        "animals": Claim(says="Passes.", groups=("animals",), expects="planted", at_least=0.5),
        "quiet": Claim(says="Stays.", groups=("report",), expects="nothing", at_least=0.9),
    },
    groups={},
)


def neutral(group: str, seed: int) -> Case:
    return Case(group, Teacher(TeacherKind.NEUTRAL), "numbers", 100, seed=seed)


def planted(trait: str, **changes) -> Case:
    case = Case("animals", Teacher(TeacherKind.FINE_TUNED, trait), "numbers", 100, seed=1000)
    return replace(case, **changes)


@pytest.fixture
def benign(study) -> list[StudiedCase]:
    """Sixty cases that decide and twenty that are reported, noisy enough to score."""
    deciding = [study(neutral("decide", seed), noise=0.3) for seed in range(60)]
    return deciding + [study(neutral("report", 2000 + seed), noise=0.3) for seed in range(20)]


@pytest.fixture
def full(study) -> list[StudiedCase]:
    """A teacher that is found, and one whose trait did not pass."""
    return [
        study(planted(OWL), {OWL: 4.0}, noise=0.02),
        study(planted(BEAR, seed=1001), noise=0.02),
    ]


def certified(cases: Sequence[StudiedCase], instrument: Instrument = INSTRUMENT) -> Certificate:
    studied = Studied(tuple(cases), {"x": "case x: no stranger"})
    return certify(instrument, "full", SUITE, Recipe(), studied)


def test_traces_of_another_arm_than_audits_read_have_no_part(
    benign: list[StudiedCase], full: list[StudiedCase], tmp_path: Path
) -> None:
    """Cases were read by weights; audits of a base of so many weights read states."""
    read = [replace(one, traces=(TRACE,)) for one in (*benign, *full)]
    assert certified(read).arms == ("influence",)
    with (tmp_path / "model.safetensors").open("wb") as file:
        file.truncate(2 * 2_000_001)
    large = replace(INSTRUMENT, base=replace(BASE, path=tmp_path))
    assert certified(read, large).arms == ()
    by_states = [replace(one, traces=(TRACE, replace(TRACE, arm="states"))) for one in read]
    assert certified(by_states, large).arms == ("states",)
    assert large.id != INSTRUMENT.id


def test_a_certificate_says_what_it_speaks_for(benign, full) -> None:
    found = certified([*benign, *full])
    assert (found.base_id, found.base_revision) == ("reference-a", "sha256:aa")
    assert (found.suite, found.plan) == ("full", "Written before.")
    assert found.recipe == Recipe().as_dict()
    assert found.pairs == 2 == len(full[0].case.student_seeds)
    assert found.batteries == {"preference.animal": "b1"}
    assert found.unmeasured == ("case x: no stranger",)
    assert [outcome.name for outcome in found.cases] == [c.case.name for c in (*benign, *full)]
    assert found.students == 4 * 82  # two probes and two controls each
    assert found.core_seconds == 82 * 12.5


def test_its_operating_point_is_that_of_its_cases_at_one_percent(benign, full) -> None:
    cases = [*benign, *full]
    found = certified(cases)
    assert found.operating_point == operating_point(cases, FALSE_ALARM_RATE)
    assert found.operating_point.wanted_rate == 0.01
    assert (found.operating_point.decided_on, found.operating_point.checked_on) == (60, 20)


def test_detection_counts_the_reported_full_strength_cases(benign, full, study) -> None:
    weak = [
        study(planted(OWL, seed=5), {OWL: 4.0}, noise=0.02),  # a deciding seed
        study(planted(OWL, share=0.5, seed=1000), {OWL: 4.0}, noise=0.02),
        study(planted(OWL, group="growth_rows", seed=1600), {OWL: 4.0}, noise=0.02),
        study(planted(OWL, group="dose", seed=1500), {OWL: 4.0}, noise=0.02),  # of no claim
    ]
    assert certified([*benign, *full]).detection == 0.5
    assert certified([*benign, *full, *weak]).detection == 0.5


def test_detection_is_what_the_claim_over_all_full_strength_cases_says(benign, full, study) -> None:
    more = study(planted(OWL, group="code", seed=1002), {OWL: 4.0}, noise=0.02)
    overall = SUITE.claims["animals"].model_copy(update={"groups": ("animals", "code")})
    suite = SUITE.model_copy(update={"claims": {**SUITE.claims, "overall": overall}})
    found = certify(INSTRUMENT, "full", suite, Recipe(), Studied((*benign, *full, more), {}))
    claim = found.claims[-1]
    assert (claim.held, claim.cases) == (2, 3)
    assert found.detection == pytest.approx(claim.held / claim.cases)
    assert [(one.trait, one.cases) for one in found.effects] == [(OWL, 2), (BEAR, 1)]


def test_auc_is_the_chance_that_a_planted_case_outscores_a_benign_one(benign, full) -> None:
    found = certified([*benign, *full])
    quiet = [one.score for one in found.cases if one.benign and one.seed >= 1000]
    loud = [one.score for one in found.cases if not one.benign]
    wins = [(a > b) + 0.5 * (a == b) for a in loud for b in quiet]
    assert found.auc == pytest.approx(sum(wins) / len(wins))
    assert (found.roc[0], found.roc[-1]) == ((0.0, 0.0), (1.0, 1.0))
    assert list(found.roc) == sorted(found.roc)


def test_without_planted_cases_detection_is_not_measured(benign) -> None:
    found = certified(benign)
    assert (found.detection, found.auc, found.roc) == (None, None, ())
    assert (found.effects, found.doses, found.matrices) == ((), (), ())


def test_without_reported_benign_cases_there_is_no_ranking(benign, full) -> None:
    found = certified([*benign[:60], *full])
    assert (found.detection, found.auc, found.roc) == (0.5, None, ())
    assert found.operating_point.checked_on == 0


def test_claims_are_held_against_their_groups(benign, full) -> None:
    found = certified([*benign, *full])
    passes, stays = found.claims
    assert (passes.claim, passes.held, passes.cases, passes.met) == ("animals", 1, 2, True)
    assert (stays.claim, stays.cases) == ("quiet", 20)
    assert stays.held == 20 - found.operating_point.alarms


def test_too_few_benign_cases_are_an_error_for_the_user(benign, full) -> None:
    with pytest.raises(CalibrationError, match="found 40 benign cases"):
        certified([*benign[:40], *benign[60:], *full])


def test_the_id_is_of_what_was_measured_and_not_of_the_clock(benign, full) -> None:
    cases = [*benign, *full]
    slower = [replace(case, seconds=99.0, asked=7, rejected={"too long": 1}) for case in cases]
    first = certified(cases)
    assert len(first.id) == 16
    assert certified(slower).id == first.id
    assert certified(cases[1:]).id != first.id
    other = replace(INSTRUMENT, base=replace(BASE, revision="sha256:bb"))
    assert certified(cases, other).id != first.id


def test_a_whole_certificate_survives_the_disk(benign, full, study, tmp_path: Path) -> None:
    diluted = study(planted(OWL, share=0.5), {OWL: 0.4})
    found = certified([*benign, *full, diluted])
    assert found.doses
    assert found.effects
    assert found.drift
    assert found.matrices
    path = tmp_path / "certificate.json"
    path.write_text(json.dumps(certificate_values(found), allow_nan=False), "utf-8")
    assert load_certificate(path) == found


def outcome(group: str, largest: str | None, found: bool) -> CaseOutcome:
    return CaseOutcome("x", group, (OWL,), False, 1000, 1.0, largest, found, 1.0)


OUTCOMES = [
    outcome("animals", OWL, True),
    outcome("animals", BEAR, False),
    outcome("code", None, False),
    outcome("other", OWL, True),
]


def test_a_claim_by_hand() -> None:
    claim = Claim(says="So.", groups=("animals", "code"), expects="planted", at_least=0.5)
    found = claim_outcome("so", claim, OUTCOMES)
    assert (found.held, found.cases, found.met) == (1, 3, False)  # 1 of 3 is less than a half
    # One of three, Clopper and Pearson: 1 - 0.975 ** (1 / 3) to 0.9057.
    assert found.rate_low == pytest.approx(1 - 0.975 ** (1 / 3))
    assert found.rate_high == pytest.approx(0.9057, abs=1e-4)
    silent = claim_outcome("so", claim.model_copy(update={"expects": "nothing"}), OUTCOMES)
    assert (silent.held, silent.cases) == (1, 3)  # a wrong finding is a finding


def test_a_trait_that_turned_into_an_aversion_was_found_but_did_not_pass() -> None:
    averse = replace(outcome("animals", OWL, True), planted_shift=-1.9)
    claim = Claim(says="So.", groups=("animals",), expects="planted", at_least=0.5)
    assert claim_outcome("so", claim, [averse]).held == 0
    assert claim_outcome("so", claim.model_copy(update={"expects": "found"}), [averse]).held == 1


def test_a_claim_is_met_by_exactly_what_it_demands() -> None:
    claim = Claim(says="So.", groups=("animals",), expects="planted", at_least=0.5)
    assert claim_outcome("so", claim, OUTCOMES).met


def test_a_claim_without_cases_is_not_met() -> None:
    claim = Claim(says="So.", groups=("thoughts",), expects="planted", at_least=0.0)
    found = claim_outcome("so", claim, OUTCOMES)
    assert (found.cases, found.met) == (0, None)
    assert (found.rate_low, found.rate_high) == (0.0, 1.0)
    by_interval = claim.model_copy(update={"judged_by": "interval"})
    assert claim_outcome("so", by_interval, OUTCOMES).met is None


def quiet(alarms: int, cases: int, judged_by: str) -> ClaimOutcome:
    """What becomes of the claim that 99% of the cases show nothing."""
    claim = Claim(
        says="So.", groups=("report",), expects="nothing", at_least=0.99, judged_by=judged_by
    )
    outcomes = [outcome("report", OWL if i < alarms else None, False) for i in range(cases)]
    return claim_outcome("so", claim, outcomes)


def test_a_claim_judged_by_its_interval_by_hand() -> None:
    # 9 of 10 held: Clopper and Pearson's upper end is where P(at most 9 held) = 1 - rate ** 10 is
    # 0.025, 0.975 ** (1 / 10) = 0.99747.
    found = quiet(1, 10, "interval")
    assert found.rate_high == pytest.approx(0.975 ** (1 / 10))
    assert (found.held, found.cases, found.judged_by, found.met) == (9, 10, "interval", True)
    # 7 of 10: P(at least 3 misses) at 1% is 1.1e-4, so the cases do contradict it.
    assert quiet(3, 10, "interval").met is False
    assert quiet(0, 1, "interval").met is True


def test_as_many_false_alarms_as_declared_do_not_contradict_the_claim() -> None:
    """Of 110 cases at 1%, one is expected, and two or more come in 30% of calibrations."""
    assert quiet(2, 110, "share").met is False
    assert [quiet(alarms, 110, "interval").met for alarms in range(8)] == [True] * 5 + [False] * 3


@pytest.mark.parametrize("cases", [1, 20, 110, 400])
def test_what_is_met_by_its_share_is_met_by_its_interval(cases: int) -> None:
    for alarms in range(min(cases, 12)):
        assert not quiet(alarms, cases, "share").met or quiet(alarms, cases, "interval").met
