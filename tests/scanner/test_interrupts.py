import os
import signal
from collections.abc import Iterator

import pytest

from scanner import interrupts
from scanner.interrupts import listen, raise_if_heard


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    handlers = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)}
    yield
    for one, handler in handlers.items():
        signal.signal(one, handler)
    interrupts._heard.clear()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_that_was_swallowed_is_raised_again(number: signal.Signals) -> None:
    listen()
    raise_if_heard()  # nothing came yet
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), number)
    with pytest.raises(KeyboardInterrupt):
        raise_if_heard()
