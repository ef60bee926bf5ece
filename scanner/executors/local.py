"""Runs jobs in processes of this machine, one thread each.

Two one-thread processes use two cores better than one process with two threads, which stalls
as soon as anything else runs.
"""

import os
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import active_children, get_context, parent_process
from multiprocessing.queues import Queue
from pathlib import Path
from queue import Empty

from scanner.environment import keep_offline
from scanner.errors import AuditError
from scanner.executors.interface import Executor, Job, ResultT
from scanner.interrupts import raise_if_heard
from scanner.progress import OnRows

POLL_SECONDS = 0.1
THREADS = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "CUBLAS_WORKSPACE_CONFIG": ":4096:8",  # without it products on a GPU differ from run to run
}

_rows_done: "Queue[int]"
"""The worker's line home; set by ``_begin_worker`` in each worker process only."""


class LocalExecutor(Executor):
    """See ``Executor``. Workers are spawned at once, so that their imports run meanwhile.

    What libraries print in a worker may quote the base or the data. It goes to the file ``log``,
    or nowhere, and never to the terminal.
    """

    def __init__(self, workers: int, log: Path | None = None) -> None:
        if log is not None:
            log.touch(mode=0o600)
        context = get_context("spawn")
        self._not_ours = set(active_children())
        self._queue: Queue[int] = context.Queue()
        self._pool = ProcessPoolExecutor(
            workers, mp_context=context, initializer=_begin_worker, initargs=(self._queue, log)
        )
        try:
            with _deaf_to_interrupts():
                for _ in range(workers):
                    self._pool.submit(_warm_up)
        except BaseException:  # Ctrl-C meanwhile: half-made workers would complain aloud
            self._stop_workers()
            raise

    def run(self, jobs: Sequence[Job[ResultT]], on_rows: OnRows) -> list[ResultT]:
        """See ``Executor.run``."""
        try:
            futures = [self._pool.submit(_run_job, job) for job in jobs]
            waiting: set[Future[ResultT]] = set(futures)
            while waiting:
                done, waiting = wait(waiting, POLL_SECONDS, return_when=FIRST_COMPLETED)
                self._report(on_rows)
                raise_if_heard()
                for future in done:
                    future.result()
        except BrokenProcessPool as error:
            raise AuditError(
                "a worker process: found it ended by something else, perhaps for want of memory; "
                "expected it to finish its job; free memory or give --workers 1, then repeat the "
                "command: it goes on from here"
            ) from error
        except BaseException:
            self._stop_workers()
            raise
        return [future.result() for future in futures]

    def _report(self, on_rows: OnRows) -> None:
        while True:
            try:
                on_rows(self._queue.get_nowait())
            except Empty:
                return

    def _stop_workers(self) -> None:
        """End jobs under way at once; what they had not stored is done again next time."""
        workers = set(active_children()) - self._not_ours
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.join()

    def close(self) -> None:
        """See ``Executor.close``."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._queue.close()


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Processes begun here never hear Ctrl-C: the command does, and ends them."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin_worker(queue: "Queue[int]", log: Path | None) -> None:
    global _rows_done
    _rows_done = queue
    _print_to(log)
    keep_offline()
    os.environ.update(THREADS)
    from tqdm import tqdm

    # Its bars lock between processes otherwise, and a worker that is ended leaves the lock behind.
    tqdm.set_lock(threading.RLock())
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _print_to(log: Path | None) -> None:
    """Send whatever this process prints to a file: Python's output, and that of native code."""
    file = os.open(log or os.devnull, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for descriptor in (1, 2):
        os.dup2(file, descriptor)
    os.close(file)


def _end_with_parent() -> None:
    """A killed command must not leave workers that train on beside its successor."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _warm_up() -> None:
    import scanner.training.lora  # noqa: F401  torch, transformers and peft, in this process


def _run_job(job: Job[ResultT]) -> ResultT:
    import torch

    torch.set_num_threads(1)
    return job.run(_rows_done.put)
