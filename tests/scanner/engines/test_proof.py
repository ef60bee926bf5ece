"""The start-up proof against engines with known flaws, and the cures that it finds."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from scanner.engines.proof import Flaw, Setup, Trial, cure, find_flaw, start_proved
from scanner.engines.requests import Reply, Request
from scanner.errors import EngineError

FIRST = Setup(adapters=2, rank=8, slots=2, chunked=True, batch_tokens=64)
TRIAL = Trial(vocabulary=50, context=48, adapters=(Path("one"), Path("two")), tolerance=1e-4)


class Arithmetic:
    """Scores that are sums, so that a wrong model shows; flawed as it is told to be."""

    def __init__(self, setup: Setup, flaws: set[str], strength: float = 1.0) -> None:
        self.setup, self.flaws, self.strength = setup, flaws, strength

    def __call__(self, requests: Sequence[Request]) -> list[Reply]:
        tokens = sum(len(request.tokens) for request in requests if request.seed is not None)
        if "splits" in self.flaws and self.setup.chunked and tokens > self.setup.batch_tokens:
            raise RuntimeError("CPU Generator does not use offset")
        groups = [requests] if self.setup.mixed else [[request] for request in requests]
        return [self._reply(request, group) for group in groups for request in group]

    def _reply(self, request: Request, company: Sequence[Request]) -> Reply:
        others = [one.adapter for one in company if one.adapter is not None]
        model = request.adapter
        last_slot = "last slot" in self.flaws and self.setup.slots == self.setup.adapters
        if model is None and others and (last_slot or "mixes" in self.flaws):
            model = others[-1]
        if "leaks" in self.flaws and len(company) == 1 and request.adapter is None:
            model = Path("two")
        shift = {None: 0.0, Path("one"): 2.0, Path("two"): 3.0}[model] * self.strength
        return Reply(
            own_logprobs=tuple(-0.1 * t - shift for t in request.tokens[1:]),
            next_logprobs=tuple(-0.2 * t - shift for t in request.next_logprobs),
        )

    def forget_all(self) -> None:
        """It holds none."""

    def close(self) -> None:
        """Nothing is held."""


@pytest.mark.parametrize(
    ("flaws", "expected", "cures"),
    [
        (set(), FIRST, ()),
        (
            {"last slot"},
            replace(FIRST, slots=3),
            (f"{Flaw.MIXED}: one place for adapters stays empty",),
        ),
        (
            {"mixes"},
            replace(FIRST, slots=3, mixed=False),
            (
                f"{Flaw.MIXED}: one place for adapters stays empty",
                f"{Flaw.MIXED}: each model gets batches of its own",
            ),
        ),
        (
            {"last slot", "splits"},
            replace(FIRST, slots=3, chunked=False),
            (
                f"{Flaw.MIXED}: one place for adapters stays empty",
                f"{Flaw.SPLIT}: prompts are not split",
            ),
        ),
    ],
)
def test_the_first_exact_set_up_is_taken(
    flaws: set[str], expected: Setup, cures: tuple[str, ...]
) -> None:
    proved = start_proved(lambda setup: Arithmetic(setup, flaws), FIRST, TRIAL)
    assert proved.setup == expected
    assert proved.cures == cures


def test_adapters_too_weak_to_show_a_mistake_prove_nothing() -> None:
    """2 · 0.0002 = 0.0004 nats is less than five tolerances of 0.0001."""
    weak = Arithmetic(FIRST, {"last slot"}, strength=0.0002)
    assert find_flaw(weak, FIRST, TRIAL) == Flaw.UNPROVEN
    strong = Arithmetic(FIRST, set(), strength=0.001)  # 0.002 at least
    assert find_flaw(strong, FIRST, TRIAL) is None


def test_rounding_of_single_tokens_is_no_flaw_and_one_wrong_prompt_is() -> None:
    """A token in ten strays by 0.3 nats, 0.03 on average. A prompt of another model by 2 or 3."""

    class Rounded(Arithmetic):
        def _reply(self, request: Request, company: Sequence[Request]) -> Reply:
            exact = super()._reply(request, company)
            stray = 0.3 if len(company) > 4 else 0.0
            own = tuple(p + stray * (n % 10 == 0) for n, p in enumerate(exact.own_logprobs))
            return replace(exact, own_logprobs=own)

    rough = replace(TRIAL, tolerance=0.1)
    assert find_flaw(Rounded(FIRST, set()), FIRST, rough) is None
    assert find_flaw(Rounded(FIRST, {"mixes"}), FIRST, rough) == Flaw.MIXED
    fine = replace(TRIAL, tolerance=0.01)
    assert find_flaw(Rounded(FIRST, set()), FIRST, fine) == Flaw.MIXED, "0.03 on average"
    deep = replace(fine, share=0.25)  # of 2 nats
    assert find_flaw(Rounded(FIRST, set()), FIRST, deep) is None
    assert find_flaw(Rounded(FIRST, {"mixes"}), FIRST, deep) == Flaw.MIXED


def test_a_base_without_made_up_adapters_gets_batches_of_its_own() -> None:
    proved = start_proved(
        lambda setup: Arithmetic(setup, set()), FIRST, replace(TRIAL, adapters=())
    )
    assert not proved.setup.mixed
    assert proved.cures == (f"{Flaw.UNPROVEN}: each model gets batches of its own",)


def test_where_nothing_helps_the_way_out_is_the_other_engine() -> None:
    apart = replace(FIRST, slots=3, mixed=False, chunked=False)
    for flaw in Flaw:
        with pytest.raises(EngineError, match=r"give --engine hf$"):
            cure(apart, flaw)
