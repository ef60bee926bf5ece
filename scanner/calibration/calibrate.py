"""The calibration, on one page: choose cases → study them → certify."""

import gzip
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from pydantic import TypeAdapter

import reference_models
from probes.loader import load_batteries
from scanner.bases import Base, find_base
from scanner.calibration.cases import Case
from scanner.calibration.certificate import FILE, SHIPPED, Certificate, certificate_values
from scanner.calibration.certify import certify
from scanner.calibration.outcomes import is_planted
from scanner.calibration.students import StudiedCase
from scanner.calibration.study import Instrument, Studied, calibration_run, forget, study
from scanner.calibration.suites import Chosen, choose
from scanner.config import Recipe
from scanner.errors import CalibrationError
from scanner.executors.local import LocalExecutor
from scanner.files import write_atomic
from scanner.plan.gpus import gpu_for, processes
from scanner.progress import Progress

COMPUTING = ("numpy", "peft", "tokenizers", "torch", "transformers")
"""Packages whose version may change what a case measures."""
CASES_FILE = "cases.jsonl.gz"
UNMEASURED_FILE = "unmeasured.json"


@dataclass(frozen=True)
class CalibrationSettings:
    """What is calibrated, and how."""

    base: str
    """A reference model's name, or a folder with a Hugging Face checkpoint."""
    suite: str = "quick"
    case: str | None = None
    """Only the cases whose name contains this; there is then no certificate."""
    other_lineage: str | None = None
    """A base of another initialisation; known for the reference models."""
    root: Path = Path("datascan-calibrations")
    """Calibration folders are made here."""
    workers: int = 2
    recipe: Recipe = field(default_factory=Recipe)
    """Of the audits that are to stand on it."""
    resume: bool = True
    """Whether cases that were studied before, here or for the package, are used again."""


@dataclass(frozen=True)
class CaseRow:
    """One case for a reader."""

    name: str
    rows: int
    passing: float | None
    """Share of the teacher's answers that passed the filter."""
    planted: str | None
    """What moved most of what was planted, or None."""
    planted_shift: float | None
    """In nats."""
    largest: str
    """The trait with the smallest adjusted p-value."""
    p_adjusted: float | None
    seconds: float


@dataclass(frozen=True)
class Calibrated:
    """A calibration that has ended."""

    studied: Studied
    certificate: Certificate | None
    """None if only single cases were asked for."""
    folder: Path
    """Holds ``certificate.json`` and, a line each, the studied cases."""

    def rows(self) -> list[CaseRow]:
        """A line per case: for single cases, which no certificate sums up."""
        return [_case_row(case) for case in self.studied.cases]


def chosen_cases(settings: CalibrationSettings) -> Chosen:
    """The cases that the settings ask for."""
    return choose(settings.suite, settings.recipe, settings.case)


def calibrate(settings: CalibrationSettings, progress: Progress) -> Calibrated:
    """Study a suite on a base and certify what came of it; goes on where it was stopped.

    Raises ``DatascanError`` for what the user can mend; finished cases are kept.
    """
    chosen = chosen_cases(settings)
    instrument = instrument_of(settings)
    known = shipped_cases(instrument) if settings.resume else {}
    hopeless = shipped_unmeasured(instrument) if settings.resume else {}
    with calibration_run(instrument, settings.root) as run:
        if not settings.resume:
            forget(instrument, chosen.cases, run)
        workers = processes(settings.workers, instrument.gpu)
        with LocalExecutor(workers, run.log) as executor:
            studied = study(instrument, chosen.cases, known, hopeless, run, executor, progress)
        if settings.case is not None:
            return Calibrated(studied, None, run.path)
        folder = run.path / certificate_folder(settings.suite, chosen.recipe)
        certificate = certify(instrument, settings.suite, chosen.suite, chosen.recipe, studied)
        save_cases(studied.cases, folder / CASES_FILE)
        save_unmeasured(studied.unmeasured, folder / UNMEASURED_FILE)
        values = json.dumps(certificate_values(certificate), indent=1, allow_nan=False)
        write_atomic(values + "\n", folder / FILE)
    return Calibrated(studied, certificate, folder)


