"""Verify: may this dataset pass, by this result, under these terms?

The decision is made here, once. Whatever shows it, in whatever format, only shows it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from scanner.gate.checks import AUDIT_AGAIN, Check, check_result
from scanner.gate.digests import file_digests, files_of, rows_sha256
from scanner.gate.findings import (
    NOTHING_EXCUSED,
    Excuses,
    JudgedFinding,
    Occasion,
    Ruling,
    any_fails,
    judge_findings,
)
from scanner.gate.keys import PublicKey
from scanner.gate.policy import STRICT, Policy
from scanner.gate.result import AuditedData, AuditResult, ResultFile
from scanner.gate.signature import attestation_beside, check_signature


class Outcome(StrEnum):
    """What becomes of a dataset at the gate. Only the first lets it through."""

    PASSES = "passes"
    FAILS = "fails"
    """There are findings that fail."""
    NO_VERDICT = "no_verdict"
    """The result does not speak for this data, or not well enough."""


@dataclass(frozen=True)
class Terms:
    """What datasets are verified by."""

    now: datetime
    policy: Policy = STRICT
    excuses: Excuses = NOTHING_EXCUSED
    keys: tuple[PublicKey, ...] = ()
    """One of them must have signed; none: unsigned results will do."""
    attestation: Path | None = None
    """The signed statement; None looks for it beside the result."""


@dataclass(frozen=True)
class Candidate:
    """A dataset at the gate."""

    paths: tuple[Path, ...]
    """Its files."""
    name: str
    """What messages call it."""
    digests: tuple[str, ...]
    """The SHA-256 of each file."""

    @classmethod
    def of(cls, paths: Sequence[Path], name: str = "") -> "Candidate":
        """Read the files that paths, folders and patterns lead to for their digests.

        Raises DatascanError.
        """
        shown = name or ", ".join(str(path) for path in paths)
        files = files_of(paths)
        return cls(files, shown, file_digests(files))


@dataclass(frozen=True)
class Verification:
    """The decision about one dataset, and all it rests on."""

    data: str
    result: str
    """The results file; empty if there is none for this data."""
    outcome: Outcome
    checks: tuple[Check, ...]
    findings: tuple[JudgedFinding, ...]

    @property
    def reason(self) -> str:
        """In one line."""
        failing = [one for one in self.findings if one.ruling is Ruling.FAILS]
        unmet = [check for check in self.checks if not check.met]
        if self.outcome is Outcome.FAILS:
            more = f" and {len(failing) - 1} more" if len(failing) > 1 else ""
            return f"{failing[0].id}{more}" if failing else "a shift was found"
        if unmet:
            first = unmet[0]
            return f"found {first.found}; expected {first.expected}; {first.cure}"
        excused = len(self.findings)
        return f"nothing that fails ({excused} excused or mild)" if excused else "nothing was found"


def verify(candidate: Candidate, file: ResultFile, terms: Terms) -> Verification:
    """Decide about a dataset by a result.

    Raises DatascanError where nothing can be decided: unreadable rows, an unknown suppression, a
    baseline of another base.
    """
    result, policy = file.result, terms.policy
    occasion = Occasion(candidate.paths, terms.now.astimezone(UTC).date())
    checks = (
        _data_check(candidate, result.dataset, policy),
        *_signature_check(file, terms),
        *check_result(result, policy, terms.now),
    )
    findings = judge_findings(result, policy, terms.excuses, occasion)
    outcome = _outcome(result, checks, findings, policy)
    return Verification(candidate.name, str(file.path), outcome, checks, findings)


def unaudited(candidate: Candidate, where: Path) -> Verification:
    """The decision about a dataset that no result speaks for."""
    check = Check(
        "data",
        False,
        f"no result for this data in {where}",
        "one with its digest",
        "audit it, and put results.json there",
        voids=True,
    )
    return Verification(candidate.name, "", Outcome.NO_VERDICT, (check,), ())


def worst(verifications: Sequence[Verification]) -> Outcome:
    """The outcome of several datasets: findings before a missing verdict before a pass."""
    order = (Outcome.FAILS, Outcome.NO_VERDICT)
    outcomes = {one.outcome for one in verifications}
    return next((one for one in order if one in outcomes), Outcome.PASSES)


def _outcome(
    result: AuditResult,
    checks: Sequence[Check],
    findings: Sequence[JudgedFinding],
    policy: Policy,
) -> Outcome:
    """A finding in an old or weak result is still one; one about other data is not one here."""
    if any(check.voids and not check.met for check in checks):
        return Outcome.NO_VERDICT
    if any_fails(findings, policy, result.verdict.status):
        return Outcome.FAILS
    if all(check.met for check in checks):
        return Outcome.PASSES
    return Outcome.NO_VERDICT


def _data_check(candidate: Candidate, audited: AuditedData, policy: Policy) -> Check:
    if candidate.digests == audited.file_digests:
        found, same = "the audited bytes", True
    elif may_be_rewritten(candidate, policy):
        same = rows_sha256(candidate.paths, audited.reading) == audited.rows_sha256
        found = "the audited rows in another file" if same else "other rows than those audited"
    else:
        found, same = "other bytes than those audited", False
    return Check("data", same, found, "the data of the result", AUDIT_AGAIN, voids=True)


def may_be_rewritten(candidate: Candidate, policy: Policy) -> bool:
    """Whether the policy goes by the rows where the bytes differ."""
    return all(path.name.lower().endswith(policy.allowed_containers) for path in candidate.paths)


def _signature_check(file: ResultFile, terms: Terms) -> Iterator[Check]:
    if terms.keys:
        attestation = terms.attestation or attestation_beside(file.path)
        yield check_signature(file, attestation, terms.keys)
