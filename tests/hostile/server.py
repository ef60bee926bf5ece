"""A process that has imported the command once, and forks itself for every case.

Each fork runs the command line as a process of its own would: with limits of its own, no terminal,
and its exit code. It reads one request per line and writes one answer per line, both JSON.
"""

import json
import os
import resource
import signal
import sys
import traceback
from pathlib import Path

MEMORY = 2 * 2**30
"""Bytes of addresses that a case may take."""
CPU_SECONDS = 400
SECONDS = 600
"""Until a case is ended: the machine may be busy."""
RAISED = 99
"""The code of a command that raised; none of datascan's own."""


def main() -> None:
    """Answer requests until there are no more."""
    import pyarrow.parquet  # noqa: F401 - what cases need, so that no fork waits for it

    import scanner.cli.main
    import scanner.dataset.containers.tables
    import scanner.inspection
    import scanner.report.inspection

    scanner.cli.main.keep_offline()
    for request in sys.stdin:
        print(json.dumps(answer(**json.loads(request))), flush=True)


def answer(arguments: list[str], folder: str) -> dict[str, object]:
    """Run one command line in ``folder``; what it prints is in two files beside it."""
    child = os.fork()
    if not child:
        os._exit(_run(arguments, Path(folder)))
    _, status, used = os.wait4(child, 0)
    return {
        "code": os.waitstatus_to_exitcode(status),
        "mib": used.ru_maxrss // 1024,
        "seconds": used.ru_utime + used.ru_stime,
    }


def _run(arguments: list[str], folder: Path) -> int:
    code = RAISED
    try:
        _limit()
        _redirect(folder)
        os.chdir(folder)
        code = sys.modules["scanner.cli.main"].run(arguments)
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    return code


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.alarm(SECONDS)


def _redirect(folder: Path) -> None:
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for number, name in ((1, ".stdout"), (2, ".stderr")):
        path = folder.with_name(folder.name + name)
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)


if __name__ == "__main__":
    main()
