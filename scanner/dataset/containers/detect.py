"""Which container a file is: by what it begins with, then by what its name ends in."""

import re
from pathlib import Path
from typing import NamedTuple, NoReturn

from scanner.dataset.containers.arrow import Arrow
from scanner.dataset.containers.arrow_sizes import FILE_MAGIC, STREAM_MAGIC
from scanner.dataset.containers.delimited import CSV, TSV
from scanner.dataset.containers.json_document import JsonDocument
from scanner.dataset.containers.jsonl import JsonLines
from scanner.dataset.containers.lines import BYTE_ORDER_MARK
from scanner.dataset.containers.parquet import Parquet
from scanner.dataset.containers.strict_json import quick_object
from scanner.dataset.containers.text import PlainText
from scanner.dataset.interface import Container, RowProblem
from scanner.dataset.opened import COMPRESSIONS, OpenedFile

JSON_LINES, JSON, TEXT, PARQUET, ARROW = (
    JsonLines(),
    JsonDocument(),
    PlainText(),
    Parquet(),
    Arrow(),
)
ENDINGS: dict[str, Container] = {
    ".jsonl": JSON_LINES,
    ".ndjson": JSON_LINES,
    ".json": JSON,
    ".csv": CSV,
    ".tsv": TSV,
    ".txt": TEXT,
    ".parquet": PARQUET,
    ".arrow": ARROW,
}
TABLES: dict[bytes, Container] = {b"PAR1": PARQUET, FILE_MAGIC: ARROW, STREAM_MAGIC: ARROW}
"""How a table's file begins. Texts have no such mark."""
FOREIGN = {
    b"\xff\xfe": "UTF-16 text",
    b"\xfe\xff": "UTF-16 text",
    b"PK\x03\x04": "a zip file, or what is one (.pt, .npz, .xlsx)",
    b"PK\x05\x06": "an empty zip file",
    b"7z\xbc\xaf\x27\x1c": "a 7z file",
    b"Rar!": "a RAR file",
    b"\xfd7zXZ\0": "an xz file",
    b"BZh": "a bzip2 file",
    b"\x04\x22\x4d\x18": "an lz4 file",
    b"\x1f\x8b": "a gzip file",
    b"\x28\xb5\x2f\xfd": "a Zstandard file",
    b"PARE": "an encrypted Parquet file",
    b"\x93NUMPY": "a NumPy file",
    b"\x89HDF": "an HDF5 file",
    b"SQLite format 3\0": "an SQLite file",
    b"version https://git-lfs": "a Git LFS pointer instead of the file",
}
PICKLE = re.compile(rb"\x80[\x02-\x05]")
ARRAY_OF_OBJECTS = re.compile(rb"\s*\[\s*\{")
TAR = slice(257, 262)
"""Where a tar file says ``ustar``."""
ACCEPTED = f"one of {', '.join(ENDINGS)}, or a text as .gz or .zst"


class Name(NamedTuple):
    """What a file's name says is in it."""

    ending: str
    """Empty where it ends in nothing that is known."""
    compression: str | None


def name_of(path: Path) -> Name:
    """What a name ends in, whatever the case: ``Data.JSONL.gz`` is (``.jsonl``, ``.gz``)."""
    stem, name = path, path.name.lower()
    compression = next((end for end in COMPRESSIONS.values() if name.endswith(end)), None)
    if compression:
        stem = Path(name.removesuffix(compression))
    ending = stem.suffix.lower()
    return Name(ending if ending in ENDINGS else "", compression)


def detect_container(file: OpenedFile) -> Container:
    """The container of a file. Raises RowProblem where there is none, or the name says another."""
    name = name_of(file.path)
    if file.compression != name.compression:
        packed = f"a {file.compression} file" if file.compression else "a file that is not packed"
        _disagree(packed, f"with {file.compression or 'neither .gz nor .zst'} at its end")
    start = file.ahead()
    table = next((TABLES[magic] for magic in TABLES if start.startswith(magic)), None)
    if table is None:
        _refuse_foreign(start)
        return _text(start.removeprefix(BYTE_ORDER_MARK), ENDINGS.get(name.ending))
    if file.compression:
        _refuse(f"{table.name} packed as {file.compression}", "unpack the file")
    if name.ending and ENDINGS[name.ending] is not table:
        _disagree(table.name, "by what is in it")
    return table


def _text(start: bytes, named: Container | None) -> Container:
    """Text is what its name says, unless it is JSON that says otherwise."""
    first = start.partition(b"\n")[0].rstrip(b"\r")
    is_array = ARRAY_OF_OBJECTS.match(start) is not None
    if named is None and (is_array or start.lstrip().startswith(b"{")):
        return JSON
    if named is None:
        _refuse("a file whose name does not say what is in it", "give the file its ending")
    # Trainers' readers go by the first byte, whatever the name.
    if named is JSON_LINES and start.lstrip().startswith(b"["):
        _disagree("a JSON array", ".json")
    if named in (CSV, TSV, TEXT) and (is_array or quick_object(first) is not None):
        _disagree("JSON", ".json or .jsonl")
    return named


def _refuse_foreign(start: bytes) -> None:
    kind = next((FOREIGN[magic] for magic in FOREIGN if start.startswith(magic)), None)
    if PICKLE.match(start):
        kind = "a pickle, which can run code when it is read"
    if start[TAR] == b"ustar":
        kind = "a tar file"
    if kind:
        _refuse(kind, "convert or unpack the file")


def _disagree(found: str, ending: str) -> NoReturn:
    _refuse(f"{found} under another name", f"name the file {ending}")


def _refuse(found: str, cure: str) -> NoReturn:
    raise RowProblem(found=found, expected=ACCEPTED, cure=cure)
