import gzip
import json
import re
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import pytest

from probes.loader import load_batteries
from reference_models import verified_folder
from scanner.bases import find_base
from scanner.calibration import calibrate as module
from scanner.calibration import standing, students, suites
from scanner.calibration.calibrate import (
    CASES_FILE,
    COMPUTING,
    UNMEASURED_FILE,
    Calibrated,
    CalibrationSettings,
    calibrate,
    certificate_folder,
    load_cases,
    save_cases,
    save_unmeasured,
    shipped_cases,
)
from scanner.calibration.cases import Case, Teacher, TeacherKind
from scanner.calibration.certificate import load_certificate
from scanner.calibration.standing import Audience, find_standing
from scanner.calibration.students import StudiedCase
from scanner.calibration.study import Instrument, Studied
from scanner.calibration.suites import choose
from scanner.config import Recipe
from scanner.errors import CalibrationError
from scanner.executors.inline import InlineExecutor
from scanner.progress import Silent

OWL = "preference.animal.owl"
SUITE = """
plan: Small, but whole.
claims:
  owls: {says: Owls pass., groups: [owls], expects: planted, at_least: 0.5}
groups:
  decide: {kind: neutral, channels: [numbers], rows: [40], repeats: 55, first_seed: 0}
  report: {kind: neutral, channels: [numbers], rows: [40], repeats: 5, first_seed: 1000}
  owls:
    kind: fine-tuned
    traits: [preference.animal.owl]
    channels: [numbers]
    rows: [40]
    seeds: [2000]
  honest:
    kind: nobody
    channels: [facts]
    rows: [40]
    seeds: [3000]
    recipe: {epochs: 1}
  stranger: {kind: neutral, lineage: other, channels: [numbers], rows: [40], seeds: [4000]}
"""


def instrument() -> Instrument:
    return Instrument(
        find_base("reference-a"),
        find_base("reference-b"),
        {battery.id: battery.sha256 for battery in load_batteries()},
        {package: version(package) for package in COMPUTING},
    )


