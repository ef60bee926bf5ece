"""The engine's process: it starts in the background, serves many, fails in one line, and ends."""

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from scanner.engines.requests import Request
from scanner.engines.service import EngineAt, EngineProcess, EngineSettings, RemoteRun
from scanner.errors import EngineError
from tests.scanner.engines import small_engine

SMALL = "tests.scanner.engines.small_engine"


def process(behaviour: str, log: Path | None = None) -> EngineProcess:
    return EngineProcess(EngineSettings(Path(behaviour), 2, 8), log, SMALL)


@pytest.fixture(scope="module")
def at() -> Iterator[EngineAt]:
    with closing(process("ready")) as started:
        yield started.ready()


def test_its_start_hides_behind_other_work() -> None:
    """What is done meanwhile is not waited for again."""
    with closing(process("slow")) as slow:
        began = time.monotonic()
        slow.start()
        slow.start()  # asked for twice, started once
        at_once = time.monotonic() - began
        assert at_once < small_engine.START_SECONDS / 2
        time.sleep(small_engine.START_SECONDS)  # the work
        worked = time.monotonic()
        slow.ready()
        in_all = time.monotonic() - began
        alone = in_all - small_engine.START_SECONDS
        assert time.monotonic() - worked <= alone, "only what the work did not hide"


def test_replies_come_in_the_order_of_their_requests(at: EngineAt) -> None:
    replies = RemoteRun(at)([Request((1, 2)), Request((3,)), Request((4, 5))])
    assert [reply.tokens[0] for reply in replies] == [3, 3, 9]


def test_what_several_workers_ask_at_a_time_runs_in_one_batch(at: EngineAt) -> None:
    lines = [RemoteRun(at) for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        replies = list(pool.map(lambda i: lines[i]([Request((i,)), Request((i, i))]), range(6)))
    assert [[reply.tokens[0] for reply in own] for own in replies] == [[i, 2 * i] for i in range(6)]
    assert max(reply.tokens[1] for own in replies for reply in own) > 2


def test_one_workers_mistake_is_not_the_others(at: EngineAt) -> None:
    def ask(number: int) -> int | str:
        try:
            return RemoteRun(at)([Request((number,))])[0].tokens[0]
        except EngineError as error:
            return str(error)

    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(ask, (1, 14, 2, 3)))
    assert told == [1, "adapter x: found rank 9; expected 8; give --engine hf", 2, 3]


def test_a_full_gpu_is_one_line_with_the_way_out(at: EngineAt) -> None:
    with pytest.raises(EngineError) as raised:
        RemoteRun(at)([Request((13,))])
    assert str(raised.value) == (
        "engine vllm: found that it cannot answer (CUDA out of memory. Tried to allocate 2 GiB); "
        "expected replies; end what else uses the GPU, then repeat the command: finished stages "
        "are kept; or begin anew with --engine hf"
    )


def test_nobody_else_is_heard(at: EngineAt) -> None:
    assert os.stat(Path(at.address).parent).st_mode & 0o077 == 0
    with pytest.raises(Exception, match=r"digest|auth"):
        RemoteRun(EngineAt(at.address, b"guessed"))
    assert RemoteRun(at)([Request((7,))])[0].tokens[0] == 7


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        (
            "wants a smaller rank",
            "engine vllm: found adapters of rank 1024; expected at most 512",
        ),
        (
            "broken",
            "engine vllm: found that it does not start (Unsupported CPU attention configuration: "
            "head_dim=16); expected an engine; see LOG; give --engine hf, or mend the installation",
        ),
        (
            "dies",
            "engine vllm: found that its process ended while it started, perhaps for want of "
            "memory; expected it to start; see LOG; free memory, or give --engine hf",
        ),
    ],
)
def test_a_start_that_fails_is_one_line(behaviour: str, said: str, tmp_path: Path) -> None:
    log = tmp_path / "log.txt"
    with closing(process(behaviour, log)) as failing:
        failing.start()
        with pytest.raises(EngineError) as raised:
            failing.ready()
    assert str(raised.value) == said.replace("LOG", str(log))


def test_a_start_that_fails_is_known_without_waiting_for_it() -> None:
    with closing(process("broken")) as failing:
        failing.look()  # nothing has begun
        failing.start()
        failed = None
        for _ in range(100):
            time.sleep(0.3)
            if (failed := told_by(failing)) is not None:
                break
    assert failed is not None
    assert "does not start" in failed


def told_by(process: EngineProcess) -> str | None:
    try:
        process.look()
    except EngineError as error:
        return str(error)
    return None


def test_what_the_library_prints_goes_to_the_log(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "log.txt"
    with closing(process("ready", log)) as started:
        started.ready()
    assert capfd.readouterr().out == ""
    assert log.stat().st_mode & 0o077 == 0


def test_a_process_that_ends_while_it_answers_is_one_line() -> None:
    with closing(process("ready")) as dying:
        line = RemoteRun(dying.ready())
        with pytest.raises(EngineError, match=r"its process ended.*finished stages are kept"):
            line([Request((15,))])


def test_closing_leaves_nothing_behind() -> None:
    started = process("ready")
    folder = Path(started.ready().address).parent
    started.close()
    started.close()
    assert not folder.exists()
