"""A record through detection and its format."""

from collections.abc import Callable
from typing import Any

import pytest

from scanner.config import ReadOptions
from scanner.dataset.formats import detect_format, formats_for
from scanner.dataset.interface import Parsed, Record, RowProblem

LINE = 7


def _parse(record: Record, **options: Any) -> Parsed:
    """Line 7 of a file; the options are those of ``ReadOptions``."""
    return detect_format(record, formats_for(ReadOptions(**options))).parse(record, LINE)


def _problem(record: Record, **options: Any) -> str:
    with pytest.raises(RowProblem) as caught:
        _parse(record, **options)
    return str(caught.value)


@pytest.fixture(scope="session")
def parse() -> Callable[..., Parsed]:
    return _parse


@pytest.fixture(scope="session")
def problem() -> Callable[..., str]:
    return _problem
