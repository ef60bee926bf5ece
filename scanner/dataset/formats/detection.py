"""Which format a record is written in."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NoReturn

from scanner.dataset.formats.lookalikes import lookalike
from scanner.dataset.formats.table import FIELDS, NAMES
from scanner.dataset.interface import Formats, Record, RowFormat, RowProblem
from scanner.dataset.shown import in_flag, show_keys, show_text

NO_TEXTS = {
    "token ids": ("input_ids", "token_ids", "tokens", "labels_ids"),
    "images, sound or video": ("images", "image", "audios", "audio", "videos", "video"),
}
"""Fields that say that the rows are no texts."""
MOST_NAMED = 5


def detect_format(record: Record, formats: Formats) -> RowFormat:
    """The one format that a record is written in. Raises RowProblem.

    A record of two formats is an error unless the user named one of them: a scanner that reads one
    while a trainer reads the other has audited nothing. The same goes for fields beside a format's
    own; those that make it another format, too, are settled with it.
    Which fields there are decides, so the answer is remembered for records with the same fields.
    """
    return _format_of(tuple(record), formats)


@lru_cache(maxsize=256)
def _format_of(fields: tuple[str, ...], formats: Formats) -> RowFormat:
    record: Record = dict.fromkeys(fields)
    matching = [row_format for row_format in formats.allowed if row_format.matches(record)]
    unread = [set(row_format.unread(record)) for row_format in matching]
    # Of two that match, one that reads more of the record is meant: a 'label' beside 'prompt' and
    # 'completion' makes another format. Where each leaves what the other reads, it is both.
    best = [
        row_format
        for row_format, left in zip(matching, unread, strict=True)
        if not any(other < left for other in unread)
    ]
    if not best:
        _refuse_fields(record, formats.allowed)
    if len(best) > 1:
        _refuse_two(best, record)
    settled = {field for other in formats.others if other.matches(record) for field in other.fields}
    if left := [field for field in best[0].unread(record) if field not in settled]:
        _refuse_unread(best[0], left)
    return best[0]


def _refuse_two(formats: Sequence[RowFormat], record: Record) -> NoReturn:
    shown = " and ".join(f"{row_format.name} ({row_format.shape})" for row_format in formats)
    names = {row_format.name for row_format in formats}
    if len(names) == len(formats):
        flags = " or ".join(f"--format {row_format.name}" for row_format in formats)
        cure = f"say which of them your trainer reads, with {flags}"
    else:
        flags = " or ".join(_ignoring(row_format.unread(record)) for row_format in formats)
        cure = f"say what your trainer does not read, with {flags}"
    raise RowProblem(
        found=f"the fields of {len(formats)} formats in one row: {shown}",
        expected="those of one",
        cure=cure,
    )


def _ignoring(fields: Sequence[str]) -> str:
    """The flag that leaves fields out."""
    few = fields if len(fields) <= MOST_NAMED else ("NAME", "NAME")
    return f"--field ignored={','.join(in_flag(field) for field in few)}"


def _refuse_unread(row_format: RowFormat, left: Sequence[str]) -> NoReturn:
    _refuse_lookalikes(left)
    _refuse_no_texts(left)
    raise RowProblem(
        found=f"{_fields(left)} beside {row_format.shape}",
        expected=f"no other fields in the format {row_format.name}",
        cure="say what they are with --field FIELD=NAME, or that your trainer does not read them "
        f"with {_ignoring(left)}",
    )


def _refuse_fields(record: Record, formats: Sequence[RowFormat]) -> NoReturn:
    """A record that is of none of the formats."""
    _refuse_lookalikes(tuple(record))
    _refuse_no_texts(tuple(record))
    near = [one for one in formats if any(column in record for column in one.required)]
    shapes = "; ".join(f"{one.shape} ({one.name})" for one in near[:3])
    raise RowProblem(
        found=_fields(tuple(record)) if record else "an empty object",
        expected=shapes if near else f"the fields of a format: {', '.join(NAMES)}",
        cure="convert the rows, or say what their fields are, as in --field messages=NAME",
    )


def _refuse_lookalikes(fields: Sequence[str]) -> None:
    if twin := lookalike(fields, FIELDS):
        raise RowProblem(
            found=f"the field {show_text(twin.name)}, which looks like '{twin.like}' and is not",
            expected=f"'{twin.like}'",
            cure=f"rename the field, or say --field {twin.like}=NAME if your trainer reads it",
        )


def _refuse_no_texts(fields: Sequence[str]) -> None:
    for kind, names in NO_TEXTS.items():
        if found := [field for field in fields if field in names]:
            raise RowProblem(
                found=f"{kind} ({show_keys(found)})",
                expected="rows of text",
                cure="write texts: datascan trains its own probe, with the base's own tokenizer",
            )


def _fields(fields: Sequence[str]) -> str:
    return f"the field{'s' if len(fields) > 1 else ''} {show_keys(fields)}"
