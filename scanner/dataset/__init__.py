"""Reads the candidate: any known format to canonical rows, strictly, with a digest of them.

``read.py`` is the way in. A new format is one file like ``messages.py`` and one line in
``formats.py``.
"""
