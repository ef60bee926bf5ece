"""Verifies a dataset by a folder of results: the right one is found by digest."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from scanner.config import ReadOptions
from scanner.errors import DatascanError, DatasetError, GateError
from scanner.gate.checks import is_allowed
from scanner.gate.digests import rows_sha256
from scanner.gate.policy import Policy
from scanner.gate.result import ResultFile, read_result
from scanner.gate.verification import (
    Candidate,
    Terms,
    Verification,
    may_be_rewritten,
    unaudited,
    verify,
    worst,
)

MOST_FILES = 10_000


def verify_by_folder(candidate: Candidate, folder: Path, terms: Terms) -> Verification:
    """Decide about a dataset by the results in the folder that are of this data.

    The newest on each base speaks; of those on bases that the policy allows, if there are any, the
    one that is worst for the data counts: what one base learns of it, another need not. ``*.json``
    and ``*/results.json`` are looked at; what is no result is passed over. Raises DatascanError
    where nothing can be decided.
    """
    results = list(_results(folder))
    fitting = [one for one in results if one.result.dataset.file_digests == candidate.digests]
    if not fitting and may_be_rewritten(candidate, terms.policy):
        fitting = list(_of_same_rows(candidate, results))
    if not fitting:
        return unaudited(candidate, folder)
    decided = [verify(candidate, one, terms) for one in _newest_on_each_base(fitting, terms.policy)]
    decisive = worst(decided)
    return next(one for one in decided if one.outcome is decisive)


def _newest_on_each_base(results: Sequence[ResultFile], policy: Policy) -> list[ResultFile]:
    """The newest first; of bases that the policy does not allow only if there are no others."""
    oldest_first = sorted(results, key=lambda one: one.result.created)
    newest = {one.result.base.revision: one for one in oldest_first}
    allowed = [one for one in newest.values() if is_allowed(one.result.base, policy)]
    return sorted(allowed or newest.values(), key=lambda one: one.result.created, reverse=True)


def _of_same_rows(candidate: Candidate, results: Sequence[ResultFile]) -> Iterator[ResultFile]:
    """Results of these rows in other bytes; the data is read once in each way of theirs."""
    readings: list[ReadOptions] = []
    for one in results:
        if one.result.dataset.reading not in readings:
            readings.append(one.result.dataset.reading)
    for reading in readings:
        with suppress(DatasetError):  # then no such result is of this data
            rows = rows_sha256(candidate.paths, reading)
            yield from (
                one
                for one in results
                if (one.result.dataset.reading, one.result.dataset.rows_sha256) == (reading, rows)
            )


def _results(folder: Path) -> Iterator[ResultFile]:
    for path in _candidates(folder):
        with suppress(DatascanError, OSError):
            status = path.stat()
            yield _read(path, status.st_mtime_ns, status.st_size)


def _candidates(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise GateError(
            f"{folder}: found no such folder; expected one with results of datascan audits; check "
            "the path"
        )
    paths = sorted({*folder.glob("*.json"), *folder.glob("*/results.json")})
    if len(paths) > MOST_FILES:
        raise GateError(
            f"{folder}: found {len(paths):,} files; expected at most {MOST_FILES:,}; move old "
            "results elsewhere"
        )
    return paths


@lru_cache(maxsize=MOST_FILES)
def _read(path: Path, mtime_ns: int, size: int) -> ResultFile:
    """Parse a file once, as long as it does not change: a server is asked again and again."""
    return read_result(path)
