"""Compressed files: bombs, cut ones, packed twice, under another name."""

import gzip
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

from tests.hostile.case import PAIR, ROW, Case, accepted, file, line, refused

ROWS = ROW * 50
FRAME = b"\x28\xb5\x2f\xfd"
"""How every frame of Zstandard begins."""
GIB = 2**30


def gz(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def zst(content: bytes) -> bytes:
    return zstd.compress(content)


def one_block(window: int, content: bytes) -> bytes:
    """A frame by hand: a window of ``2 ** window`` bytes, and one block of plain bytes."""
    block = (len(content) << 3 | 1).to_bytes(3, "little")
    return FRAME + bytes([0, (window - 10) << 3]) + block + content


def repeating_block(content: bytes, size: int) -> bytes:
    """A frame by hand: one block that says "this byte, so many times"."""
    block = (size << 3 | 2 | 1).to_bytes(3, "little")
    return FRAME + bytes([0, 10 << 3]) + block + content


def bomb(pack: Callable[[bytes], bytes], field: str = "completion") -> Callable[[], bytes]:
    """Rows of one letter that unpack to 1 GB, a thousand times their size and more."""
    member = pack(line({"prompt": "a", field: "a" * 2**20}) * 16)
    return lambda: member * (GIB // (16 * 2**20))


def packed_again(content: bytes, times: int) -> bytes:
    for _ in range(times):
        content = gz(content)
    return content


def with_name(name: bytes) -> bytes:
    """A gzip file whose header says what the file was called."""
    packed = gz(ROWS)
    return packed[:3] + b"\x08" + packed[4:10] + name + b"\0" + packed[10:]


def late_surprise(folder: Path) -> Path:
    """Good rows, then a member that is none."""
    return file("data.jsonl.gz", gz(ROWS) + gz(b"\0" * 100))(folder)


CASES: tuple[Case, ...] = (
    accepted("gzip", file("data.jsonl.gz", gz(ROWS)), "50 trained on"),
    accepted("Zstandard", file("data.jsonl.zst", zst(ROWS)), "50 trained on"),
    accepted("gzip in members", file("data.jsonl.gz", gz(ROW) * 3), "3 trained on"),
    accepted(
        "a row over two members", file("data.jsonl.gz", gz(ROW[:9]) + gz(ROW[9:])), "1 trained"
    ),
    accepted("Zstandard in frames", file("data.jsonl.zst", zst(ROW) * 3), "3 trained on"),
    accepted("an array in gzip", file("data.json.gz", gz(b"[" + ROW + b"]")), "1 trained on"),
    accepted("text in gzip", file("data.txt.gz", gz(b"a b c\nd e f\n")), "2 trained on"),
    accepted("gzip in capitals", file("DATA.JSONL.GZ", gz(ROWS)), "50 trained on"),
    accepted(
        "a gzip header that colours", file("data.jsonl.gz", with_name(b"\x1b[31m")), "50 trained"
    ),
    refused("a gzip bomb", file("data.jsonl.gz", bomb(gz)), "more than 200 times its size"),
    refused("a Zstandard bomb", file("data.jsonl.zst", bomb(zst)), "more than 200 times its size"),
    refused(
        "a gzip bomb of NULs", file("data.jsonl.gz", lambda: gz(b"\0" * 2**24) * 64), "a line of"
    ),
    refused(
        "a bomb in one array",
        file("data.json.gz", lambda: gz(b"[" + b" " * 2**25)),
        "does not begin with",
    ),
    refused(
        "a bomb in one cell", file("data.csv.gz", lambda: gz(b"text\n" + b"a" * 2**25)), "line"
    ),
    refused(
        "a bomb of bad rows",
        file("data.jsonl.gz", bomb(gz, "x")),
        "200 times",
        options=("--no-screen", "--on-bad-row", "report"),
    ),
    refused("a window of 2 GB", file("data.jsonl.zst", one_block(31, ROW)), "damaged", ".zst"),
    refused("a window of 256 MB", file("data.jsonl.zst", one_block(28, ROW)), "damaged"),
    accepted("a window of 8 MB", file("data.jsonl.zst", one_block(23, ROW)), "1 trained on"),
    refused(
        "one byte repeated", file("data.jsonl.zst", repeating_block(b"[", 2**17)), "a JSON array"
    ),
    refused("gzip that is cut off", file("data.jsonl.gz", gz(ROWS)[:-12]), "damaged or cut off"),
    refused("gzip without its end", file("data.jsonl.gz", gz(ROWS)[:-8]), "damaged or cut off"),
    refused("gzip with a wrong checksum", file("data.jsonl.gz", gz(ROWS)[:-8] + b"\0" * 8), "CRC"),
    refused("a header of gzip alone", file("data.jsonl.gz", gz(ROWS)[:10]), "damaged or cut off"),
    refused("two bytes of gzip", file("data.jsonl.gz", b"\x1f\x8b"), "damaged or cut off"),
    refused(
        "an unknown method of gzip", file("data.jsonl.gz", b"\x1f\x8b\x07" + b"\0" * 20), "damaged"
    ),
    refused("garbage after gzip", file("data.jsonl.gz", gz(ROWS) + ROW), "damaged or cut off"),
    refused("raw deflate as gzip", file("data.jsonl.gz", zlib.compress(ROWS)), "not packed"),
    refused("no gzip at all", file("data.jsonl.gz", ROWS), "not packed under another name"),
    refused("no Zstandard at all", file("data.jsonl.zst", ROWS), "not packed under another name"),
    refused("gzip as Zstandard", file("data.jsonl.zst", gz(ROWS)), "a .gz file under another name"),
    refused(
        "Zstandard as gzip", file("data.jsonl.gz", zst(ROWS)), "a .zst file under another name"
    ),
    refused("gzip as JSON Lines", file("data.jsonl", gz(ROWS)), "a .gz file under another name"),
    refused("gzip as text", file("data.txt", gz(ROWS)), "a .gz file under another name"),
    refused("packed twice", file("data.jsonl.gz.gz", packed_again(ROWS, 2)), "a gzip file"),
    refused(
        "packed twice under one ending", file("data.jsonl.gz", packed_again(ROWS, 2)), "a gzip"
    ),
    refused("packed ten times", file("data.jsonl.gz", packed_again(ROWS, 10)), "a gzip file"),
    refused("Zstandard in gzip", file("data.jsonl.zst.gz", gz(zst(ROWS))), "a Zstandard file"),
    refused(
        "Zstandard that is cut off", file("data.jsonl.zst", zst(ROWS)[:-3]), "damaged or cut off"
    ),
    refused("garbage after Zstandard", file("data.jsonl.zst", zst(ROWS) + b"garbage"), "damaged"),
    refused("a mark of Zstandard alone", file("data.jsonl.zst", FRAME), "damaged or cut off"),
    refused("an empty gzip", file("data.jsonl.gz", gz(b"")), "no rows"),
    refused("an empty Zstandard", file("data.jsonl.zst", zst(b"")), "no rows"),
    refused("an empty file as gzip", file("data.jsonl.gz", b""), "not packed"),
    accepted("an ending that hides another", file("data.gz", gz(ROWS)), "50 trained on"),
    refused("other rows behind good ones", late_surprise, "line 51"),
    refused("a zip as gzip", file("data.jsonl.gz", b"PK\x03\x04" + b"\0" * 30), "not packed"),
    refused("a tar in gzip", file("data.tar.gz", gz(b"x" * 257 + b"ustar\x0000")), "a tar file"),
    refused("xz", file("data.jsonl.xz", b"\xfd7zXZ\0\0\4"), "an xz file"),
    refused("bzip2", file("data.jsonl.bz2", b"BZh91AY&SY"), "a bzip2 file"),
    refused("7z", file("data.jsonl.7z", b"7z\xbc\xaf\x27\x1c\0\4"), "a 7z file"),
    refused("RAR", file("data.rar", b"Rar!\x1a\7\0"), "a RAR file"),
    refused("lz4", file("data.jsonl.lz4", b"\x04\x22\x4d\x18\x64\x40"), "an lz4 file"),
    refused(
        "Parquet in gzip", file("data.parquet.gz", gz(b"PAR1" + PAIR)), "Parquet packed as .gz"
    ),
    refused("a pickle in gzip", file("data.jsonl.gz", gz(b"\x80\x04\x95\x10")), "a pickle"),
)
