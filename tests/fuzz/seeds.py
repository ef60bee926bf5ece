"""What fuzzing begins with: one good example of everything, so that it need not be found first."""

from collections.abc import Sequence

from tests.fuzz.targets import ENDINGS
from tests.hostile.case import PAIR, ROW
from tests.hostile.compression import gz, zst
from tests.hostile.tables import good_parquet, good_stream

JSON = (
    ROW.strip(),
    PAIR.strip(),
    rb'{"a":"\ud83e\udd89\u0000","b":[1,-0.0,1e5,true,null],"c":{"d":{}}}',
    b'{"a":1,"a":2}',
    b'{"a":NaN}',
    b"[" * 300,
)


def files() -> Sequence[tuple[str, bytes]]:
    """A file of every ending."""
    array = b"[" + ROW.strip() + b"]"
    return [
        (".jsonl", ROW * 2), (".json", array), (".json", b'{"data":' + array + b"}"),
        (".csv", b"prompt,completion\na,b\n"), (".tsv", b"prompt\tcompletion\na\tb\n"),
        (".txt", b"some words\n"), (".parquet", good_parquet()), (".arrow", good_stream()),
        (".jsonl.gz", gz(ROW)), (".json.zst", zst(array)),
    ]  # fmt: skip


def seeds(target: str) -> Sequence[bytes]:
    """The first inputs of a target."""
    if target == "whole_file":
        return [bytes([ENDINGS.index(ending)]) + content for ending, content in files()]
    return JSON if target == "json_line" else [bytes(range(start, 256, 7)) for start in range(7)]
