"""The way in: from files to rows, in one pass."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from scanner.dataset.containers.detect import detect_container
from scanner.dataset.digest import RowsDigest
from scanner.dataset.groups import grouped
from scanner.dataset.interface import Entry, Parsed, ReaderDisagreement, ReadOptions, RowProblem
from scanner.dataset.limits import Limits
from scanner.dataset.one_format import OneFormat
from scanner.dataset.opened import EXPECTED, open_file
from scanner.dataset.shown import show_path
from scanner.dataset.sources import Sources, find_sources
from scanner.errors import DatasetError
from scanner.types import BadRow, DataFile, Dataset

DISAGREEMENT = "reader-disagreement"
"""The finding that a trainer's reader sees other rows than ours; it begins its message."""


@dataclass(frozen=True)
class Summary:
    """What was read, without the rows."""

    path: str
    """What the user named; several names are joined with a comma."""
    files: tuple[DataFile, ...]
    format: str
    records: int
    rows: int
    masked: int
    """Spans of assistant text without loss."""
    bad_rows: int
    rows_sha256: str
    notes: tuple[str, ...]
    """See ``scanner.types.Dataset`` for what is not said here."""


def read_dataset(
    paths: Sequence[Path] | Path,
    options: ReadOptions = ReadOptions(),  # noqa: B008
    limits: Limits = Limits(),  # noqa: B008
) -> Dataset:
    """Every row of the candidate, all in one format, and the digests of files and rows.

    Nothing is skipped or repaired: whatever is not a row raises DatasetError, which names file
    and line. With ``report_bad_rows`` it becomes a BadRow instead, except where a trainer's
    reader would see rows in it.
    """
    stream = stream_rows(paths, options, limits)
    items = list(stream)
    parsed = [item for item in items if isinstance(item, Parsed)]
    summary = stream.summary
    return Dataset(
        path=summary.path,
        files=summary.files,
        format=summary.format,
        records=summary.records,
        rows_sha256=summary.rows_sha256,
        rows=tuple(row for item in parsed for row in item.rows),
        masked=tuple(masked for item in parsed for masked in item.masked),
        bad_rows=tuple(item for item in items if isinstance(item, BadRow)),
        notes=summary.notes,
    )


def stream_rows(
    paths: Sequence[Path] | Path,
    options: ReadOptions = ReadOptions(),  # noqa: B008
    limits: Limits = Limits(),  # noqa: B008
) -> "RowStream":
    """The same rows one record at a time, in flat memory. Raises DatasetError, now and later."""
    named = (paths,) if isinstance(paths, Path) else tuple(paths)
    return RowStream(named, find_sources(named, options, limits), limits)


class RowStream:
    """Iterate once, to the end; then there is a summary."""

    def __init__(self, named: Sequence[Path], sources: Sources, limits: Limits) -> None:
        """``named`` is what the user called the ``sources``."""
        self._path = ", ".join(map(str, named))
        self._sources = sources
        self._limits = limits
        self._format = OneFormat(sources.options)
        self._digest = RowsDigest()
        self._records = self._rows = self._masked = self._bad_rows = 0
        self._summary: Summary | None = None

    @property
    def summary(self) -> Summary:
        """What was read. There is none before the last record."""
        if self._summary is None:
            raise RuntimeError("the rows have not been read to their end")
        return self._summary

    def __iter__(self) -> Iterator[Parsed | BadRow]:
        """The rows of every record in turn, or why it has none."""
        files: list[DataFile] = []
        notes = list(self._sources.notes)
        for number, path in enumerate(self._sources.files):
            with _at(path), open_file(path, self._limits) as file:
                for entry in detect_container(file).entries(file):
                    yield self._item(entry, number)
                files.append(file.seal())
                notes += file.notes
        if not self._rows:
            self._refuse_none()
        self._summary = Summary(
            self._path,
            tuple(files),
            self._format.name,
            self._records,
            self._rows,
            self._masked,
            self._bad_rows,
            self._digest.hexdigest(),
            (*notes, *self._format.notes),
        )

    def _item(self, entry: Entry, file: int) -> Parsed | BadRow:
        if self._records == self._limits.records:
            raise RowProblem(
                found=f"more than {self._limits.records:,} rows",
                expected="a dataset that fits in memory",
                cure="audit it in parts",
                line=entry.line,
            )
        self._records += 1
        try:
            if isinstance(entry.content, RowProblem):
                raise entry.content
            parsed = self._format.parse(entry.content, entry.line)
            if self._sources.options.group_by is not None:
                parsed = grouped(parsed, entry.content, self._sources.options.group_by)
        except RowProblem as problem:
            problem.cure = f"{entry.hint}; {problem.cure}" if entry.hint else problem.cure
            if isinstance(problem, ReaderDisagreement) or not self._sources.options.report_bad_rows:
                problem.line = entry.line
                raise
            self._bad_rows += 1
            return BadRow(entry.line, str(problem), entry.raw, file)
        if file:
            parsed = _in_file(parsed, file)
        self._digest.add(parsed.rows)
        self._rows += len(parsed.rows)
        self._masked += len(parsed.masked)
        return parsed

    def _refuse_none(self) -> None:
        found = "no rows to train on" if self._records else "no rows"
        cure = "check that the file was written"
        path = show_path(self._sources.files[0])
        raise DatasetError(path, None, found=found, expected=EXPECTED, cure=cure)


def _in_file(parsed: Parsed, file: int) -> Parsed:
    return Parsed(
        tuple(row._replace(file=file) for row in parsed.rows),
        tuple(masked._replace(file=file) for masked in parsed.masked),
    )


@contextmanager
def _at(path: Path) -> Iterator[None]:
    """Say where a problem is."""
    try:
        yield
    except RowProblem as problem:
        shown = show_path(path)
        if isinstance(problem, ReaderDisagreement):
            shown = f"{DISAGREEMENT}: {shown}"
        raise DatasetError(
            shown,
            problem.line,
            found=problem.found,
            expected=problem.expected,
            cure=problem.cure,
        ) from None
