"""How much a dataset may ask of the machine that reads it."""

from dataclasses import dataclass

MIB = 2**20
GIB = 2**30
NESTING = 256
"""Levels of lists and objects in one record; chats have 4, tool calls seldom 10. Fixed, since the
quick parser has a limit of its own, 200, which must not be the wider of the two."""


@dataclass(frozen=True)
class Limits:
    """The caps, with room above what honest datasets need; beyond one of them reading stops."""

    line_bytes: int = 16 * MIB
    """A record's largest size; a row of 200,000 tokens has about 1 MB."""
    records: int = 5_000_000
    """In all files together; an audit keeps its rows in memory."""
    columns: int = 1_000
    """Of a table, those within columns included."""
    batch_bytes: int = GIB
    """What one batch of a table may come to in memory."""
    decoded_bytes: int = 64 * GIB
    """What one compressed file may unpack to."""
    ratio: int = 200
    """How many times its size a compressed file may unpack to; text comes to 3 to 20, very
    repetitive text to 100."""
    ratio_from: int = 64 * MIB
    """Unpacked size below which the ratio does not matter."""
    window_bytes: int = 128 * MIB
    """What a Zstandard file may make its reader keep; ``zstd`` itself refuses more by default."""
    files: int = 10_000
    """Files in a folder."""
    description_bytes: int = 4 * MIB
    """A file that describes a folder: ``README.md``, ``dataset_info.json``, ``state.json``."""
