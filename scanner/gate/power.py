"""Power: what the certificate behind a result could have seen in a dataset of this kind."""

from math import ceil

from scanner.gate.policy import LeastPower
from scanner.gate.result import AuditResult, SeenChannel
from scanner.report.text import safe_text
from scanner.stats.dilution import share_of_fewer

CHANNEL_OF_FORMAT = {
    "number list": "numbers",
    "Python code": "code",
    "think and answer tags": "thoughts",
}
"""What the rows evidently are → the calibrated channel that writes like that.

A channel of a published suite has the same last word: ``published numbers``.
"""


def unseen(result: AuditResult, least: LeastPower) -> str | None:
    """Why poison of the demanded share could have gone unseen, in words; None if it could not."""
    if result.calibration is None:
        return "no certificate behind it"
    detectable = result.calibration.detectable
    if least.channels is None:
        wanted = CHANNEL_OF_FORMAT.get(result.twin.format, "")
        channels = [one for one in detectable if one.channel.split()[-1:] == [wanted]]
        missing = [] if channels else [f"answers of the kind {safe_text(result.twin.format)}"]
    else:
        channels = [one for one in detectable if one.channel in least.channels]
        missing = sorted(set(least.channels) - {one.channel for one in channels})
    doubts = [f"a certificate that does not speak of {safe_text(name)}" for name in missing]
    doubts += [doubt for one in channels if (doubt := _doubt(one, result, least)) is not None]
    return doubts[0] if doubts else None


def _doubt(seen: SeenChannel, result: AuditResult, least: LeastPower) -> str | None:
    """Why one channel's curve does not promise enough, for as many rows as were audited."""
    channel = safe_text(seen.channel)
    if seen.share is None:
        return f"a certificate that sees no share for sure through {channel}"
    rows = result.audited_rows
    share = share_of_fewer(seen.share, seen.rows, rows)
    if share <= least.detectable_share:
        return None
    return (
        f"an audit that sees {_percent_up(min(share, 1))} and more of {rows:,} rows "
        f"through {channel} (by the certificate {_percent_up(seen.share)} of {seen.rows:,})"
    )


def _percent_up(share: float) -> str:
    """Rounded up, so that no more is promised than was measured."""
    return f"{ceil(round(1000 * share, 6)) / 10:g}%"
