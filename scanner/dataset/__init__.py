"""Reads the candidate: any known format to canonical rows, strictly, with a digest of them.

``read.py`` is the way in. A new format is a reader and a line in ``formats/table.py``.
"""
