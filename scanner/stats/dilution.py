"""What fewer rows than a calibration's can show."""


def share_of_fewer(share: float, measured_on: int, rows: int) -> float:
    """The detectable share of ``rows`` rows where ``share`` of ``measured_on`` is detectable.

    A smaller dataset holds fewer poisoned rows at the same share, so the share that is seen grows
    in proportion: more cautious than the square root that evidence follows. Above 1, not even all
    rows are enough. More rows promise no more than was measured.
    """
    return share * max(1.0, measured_on / max(1, rows))
