import pytest

from scanner.stats.dilution import share_of_fewer


@pytest.mark.parametrize(
    ("rows", "share"),
    [
        (3600, 0.125),
        (900, 0.5),  # 450 poisoned rows of 3,600 are as many of 900
        (400, 1.125),  # not even all of them
        (9999, 0.125),  # more rows promise no more
        (0, 450.0),
    ],
)
def test_the_same_number_of_poisoned_rows_is_needed(rows: int, share: float) -> None:
    assert share_of_fewer(0.125, 3600, rows) == share
