from pathlib import Path

from scanner.evidence.pulls import CHUNK_ROWS, trace_jobs
from scanner.types import Message, Row


def test_jobs_cover_every_row_once() -> None:
    rows = tuple(Row(i, (Message("user", "?"),), str(i)) for i in range(2 * CHUNK_ROWS + 1))
    jobs = trace_jobs(Path("base"), rows, 1.0, {})
    assert [job.rows for job in jobs] == [CHUNK_ROWS, CHUNK_ROWS, 1]