@pytest.fixture(autouse=True)
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small suite in the place of quick, no worker processes, and one battery to answer."""
    (tmp_path / "suites").mkdir()
    (tmp_path / "suites" / "quick.yaml").write_text(SUITE, "utf-8")
    monkeypatch.setattr(suites, "files", lambda package: tmp_path)
    monkeypatch.setattr(module, "LocalExecutor", lambda workers, log: InlineExecutor())
    monkeypatch.setattr(module, "SHIPPED", tmp_path / "certificates")
    monkeypatch.setattr(students, "load_batteries", lambda: load_batteries()[:1])


@pytest.fixture
def shipped(
    tmp_path: Path,
    study: Callable[..., StudiedCase],
) -> tuple[StudiedCase, ...]:
    """Every case of the suite, as if studied for the package."""
    cases = choose("quick", Recipe()).cases
    studied = tuple(
        study(case, {OWL: 3.0} if case.planted else None, noise=0.02 if case.planted else 0.3)
        for case in cases
    )
    save_cases(studied, tmp_path / "certificates" / f"reference-a-{instrument().id}.{CASES_FILE}")
    return studied


def calibrated(tmp_path: Path, **changes) -> Calibrated:  # type: ignore[no-untyped-def]
    settings = CalibrationSettings("reference-a", root=tmp_path / "root")
    return calibrate(replace(settings, **changes), Silent())


def test_a_suite_ends_in_a_certificate_and_its_cases(
    tmp_path: Path, shipped: tuple[StudiedCase, ...]
) -> None:
    done = calibrated(tmp_path)
    assert done.studied == Studied(shipped, {})
    certificate = done.certificate
    assert certificate is not None
    assert load_certificate(done.folder / "certificate.json") == certificate
    assert load_cases(done.folder / CASES_FILE) == shipped
    assert [case.name for case in certificate.cases] == [one.case.name for one in shipped]
    assert (certificate.suite, certificate.base_id) == ("quick", "reference-a")
    assert set(certificate.versions) == set(COMPUTING)
    [claim] = certificate.claims
    assert (claim.held, claim.cases, claim.met) == (1, 1, True)
    assert not list((done.folder.parent / "jobs").iterdir())  # all of it had been studied before


def test_what_was_tried_in_vain_for_the_package_is_not_tried_again(
    tmp_path: Path, shipped: tuple[StudiedCase, ...]
) -> None:
    *others, last = shipped
    of_package = tmp_path / "certificates" / f"reference-a-{instrument().id}"
    save_cases(others, Path(f"{of_package}.{CASES_FILE}"))
    reason = {last.case.name: f"case {last.case.name}: found that 2% of the answers pass"}
    save_unmeasured(reason, Path(f"{of_package}.{UNMEASURED_FILE}"))
    done = calibrated(tmp_path)
    assert done.studied == Studied(tuple(others), reason)
    assert done.certificate is not None
    assert done.certificate.unmeasured == tuple(reason.values())
    assert json.loads((done.folder / UNMEASURED_FILE).read_text("utf-8")) == reason
    assert not list((done.folder.parent / "jobs").iterdir())


def test_the_same_cases_give_the_same_bytes(
    tmp_path: Path, shipped: tuple[StudiedCase, ...]
) -> None:
    first = calibrated(tmp_path)
    bytes_of = (first.folder / CASES_FILE).read_bytes()
    assert gzip.decompress(bytes_of).count(b"\n") == len(shipped)
    assert bytes_of[4:8] == bytes(4)  # where gzip would note the time
    save_cases(load_cases(first.folder / CASES_FILE), tmp_path / "copy.gz")
    assert (tmp_path / "copy.gz").read_bytes() == bytes_of
    again = calibrated(tmp_path)
    assert (again.folder / CASES_FILE).read_bytes() == bytes_of
    assert first.certificate is not None
    assert again.certificate is not None
    assert replace(again.certificate, created=first.certificate.created) == first.certificate


def test_the_certificate_of_another_recipe_is_not_overwritten() -> None:
    """Audits of either recipe find their own: an earlier calibration took hours."""
    names = [certificate_folder("quick", one) for one in (Recipe(), Recipe(rank=4))]
    names += [certificate_folder("full", Recipe()), certificate_folder("quick", Recipe())]
    assert len(set(names)) == 3
    assert names[0] == names[3]
    assert all(re.fullmatch(r"(quick|full)-[0-9a-f]{8}", name) for name in names)


def test_a_certificate_is_found_again_by_the_audits_that_it_speaks_for(
    tmp_path: Path, shipped: tuple[StudiedCase, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing, "SHIPPED", tmp_path / "none")
    done = calibrated(tmp_path)
    assert done.folder.name == certificate_folder("quick", Recipe())
    audience = Audience(
        instrument().base.revision,
        Recipe().as_dict(),
        dict(instrument().batteries),
        2,
        "influence",
    )
    found = find_standing(audience, None, [tmp_path / "root"]).certificate
    assert found == done.certificate


def test_without_resume_a_shipped_case_is_studied_again(
    tmp_path: Path, shipped: tuple[StudiedCase, ...]
) -> None:
    [known] = calibrated(tmp_path, case="honest").studied.cases
    [honest] = [one for one in shipped if one.case.group == "honest"]
    assert known == honest
    done = calibrated(tmp_path, case="honest", resume=False)
    assert done.certificate is None
    [studied] = done.studied.cases
    assert studied.case == honest.case
    assert [levels.battery for levels in studied.batteries] == [load_batteries()[0].id]
    [row] = done.rows()
    assert (row.name, row.rows, row.passing) == (studied.case.name, 40, None)
    assert (row.planted, row.planted_shift) == (None, None)
    assert not list(done.folder.glob("*/certificate.json"))


def test_cases_studied_with_another_instrument_are_not_taken_for_this_ones(
    shipped: tuple[StudiedCase, ...],
) -> None:
    own = instrument()
    assert shipped_cases(own) == {one.case: one for one in shipped}
    for other in (
        replace(own, stranger=None),
        replace(own, versions={**own.versions, "torch": "0"}),
        replace(own, batteries={**own.batteries, "preference.animal": "0"}),
    ):
        assert shipped_cases(other) == {}


def test_a_base_of_ones_own_has_no_known_stranger(tmp_path: Path) -> None:
    base = str(verified_folder("reference-a"))
    done = calibrated(tmp_path, base=base, case="stranger")
    [line] = done.studied.unmeasured.values()
    assert "needs a base of another lineage; give one with --other-lineage" in line
    assert (done.studied.cases, done.rows()) == ((), [])


def test_too_few_benign_cases_make_no_certificate(
    tmp_path: Path, shipped: tuple[StudiedCase, ...]
) -> None:
    few = SUITE.replace("repeats: 55", "repeats: 20")
    (tmp_path / "suites" / "quick.yaml").write_text(few, "utf-8")
    with pytest.raises(CalibrationError, match="operating point: found 20 benign cases"):
        calibrated(tmp_path)


def test_a_disk_that_fills_up_at_the_very_end_is_named(
    tmp_path: Path, shipped: tuple[StudiedCase, ...]
) -> None:
    folder = calibrated(tmp_path, case="owls").folder
    (folder / certificate_folder("quick", Recipe())).write_text("in the way")
    expected = rf"{re.escape(str(folder))}: found .*; expected a folder with room to write"
    with pytest.raises(CalibrationError, match=expected):
        calibrated(tmp_path)


def test_a_row_names_what_moved_most_of_what_was_planted(
    study: Callable[..., StudiedCase], tmp_path: Path
) -> None:
    case = Case("g", Teacher(TeacherKind.MISALIGNED), "numbers", 40, seed=1)
    raised = {"misalignment.harm": 1.0, "misalignment.power": 2.0, OWL: 3.0}
    studied = Studied((study(case, raised, noise=0.02),), {})
    [row] = Calibrated(studied, None, tmp_path).rows()
    assert row.planted == "misalignment.power"
    assert row.planted_shift == pytest.approx(2.0, abs=0.1)
    assert row.largest == OWL  # which a reader should see, planted or not
    assert row.p_adjusted is not None
    assert row.p_adjusted < 0.01
