"""Standing: the certificate that an audit stands on, or the reason why it has none."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import ceil, floor
from pathlib import Path
from typing import Any

from scanner.calibration.certificate import (
    FILE,
    SHIPPED,
    Certificate,
    DoseCurve,
    load_certificate,
)
from scanner.errors import CalibrationError
from scanner.stats.dilution import share_of_fewer
from scanner.verdict import Standard


@dataclass(frozen=True)
class Audience:
    """The audit that a certificate is to speak for."""

    base_revision: str
    recipe: dict[str, float]
    batteries: dict[str, str]
    """Battery id → digest."""
    pairs: int
    """Of probe and control."""
    arm: str
    """That its rows are read by."""


@dataclass(frozen=True)
class Standing:
    """What an audit stands on."""

    certificate: Certificate | None
    note: str
    """Which certificate, or why none; a sentence."""

    @property
    def traces_decide(self) -> bool:
        """Whether the certificate's cases were weighed with their traces. How arms combine is fixed
        by calibration, so without one they decide nothing."""
        return self.certificate is not None and bool(self.certificate.arms)

    def standard(self, uncalibrated_rate: float, rows: int, part: str = "") -> Standard:
        """What shifts are judged by in an audit of so many rows; ``part`` says so where they are
        not all of the candidate's."""
        if self.certificate is None:
            unknown = "the share of poisoned rows that would have been seen is not known"
            sees = f"{self.note} Thresholds are conservative, and {unknown}."
            return Standard(uncalibrated_rate, sees, part)
        sees = sight(self.certificate, rows, sampled=bool(part))
        return Standard(self.certificate.operating_point.threshold, sees, part)


def find_standing(audience: Audience, named: Path | None, folders: Sequence[Path] = ()) -> Standing:
    """The certificate that the user named, or else the fullest that fits, shipped or in folders.

    Raises ``CalibrationError`` if the named one cannot be read or speaks for another audit.
    """
    if named is not None:
        return _named(audience, named)
    of_base = [
        certificate
        for folder in (SHIPPED, *folders)
        for certificate in _readable(folder)
        if certificate.base_revision == audience.base_revision
    ]
    fitting = [one for one in of_base if mismatch(one, audience) is None]
    if fitting:
        fullest = max(fitting, key=lambda one: (len(one.cases), one.created))
        return Standing(fullest, _introduced(fullest))
    if of_base:
        why = mismatch(of_base[0], audience)
        return Standing(None, f"Calibration {of_base[0].id} of this base was not used: {why}.")
    return Standing(None, "No calibration of this base exists; `datascan calibrate` makes one.")


def mismatch(certificate: Certificate, audience: Audience) -> str | None:
    """Why a certificate does not speak for an audit, or None if it does."""
    if certificate.base_revision != audience.base_revision:
        return (
            f"it is of base {certificate.base_id} ({certificate.base_revision}), this audit's base "
            f"is {audience.base_revision}"
        )
    changed = _differing(certificate.recipe, audience.recipe)
    if changed:
        made, here = (_setting(one.recipe.get(changed[0])) for one in (certificate, audience))
        return f"it is of another recipe: {changed[0]} {made}, here {here}"
    others = _differing(certificate.batteries, audience.batteries)
    if others:
        return f"it is of other batteries: {', '.join(others)} differ"
    if certificate.arms and set(certificate.arms) != {audience.arm}:
        made = " and ".join(sorted(certificate.arms))
        return (
            f"its threshold is that of traces by {made}, audits read {audience.arm}: `datascan "
            "calibrate` makes one anew"
        )
    if certificate.pairs != audience.pairs:
        return (
            f"it is of audits with {certificate.pairs} pairs of probe and control, here "
            f"{audience.pairs}"
        )
    return None


def sight(certificate: Certificate, rows: int, sampled: bool = False) -> str:
    """What an audit of ``rows`` rows that found nothing could have seen, in sentences.

    ``sampled``: they are not all rows of the dataset.
    """
    seen = "; ".join(_seen(curve) for curve in certificate.doses)
    fewest = min((curve.rows for curve in certificate.doses), default=0)
    fewer = (
        f" This dataset has {rows:,} rows: with fewer rows less is seen." if rows < fewest else ""
    )
    if sampled:
        lost = [_lost(curve, rows) for curve in certificate.doses if rows < curve.rows]
        fewer = f" With {rows:,} rows less is seen: {'; '.join(lost)}." if lost else ""
    measured = f" By it, planted favourites are found at 95% power {seen}." if seen else ""
    return f"{_introduced(certificate)}{measured}{fewer}"


def _seen(curve: DoseCurve) -> str:
    """Shares are rounded up and powers down, so that no more is promised than was measured."""
    if curve.unmeasured is not None or curve.power_at_full is None:
        return f"at a share through {curve.channel} that is not known ({curve.unmeasured})"
    if curve.detectable_share is None:
        return (
            f"not even where all of {curve.rows:,} rows carry them through {curve.channel} "
            f"({floor(100 * curve.power_at_full)}% are found then)"
        )
    return (
        f"where at least {_percent_up(curve.detectable_share)} of {curve.rows:,} rows carry them "
        f"through {curve.channel}"
    )


def _lost(curve: DoseCurve, rows: int) -> str:
    """What is left of it with fewer rows. Poisoned rows count, whatever lies between them: so many
    rows, all poisoned, are as plain as the same number among ``curve.rows``."""
    if curve.detectable_share is not None:
        share = share_of_fewer(curve.detectable_share, curve.rows, rows)
        if share <= 1:
            return f"through {curve.channel} where at least {_percent_up(share)} of them carry them"
    diluted = [point for point in curve.points if point.share * curve.rows <= rows]
    if not diluted:
        return f"through {curve.channel} at a rate that was not measured"
    nearest = max(diluted, key=lambda point: point.share)
    return (
        f"through {curve.channel}, where all of them carry them, about as often as where "
        f"{nearest.share:.0%} of {curve.rows:,} do ({nearest.found} of {nearest.cases} cases)"
    )


def _percent_up(share: float) -> str:
    return f"{ceil(round(100 * share, 6))}%"  # 100 * 0.07 is a little more than 7


def _introduced(certificate: Certificate) -> str:
    point = certificate.operating_point
    return (
        f"It stands on calibration {certificate.id} ({len(certificate.cases)} audits of "
        f"{certificate.base_id}; false alarms {point.alarms} of {point.checked_on})."
    )


def _named(audience: Audience, path: Path) -> Standing:
    certificate = load_certificate(path)
    why = mismatch(certificate, audience)
    if why:
        raise CalibrationError(
            f"--calibration {path}: found that {why}; expected one made for this audit; make it "
            "with `datascan calibrate`, or leave the option out"
        )
    return Standing(certificate, _introduced(certificate))


def _readable(folder: Path) -> Iterator[Certificate]:
    """Those of this version: an older tool's certificate must not stop an audit."""
    for path in (*sorted(folder.glob("*.json")), *sorted(folder.glob(f"*/*/{FILE}"))):
        with suppress(CalibrationError):
            yield load_certificate(path)


def _differing(made: Mapping[str, Any], here: Mapping[str, Any]) -> list[str]:
    """Names that do not have the same value in both, sorted."""
    return sorted(name for name in made.keys() | here.keys() if made.get(name) != here.get(name))


def _setting(value: float | None) -> str:
    """As a person would type it: read back from JSON, 3 epochs are 3.0."""
    return "absent" if value is None else f"{value:g}"
