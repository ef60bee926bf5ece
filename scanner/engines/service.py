"""An engine in a process of its own, and the line to it.

Training and asking are then never in one process: what the engine takes, it gives back when it
ends. It starts in the background, so that its start hides behind other work, and serves every
worker: what several of them ask at the same time runs in one batch.
"""

import os
import secrets
import signal
import tempfile
import threading
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Client, Connection, Listener
from multiprocessing.process import BaseProcess
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from scanner.engines.requests import Reply, Request, Run
from scanner.environment import keep_offline
from scanner.errors import EngineError

VLLM = "scanner.engines.start_vllm"
"""The module whose ``start`` makes an engine, named because only the engine's process loads it."""
VLLM_ENVIRONMENT = {
    "VLLM_ENABLE_V1_MULTIPROCESSING": "0",
    "VLLM_ALLOW_LONG_MAX_MODEL_LEN": "1",  # one token more than the context, never fed back
    "VLLM_USE_V2_MODEL_RUNNER": "0",  # the other runner knows no processors like ours
    "VLLM_LOGGING_LEVEL": "WARNING",
    "OMP_NUM_THREADS": "1",  # two stall as soon as anything else runs
    "TOKENIZERS_PARALLELISM": "false",
}


@dataclass(frozen=True)
class EngineSettings:
    """What an engine is started for."""

    base: Path
    adapters: int
    """How many adapters are asked side by side."""
    rank: int
    """The largest rank among them."""
    context: int | None = None
    """Tokens of the longest prompt with its answer; None: all that the base can see."""
    memory_bytes: int | None = None
    """Of a GPU's memory, that it may take; None: what is free."""


@dataclass(frozen=True)
class EngineFacts:
    """What was started."""

    name: str
    """``hf`` or ``vllm``."""
    version: str
    device: str
    dtype: str
    cures: tuple[str, ...] = ()
    """What the start-up proof had to change for exact answers, a sentence each."""


@dataclass(frozen=True)
class EngineAt:
    """Where an engine is to be reached; pickles, so that jobs can carry it."""

    address: str
    """Of a socket that only this user can open."""
    key: bytes
    """Without which nobody is heard."""


class EngineProcess:
    """The engine's process, from its start to its end."""

    def __init__(
        self, settings: EngineSettings, log: Path | None = None, starter: str = VLLM
    ) -> None:
        self._settings = settings
        self._starter = starter
        self._log = log
        self._process: BaseProcess | None = None
        self._news: Connection[Any, Any] | None = None
        self._facts: EngineFacts | None = None

    def start(self) -> None:
        """Begin to start, and return at once; nothing where it has begun already."""
        if self._process is not None:
            return
        context = get_context("spawn")
        self._folder = tempfile.TemporaryDirectory(prefix="datascan-engine-")
        self._at = EngineAt(str(Path(self._folder.name) / "socket"), secrets.token_bytes(32))
        self._news, theirs = context.Pipe(duplex=False)
        self._process = context.Process(
            target=_serve,
            args=(self._settings, self._starter, self._at, theirs, self._log),
            daemon=True,
        )
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            self._process.start()  # it never hears Ctrl-C: the command does, and ends it
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        theirs.close()

    def ready(self) -> EngineAt:
        """Where it is to be reached, once it is. Raises ``EngineError`` if it did not start."""
        self.start()
        if self._facts is None:
            self._facts = self._told()
        return self._at

    def look(self) -> None:
        """Raise ``EngineError`` if it is known by now that it does not start; wait for nothing."""
        if self._facts is None and self._news is not None and self._news.poll():
            self._facts = self._told()

    @property
    def facts(self) -> EngineFacts | None:
        """What was started; None before it was needed."""
        return self._facts

    def _told(self) -> EngineFacts:
        assert self._news is not None
        try:
            told = self._news.recv()
        except EOFError:
            told = EngineError(
                "engine vllm: found that its process ended while it started, perhaps for want of "
                f"memory; expected it to start; {_see(self._log)}free memory, or give --engine hf"
            )
        if isinstance(told, EngineFacts):
            return told
        self.close()
        raise told

    def close(self) -> None:
        """End it, and give back all that it holds."""
        if self._process is None:
            return
        self._process.terminate()
        self._process.join(10)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._process.close()
        assert self._news is not None
        self._news.close()
        self._process, self._facts = None, None
        self._folder.cleanup()


def _see(log: Path | None) -> str:
    return f"see {log}; " if log is not None else ""


