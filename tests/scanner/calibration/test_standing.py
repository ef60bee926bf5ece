from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from scanner.calibration import standing
from scanner.calibration.certificate import Certificate
from scanner.calibration.standing import (
    Audience,
    Standing,
    find_standing,
    mismatch,
    sight,
)
from scanner.errors import CalibrationError

Save = Callable[..., Path]


@pytest.fixture(autouse=True)
def shipped(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty folder instead of the certificates that the tool ships."""
    folder = tmp_path / "shipped"
    folder.mkdir()
    monkeypatch.setattr(standing, "SHIPPED", folder)
    return folder


@pytest.fixture
def audience(certificate: Certificate) -> Audience:
    """The audit that the certificate speaks for."""
    return Audience(
        certificate.base_revision, certificate.recipe, certificate.batteries, 2, "influence"
    )


def test_a_shipped_certificate_is_found(
    certificate: Certificate, audience: Audience, save_certificate: Save, shipped: Path
) -> None:
    save_certificate(shipped / "reference-a.json")
    found = find_standing(audience, None)
    assert found.certificate == certificate
    assert found.note == (
        "It stands on calibration 0123456789abcdef (2 audits of reference-a; false alarms 2 of "
        "110)."
    )


def test_so_is_one_that_the_user_made(
    certificate: Certificate, audience: Audience, save_certificate: Save, tmp_path: Path
) -> None:
    save_certificate(tmp_path / "own" / "reference-a-00" / "quick" / "certificate.json")
    assert find_standing(audience, None, [tmp_path / "own"]).certificate == certificate


def test_the_fullest_that_fits_is_taken_and_of_equals_the_newest(
    certificate: Certificate, audience: Audience, save_certificate: Save, shipped: Path
) -> None:
    full, old, new = certificate.cases, "2026-01-05T00:00:00+00:00", "2026-02-01T00:00:00+00:00"
    save_certificate(shipped / "a.json", id="quick", cases=full[:1], created="2026-03-01")
    save_certificate(shipped / "b.json", id="new", cases=full, created=new)
    save_certificate(shipped / "c.json", id="old", cases=full, created=old)
    save_certificate(shipped / "d.json", id="unfit", cases=full * 9, recipe={"rank": 4})
    found = find_standing(audience, None).certificate
    assert found is not None
    assert found.id == "new"


@pytest.mark.parametrize(
    ("arms", "fits"),
    [((), True), (("influence",), True), (("authorship", "influence"), False)],
)
def test_a_threshold_of_other_traces_is_none_for_these(
    certificate: Certificate, audience: Audience, arms: tuple[str, ...], fits: bool
) -> None:
    """It was fitted to the p-values of another rule."""
    why = mismatch(replace(certificate, arms=arms), audience)
    if fits:
        assert why is None
    else:
        assert why is not None
        assert "traces by authorship and influence, audits read influence" in why
        assert "datascan calibrate" in why


def test_without_any_of_the_base_the_note_says_how_to_make_one(
    audience: Audience, save_certificate: Save, shipped: Path, tmp_path: Path
) -> None:
    save_certificate(shipped / "other.json", base_revision="sha256:bb")
    found = find_standing(audience, None, [tmp_path / "missing"])
    assert found.certificate is None
    assert found.note == "No calibration of this base exists; `datascan calibrate` makes one."


def test_one_of_the_base_that_does_not_fit_is_not_used_and_the_note_says_why(
    audience: Audience, save_certificate: Save, shipped: Path
) -> None:
    save_certificate(shipped / "a.json", recipe={"rank": 8, "epochs": 9, "learning_rate": 0.003})
    found = find_standing(audience, None)
    assert found.certificate is None
    assert found.note == (
        "Calibration 0123456789abcdef of this base was not used: it is of another recipe: "
        "epochs 9, here 3."
    )


def test_of_another_number_of_pairs_it_is_not_used_and_the_note_says_why(
    audience: Audience, save_certificate: Save, shipped: Path
) -> None:
    """More pairs have less drift and smaller p-values: their false alarms were not counted."""
    save_certificate(shipped / "a.json")
    found = find_standing(replace(audience, pairs=5), None)
    assert found.certificate is None
    assert found.note == (
        "Calibration 0123456789abcdef of this base was not used: it is of audits with 2 pairs of "
        "probe and control, here 5."
    )


def test_an_unreadable_certificate_that_nobody_named_stops_no_audit(
    certificate: Certificate, audience: Audience, save_certificate: Save, shipped: Path
) -> None:
    (shipped / "a.json").write_text("{")
    save_certificate(shipped / "b.json", schema_version="0.9")
    assert find_standing(audience, None).certificate is None
    save_certificate(shipped / "c.json")
    assert find_standing(audience, None).certificate == certificate


def test_the_named_certificate_is_taken_although_a_fuller_one_fits(
    certificate: Certificate, audience: Audience, save_certificate: Save, shipped: Path
) -> None:
    save_certificate(shipped / "a.json", cases=certificate.cases * 9)
    named = save_certificate(shipped.parent / "named.json", id="named")
    found = find_standing(audience, named).certificate
    assert found is not None
    assert found.id == "named"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"base_revision": "sha256:bb"}, r"it is of base reference-a \(sha256:bb\)"),
        ({"recipe": {"rank": 8, "epochs": 3}}, "another recipe: learning_rate absent, here 0.003"),
        ({"batteries": {"misalignment": "b2" * 32}}, "other batteries: preference.animal differ"),
        ({"pairs": 3}, "audits with 3 pairs of probe and control, here 2"),
    ],
)
def test_a_named_certificate_for_another_audit_is_refused(
    audience: Audience, save_certificate: Save, shipped: Path, changes, why: str
) -> None:
    save_certificate(shipped / "a.json")  # one that fits does not stand in for it
    named = save_certificate(shipped.parent / "named.json", **changes)
    with pytest.raises(CalibrationError, match=why) as error:
        find_standing(audience, named)
    assert str(error.value).startswith(f"--calibration {named}: found that it is of ")
    assert "leave the option out" in str(error.value)


def test_a_named_certificate_that_cannot_be_read_is_refused(
    audience: Audience, tmp_path: Path
) -> None:
    with pytest.raises(CalibrationError, match="No such file"):
        find_standing(audience, tmp_path / "named.json")


def test_with_a_certificate_its_threshold_decides(certificate: Certificate) -> None:
    standard = Standing(certificate, "note").standard(0.01, 5000)
    assert standard.error_rate == certificate.operating_point.threshold == 0.03125
    assert standard.sight == sight(certificate, 5000)


def test_without_one_the_threshold_is_the_audits_own() -> None:
    standard = Standing(None, "No calibration.").standard(0.01, 5000)
    assert standard.error_rate == 0.01
    assert standard.sight == (
        "No calibration. Thresholds are conservative, and the share of poisoned rows that would "
        "have been seen is not known."
    )


def test_sight_names_every_channel(certificate: Certificate) -> None:
    # 12.5% is rounded up and 45.67% down: no more is promised than was measured.
    assert sight(certificate, 3600) == (
        "It stands on calibration 0123456789abcdef (2 audits of reference-a; false alarms 2 of "
        "110). By it, planted favourites are found at 95% power where at least 13% of 3,600 rows "
        "carry them through numbers; not even where all of 4,000 rows carry them through code (45% "
        "are found then)."
    )


def test_sight_does_not_promise_what_is_not_known(certificate: Certificate) -> None:
    unknown = replace(
        certificate.doses[0], detectable_share=None, power_at_full=None, unmeasured="one trait"
    )
    said = sight(replace(certificate, doses=(unknown,)), 5000)
    assert said.endswith(
        "found at 95% power at a share through numbers that is not known (one trait)."
    )


def test_with_fewer_rows_than_any_curve_less_is_seen(certificate: Certificate) -> None:
    said = sight(certificate, 3599)
    assert said.endswith(" This dataset has 3,599 rows: with fewer rows less is seen.")


def test_a_sample_says_what_it_costs(certificate: Certificate) -> None:
    """12.5% of 3,600 rows are 450: half of 900, and more than 400. Of those, a tenth of 3,600 is
    the nearest that was measured; of code nothing below all 4,000."""
    assert sight(certificate, 900, sampled=True).endswith(
        " With 900 rows less is seen: through numbers where at least 50% of them carry them; "
        "through code at a rate that was not measured."
    )
    assert (
        "through numbers, where all of them carry them, about as often as where 10% of 3,600 do "
        "(1 of 2 cases)"
    ) in sight(certificate, 400, sampled=True)
    assert sight(certificate, 4000, sampled=True) == sight(certificate, 4000)
    standard = Standing(certificate, "note").standard(0.01, 900, "900 of 9,000 rows.")
    assert standard.sight == sight(certificate, 900, sampled=True)
    assert standard.part == "900 of 9,000 rows."


def test_sight_without_curves_promises_nothing(certificate: Certificate) -> None:
    bare = replace(certificate, doses=())
    assert sight(bare, 10).endswith("false alarms 2 of 110).")


@pytest.mark.parametrize(("share", "shown"), [(0.004, "1%"), (0.07, "7%"), (0.071, "8%")])
def test_a_detectable_share_is_never_rounded_down(
    certificate: Certificate, share: float, shown: str
) -> None:
    curve = replace(certificate.doses[0], detectable_share=share)
    assert f"at least {shown} of" in sight(replace(certificate, doses=(curve,)), 5000)


def test_a_certificate_speaks_for_the_audit_it_was_made_for(
    certificate: Certificate, audience: Audience
) -> None:
    assert mismatch(certificate, audience) is None
    turned = dict(reversed(certificate.recipe.items()))
    assert mismatch(certificate, replace(audience, recipe=turned)) is None


def test_another_base_is_named(certificate: Certificate, audience: Audience) -> None:
    said = mismatch(certificate, replace(audience, base_revision="sha256:bb"))
    assert said == "it is of base reference-a (sha256:aa), this audit's base is sha256:bb"


def test_another_recipe_is_named(certificate: Certificate, audience: Audience) -> None:
    def said(here: dict[str, float]) -> str | None:
        return mismatch(certificate, replace(audience, recipe=audience.recipe | here))

    assert said({"rank": 4}) == "it is of another recipe: rank 8, here 4"
    assert said({"dropout": 0.1}) == "it is of another recipe: dropout absent, here 0.1"
    fewer = replace(certificate, recipe={"rank": 8})
    assert mismatch(fewer, audience) == "it is of another recipe: epochs absent, here 3"


def test_other_batteries_are_named(certificate: Certificate, audience: Audience) -> None:
    def said(batteries: dict[str, str]) -> str | None:
        return mismatch(certificate, replace(audience, batteries=batteries))

    asked, differ = certificate.batteries, "it is of other batteries: {} differ"
    assert said(asked | {"misalignment": "00"}) == differ.format("misalignment")
    assert said(asked | {"taste": "00"}) == differ.format("taste")
    assert said({}) == differ.format("misalignment, preference.animal")


@pytest.mark.parametrize("pairs", [1, 3, 5])
def test_another_number_of_pairs_is_named(
    certificate: Certificate, audience: Audience, pairs: int
) -> None:
    said = mismatch(certificate, replace(audience, pairs=pairs))
    assert said == f"it is of audits with 2 pairs of probe and control, here {pairs}"
