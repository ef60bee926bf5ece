"""Jobs whose results outlive the process, and show whether they are what was written.

    {"sha256":"<of the result, and of the folder that belongs to it>","result":...}

The digest finds damage: half a file, a flipped bit, an adapter that is not this result's. It is no
signature, and keeps nobody from writing another result.
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from scanner.executors.interface import Job
from scanner.files import folder_sha256, write_atomic
from scanner.progress import OnRows

ResultT = TypeVar("ResultT")

_SEALED = re.compile(rb'\{"sha256":"([0-9a-f]{64})","result":(.+)\}\n', re.DOTALL)


@dataclass(frozen=True)
class StoredJob(Generic[ResultT]):
    """A job whose result outlives the process."""

    path: Path
    job: Job[ResultT]
    result_type: type[ResultT]
    leaves: Path | None = None
    """A folder that the job leaves beside its result, which is worth nothing without it."""

    @property
    def rows(self) -> int:
        """Rows still to do: none if the result is there."""
        return self.job.rows if self._finished() is None else 0

    def run(self, on_rows: OnRows) -> ResultT:
        """The stored result, or the job's, stored."""
        finished = self._finished()
        if finished is not None:
            return finished
        result = self.job.run(on_rows)
        write_result(self.path, result, self.result_type, self.leaves)
        return result

    def _finished(self) -> ResultT | None:
        return read_result(self.path, self.result_type, self.leaves)


@dataclass(frozen=True)
class Place:
    """Where one result of several is kept."""

    path: Path
    leaves: Path
    """The folder that belongs to it."""


@dataclass(frozen=True)
class StoredTogether(Generic[ResultT]):
    """A job with several results that outlive the process, each for itself."""

    places: tuple[Place, ...]
    job: Job[tuple[ResultT, ...]]
    result_type: type[ResultT]

    @property
    def rows(self) -> int:
        """Rows still to do: none if all results are there."""
        return self.job.rows if self._finished() is None else 0

    def run(self, on_rows: OnRows) -> tuple[ResultT, ...]:
        """The stored results, or the job's, stored."""
        finished = self._finished()
        if finished is not None:
            return finished
        results = self.job.run(on_rows)
        for place, result in zip(self.places, results, strict=True):
            write_result(place.path, result, self.result_type, place.leaves)
        return results

    def _finished(self) -> tuple[ResultT, ...] | None:
        found = [read_result(one.path, self.result_type, one.leaves) for one in self.places]
        there = tuple(one for one in found if one is not None)
        return there if len(there) == len(found) else None


def write_result(
    path: Path, result: ResultT, result_type: type[ResultT], leaves: Path | None = None
) -> None:
    """Store a job's result, sealed together with the folder that it leaves."""
    content = TypeAdapter(result_type).dump_json(result)
    write_atomic(b'{"sha256":"%s","result":%s}\n' % (_digest(content, leaves), content), path)


def read_result(
    path: Path, result_type: type[ResultT], leaves: Path | None = None
) -> ResultT | None:
    """A stored result; None if there is none, or if it or its folder is not what was sealed."""
    try:
        found = _SEALED.fullmatch(path.read_bytes())
        if found is None or found[1] != _digest(found[2], leaves):
            return None
        return TypeAdapter(result_type).validate_json(found[2])
    except (OSError, ValidationError):
        return None


def _digest(content: bytes, leaves: Path | None) -> bytes:
    digest = hashlib.sha256(content)
    if leaves is not None:
        digest.update(folder_sha256(leaves).encode())
    return digest.hexdigest().encode()