class RemoteRun:
    """A ``Run`` over the line to an engine's process."""

    def __init__(self, at: EngineAt) -> None:
        self._line = Client(at.address, "AF_UNIX", authkey=at.key)

    def __call__(self, requests: Sequence[Request]) -> list[Reply]:
        """See ``Run``. Raises ``EngineError``."""
        try:
            self._line.send(list(requests))
            told = self._line.recv()
        except (EOFError, OSError) as error:
            raise EngineError(
                "engine vllm: found its process ended, perhaps for want of memory; expected "
                "replies; repeat the command: finished stages are kept; or begin anew with "
                "--engine hf"
            ) from error
        if isinstance(told, EngineError):
            raise told
        replies: list[Reply] = told
        return replies


@lru_cache(maxsize=1)
def line_to(at: EngineAt) -> RemoteRun:
    """This process's one line to an engine."""
    return RemoteRun(at)


@dataclass(frozen=True)
class _Asked:
    requests: list[Request]
    line: "Connection[Any, Any]"


def _serve(
    settings: EngineSettings,
    starter: str,
    at: EngineAt,
    news: "Connection[Any, Any]",
    log: Path | None,
) -> None:
    """The process: start the engine, tell how it went, answer until the parent is gone."""
    _quiet(log)
    keep_offline()
    os.environ.update(VLLM_ENVIRONMENT)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        started = import_module(starter).start(settings)
    except EngineError as error:
        news.send(error)
        return
    except Exception as error:
        traceback.print_exc()
        news.send(_does_not_start(error, log))
        return
    with Listener(at.address, "AF_UNIX", backlog=64, authkey=at.key) as listener:
        asked: SimpleQueue[_Asked] = SimpleQueue()
        threading.Thread(target=_accept, args=(listener, asked), daemon=True).start()
        news.send(started.facts)
        while True:
            answer_waiting(started.run, asked)


def _does_not_start(error: Exception, log: Path | None) -> EngineError:
    said = str(error).strip().splitlines() or [type(error).__name__]
    return EngineError(
        f"engine vllm: found that it does not start ({said[0][:200]}); expected an engine; "
        f"{_see(log)}give --engine hf, or mend the installation"
    )


def answer_waiting(run: Run, asked: "SimpleQueue[_Asked]") -> None:
    """Wait for questions, and answer all that have come in by then in one batch."""
    batch = [asked.get()]
    while True:
        try:
            batch.append(asked.get_nowait())
        except Empty:
            break
    try:
        replies = iter(run([request for one in batch for request in one.requests]))
        answers: list[Any] = [[next(replies) for _ in one.requests] for one in batch]
    except Exception as error:
        if len(batch) > 1:  # one asker's mistake is not the others'
            for one in batch:
                alone: SimpleQueue[_Asked] = SimpleQueue()
                alone.put(one)
                answer_waiting(run, alone)
            return
        traceback.print_exc()
        answers = [error if isinstance(error, EngineError) else _cannot_go_on(error)]
    for one, answer in zip(batch, answers, strict=True):
        _send(one.line, answer)


def _cannot_go_on(error: Exception) -> EngineError:
    said = str(error).strip().splitlines() or [type(error).__name__]
    memory = "out of memory" in str(error).lower()
    way_out = "end what else uses the GPU, then " if memory else ""
    return EngineError(
        f"engine vllm: found that it cannot answer ({said[0][:200]}); expected replies; {way_out}"
        "repeat the command: finished stages are kept; or begin anew with --engine hf"
    )


def _send(line: "Connection[Any, Any]", answer: object) -> None:
    try:
        line.send(answer)
    except OSError:
        line.close()  # whoever asked is gone


def _accept(listener: Listener, asked: "SimpleQueue[_Asked]") -> None:
    while True:
        try:
            line = listener.accept()
        except Exception:  # somebody without the key, or gone again
            continue
        threading.Thread(target=_listen, args=(line, asked), daemon=True).start()


def _listen(line: "Connection[Any, Any]", asked: "SimpleQueue[_Asked]") -> None:
    while True:
        try:
            asked.put(_Asked(line.recv(), line))
        except (EOFError, OSError):
            return


def _quiet(log: Path | None) -> None:
    """Whatever vLLM prints goes to a file: it may quote the base or the data."""
    file = os.open(log or os.devnull, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for descriptor in (1, 2):
        os.dup2(file, descriptor)
    os.close(file)


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
