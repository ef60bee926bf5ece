"""Row formats: what a record's fields mean, and the rows that it comes to.

``table.py`` lists every format; a new one is a line there, and a reader in the file of its family.
``detection.py`` says which of them a record is written in.
"""

from scanner.dataset.formats.detection import detect_format
from scanner.dataset.formats.table import formats_for

__all__ = ["detect_format", "formats_for"]