def certificate_folder(suite: str, recipe: Recipe) -> str:
    """The name of a certificate's folder: audits of another recipe stand on another one."""
    described = json.dumps(recipe.as_dict(), sort_keys=True).encode()
    return f"{suite}-{hashlib.sha256(described).hexdigest()[:8]}"


def _case_row(studied: StudiedCase) -> CaseRow:
    shifts = studied.shifts()
    planted = [trait for trait in shifts if is_planted(trait.trait, studied.case)]
    best = max(planted, key=lambda trait: trait.shift, default=None)
    largest = min(shifts, key=lambda trait: 1.0 if trait.p_adjusted is None else trait.p_adjusted)
    return CaseRow(
        name=studied.case.name,
        rows=studied.rows,
        passing=studied.passing,
        planted=best.trait if best else None,
        planted_shift=best.shift if best else None,
        largest=largest.trait,
        p_adjusted=largest.p_adjusted,
        seconds=studied.seconds,
    )


def shipped_cases(instrument: Instrument) -> dict[Case, StudiedCase]:
    """Cases that were studied for the package with this very instrument."""
    path = SHIPPED / f"{instrument.base.id}-{instrument.id}.{CASES_FILE}"
    return {one.case: one for one in load_cases(path)} if path.is_file() else {}


def shipped_unmeasured(instrument: Instrument) -> dict[str, str]:
    """Cases that were tried for the package with this very instrument, in vain: name → why."""
    path = SHIPPED / f"{instrument.base.id}-{instrument.id}.{UNMEASURED_FILE}"
    return TypeAdapter(dict[str, str]).validate_json(path.read_bytes()) if path.is_file() else {}


def save_unmeasured(unmeasured: Mapping[str, str], path: Path) -> None:
    """Write why cases have no result: name → reason."""
    write_atomic(json.dumps(dict(unmeasured), indent=1) + "\n", path)


def save_cases(cases: Sequence[StudiedCase], path: Path) -> None:
    """Write the raw results, one JSON object a line, the same bytes for the same cases."""
    one = TypeAdapter(StudiedCase)
    lines = b"".join(one.dump_json(case) + b"\n" for case in cases)
    write_atomic(gzip.compress(lines, compresslevel=9, mtime=0), path)


def load_cases(path: Path) -> tuple[StudiedCase, ...]:
    """Read raw results back."""
    one = TypeAdapter(StudiedCase)
    lines = gzip.decompress(path.read_bytes()).splitlines()
    return tuple(one.validate_json(line) for line in lines)


def instrument_of(settings: CalibrationSettings) -> Instrument:
    """What the settings calibrate."""
    base = find_base(settings.base)
    gpu = gpu_for(base.path)
    return Instrument(
        base=base,
        stranger=_stranger(base, settings.other_lineage),
        batteries={battery.id: battery.sha256 for battery in load_batteries()},
        versions={package: version(package) for package in COMPUTING},
        gpu=None if gpu is None else gpu.name,
    )


def _stranger(base: Base, named: str | None) -> Base | None:
    if named is not None:
        other = find_base(named, "--other-lineage")
        if other.revision == base.revision:
            raise CalibrationError(
                f"--other-lineage {named!r}: found the base itself; expected a base of another "
                "initialisation; name one, or leave the option out"
            )
        if other.lineage is not None and other.lineage == base.lineage:
            raise CalibrationError(
                f"--other-lineage {named!r}: found a base of lineage {other.lineage}, as "
                f"{base.id} is; expected another initialisation, to which numbers carry nothing; "
                "name one, or leave the option out"
            )
        return other
    if base.id not in reference_models.NAMES:
        return None
    [name] = set(reference_models.NAMES) - {base.id}
    return find_base(name)
