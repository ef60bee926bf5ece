"""The terms of verification from the files that state them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from scanner.gate.baseline import load_baseline
from scanner.gate.findings import Excuses
from scanner.gate.keys import PublicKey, load_public_key
from scanner.gate.policy import STRICT, Policy, load_policy
from scanner.gate.suppressions import find_suppressions
from scanner.gate.verification import Terms


@dataclass(frozen=True)
class TermFiles:
    """Files that state the terms; what is not given has its strict value."""

    policy: Path | None = None
    suppressions: Path | None = None
    baseline: Path | None = None
    keys: tuple[Path, ...] = ()
    """Public keys, besides those that the policy names."""
    attestation: Path | None = None


def load_terms(files: TermFiles) -> Terms:
    """The terms as they hold now. Raises DatascanError."""
    policy = load_policy(files.policy) if files.policy else STRICT
    return Terms(
        datetime.now(UTC),
        policy,
        load_excuses(files.suppressions, files.baseline),
        _keys(files.policy, policy, files.keys),
        files.attestation,
    )


def load_excuses(suppressions: Path | None, baseline: Path | None) -> Excuses:
    """What excuses findings: the named suppressions, or those found here, and the baseline.

    Raises DatascanError.
    """
    return Excuses(find_suppressions(suppressions), load_baseline(baseline) if baseline else None)


def as_of_now(terms: Terms) -> Terms:
    """The same terms at a later moment, for who loads them once and verifies again and again."""
    return replace(terms, now=datetime.now(UTC))


def _keys(path: Path | None, policy: Policy, more: Sequence[Path]) -> tuple[PublicKey, ...]:
    folder = path.parent if path else Path()
    return tuple(load_public_key(one) for one in (*more, *(folder / p for p in policy.signed_by)))
