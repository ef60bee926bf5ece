"""vLLM: one engine for a base and its adapters. The only file that imports vllm.

It runs in a process of its own (``scanner.engines.service``), which ends with all the memory that
vLLM never gives back otherwise. Its log-probabilities are those of the raw logits over the whole
vocabulary, whatever the sampling.
"""

import gc
import json
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

import torch
import torch._dynamo
import vllm
from torch import Tensor
from transformers import AutoConfig
from vllm import LLM, RequestOutput, SamplingParams
from vllm.lora.request import LoRARequest
from vllm.platforms import current_platform
from vllm.v1.sample.logits_processor import AdapterLogitsProcessor

from scanner.engines.interface import Finish
from scanner.engines.memory import BYTES, EngineMemory, plan_memory, token_bytes, weight_bytes
from scanner.engines.proof import Setup
from scanner.engines.requests import Forced, Reply, Request
from scanner.engines.trial_adapters import adapted_layers
from scanner.errors import EngineError

SEQUENCES = 256
"""Answers drawn side by side."""
RANKS = (8, 16, 32, 64, 128, 256, 320, 512)
"""Ranks that vLLM has room for."""
FORCED = "datascan_forced"


def device_type() -> str:
    """``cuda``, ``cpu``…; empty where vLLM can be imported but has nothing to run on."""
    return str(current_platform.device_type)


def device_name() -> str:
    """The GPU's name, or ``cpu``."""
    return torch.cuda.get_device_name() if device_type() == "cuda" else device_type()


def version() -> str:
    """Of vLLM."""
    return str(vllm.__version__)


class ForcedAnswers(AdapterLogitsProcessor):  # type: ignore[misc]
    """Makes requests draw a given answer, and keeps what the logits say of it.

    vLLM builds it itself and hands it nothing but a request's parameters, so that orders wait here
    under the number that those carry.
    """

    orders: ClassVar[dict[int, "ForcedOrder"]] = {}

    def is_argmax_invariant(self) -> bool:
        """It decides what is drawn."""
        return False

    def new_req_logits_processor(self, params: SamplingParams) -> Any:
        """What to do with the logits of a request; None for requests that draw freely."""
        number = (params.extra_args or {}).get(FORCED)
        return None if number is None else self.orders[number].force


class ForcedOrder:
    """One given answer, and the sums over its tokens once they are drawn."""

    def __init__(self, forced: Forced) -> None:
        self._forced = forced
        self._places: dict[int, tuple[Tensor, Tensor]] = {}
        """Per token: its log-probability at each temperature, and whether it was the likeliest."""

    def force(self, drawn: list[int], logits: Tensor) -> Tensor:
        """Logits (V,) that leave only the answer's next token; raw ones come in."""
        place = len(drawn)
        token = self._forced.tokens[place]
        seen = logits
        if self._forced.drawable is not None:
            seen = logits[torch.tensor(self._forced.drawable, device=logits.device)]
        at = torch.tensor(self._forced.temperatures, device=logits.device)
        normalizers = (seen[None, :] / at[:, None]).logsumexp(-1)  # (temperatures,)
        # A prompt that is split comes by once per part; the last time counts.
        self._places[place] = logits[token] / at - normalizers, logits[token] >= seen.max()
        only = torch.full_like(logits, -torch.inf)
        only[token] = 0.0
        return only

    def reply(self) -> Reply:
        """The sums."""
        if set(self._places) != set(range(len(self._forced.tokens))):
            raise EngineError(
                "engine vllm: found an answer that was not scored whole; expected every token; "
                "give --engine hf"
            )
        logprobs, likeliest = zip(*self._places.values(), strict=True)
        total = torch.stack(logprobs).double().sum(0)
        return Reply(tempered=tuple(total.tolist()), greedy=int(torch.stack(likeliest).sum()))


class VllmRunner:
    """Runs requests on one ``vllm.LLM``; see ``scanner.engines.requests.Run``."""

    def __init__(
        self, base: Path, context: int, dtype: str, setup: Setup, memory_bytes: int | None = None
    ) -> None:
        ForcedAnswers.orders.clear()
        self._setup = setup
        self._loaded: OrderedDict[Path, LoRARequest] = OrderedDict()
        self._numbers = 0
        on_cpu = device_type() == "cpu"
        if on_cpu:
            torch._dynamo.config.disable = True  # no compiler for the sake of a logarithm
        config = AutoConfig.from_pretrained(base, local_files_only=True, trust_remote_code=False)
        per_token = token_bytes(config.get_text_config(), BYTES[dtype])
        kept = BYTES.get(str(getattr(config, "dtype", None)).removeprefix("torch."), 2)
        weights = weight_bytes(base) * BYTES[dtype] // kept
        memory = _memory(weights, per_token, context, memory_bytes)
        self._llm = LLM(
            model=str(base),
            trust_remote_code=False,
            load_format="safetensors",
            dtype=dtype,
            # Logits of bfloat16 are rounded to a sixteenth of a nat.
            hf_overrides=None if dtype == "float32" else {"head_dtype": "float32"},
            generation_config="vllm",  # none of the checkpoint's own settings
            max_model_len=context + 1,  # a token is drawn even where only the prompt is scored
            max_num_seqs=SEQUENCES,
            max_num_batched_tokens=max(setup.batch_tokens, 0 if setup.chunked else context + 1),
            enable_chunked_prefill=setup.chunked,
            enable_prefix_caching=True,
            enable_lora=True,
            max_loras=setup.slots,
            max_cpu_loras=setup.slots,
            max_lora_rank=setup.rank,
            # Of many architectures the head would be wrapped, too, and prompts scored amiss.
            lora_target_modules=adapted_layers(base) or None,
            logits_processors=[ForcedAnswers],
            async_scheduling=False,  # forced answers follow what has been drawn so far
            enforce_eager=on_cpu,
            kv_cache_memory_bytes=memory.cache,
            gpu_memory_utilization=memory.share,
            disable_log_stats=True,
            seed=0,
        )

    def __call__(self, requests: Sequence[Request]) -> list[Reply]:
        """See ``Run``. Raises ``EngineError``."""
        replies = [Reply()] * len(requests)
        for places in _batches(requests, self._setup):
            done = self._run([requests[place] for place in places])
            for place, reply in zip(places, done, strict=True):
                replies[place] = reply
        return replies

    def _run(self, requests: Sequence[Request]) -> list[Reply]:
        loaded = self._load({request.adapter for request in requests} - {None})  # type: ignore[arg-type]
        orders = {
            number: ForcedOrder(request.forced)
            for number, request in enumerate(requests)
            if request.forced is not None
        }
        ForcedAnswers.orders.update(orders)
        outputs = self._llm.generate(
            [{"prompt_token_ids": list(request.tokens)} for request in requests],
            [_parameters(request, number) for number, request in enumerate(requests)],
            lora_request=[
                None if request.adapter is None else loaded[request.adapter] for request in requests
            ],
            use_tqdm=False,
        )
        ForcedAnswers.orders.clear()
        return [
            orders[number].reply() if number in orders else _reply(request, output)
            for number, (request, output) in enumerate(zip(requests, outputs, strict=True))
        ]

    def _load(self, wanted: set[Path]) -> dict[Path, LoRARequest]:
        """Requests for the adapters, after the longest unused others have made room for them.

        Never are more adapters in the engine than ``Setup.adapters``: a place that must stay empty
        stays empty.
        """
        for path in wanted:
            if path in self._loaded:
                self._loaded.move_to_end(path)
        while self._loaded and len(wanted | set(self._loaded)) > self._setup.adapters:
            self._forget(next(path for path in self._loaded if path not in wanted))
        for path in sorted(wanted - set(self._loaded)):
            check_adapter(path, self._setup.rank)
            self._numbers += 1
            name = f"{self._numbers}"  # the cache of prefixes knows adapters by name
            self._loaded[path] = LoRARequest(name, self._numbers, str(path))
        return dict(self._loaded)

    def _forget(self, adapter: Path) -> None:
        self._llm.llm_engine.remove_lora(self._loaded.pop(adapter).lora_int_id)

    def forget_all(self) -> None:
        """See ``Runner``."""
        for adapter in list(self._loaded):
            self._forget(adapter)

    def close(self) -> None:
        """See ``Runner``."""
        self._llm.llm_engine.engine_core.shutdown()
        del self._llm
        gc.collect()
        if device_type() == "cuda":
            torch.cuda.empty_cache()


def check_adapter(path: Path, rank: int) -> None:
    """Raise ``EngineError`` for an adapter that vLLM would not run, or not exactly."""
    config = json.loads((path / "adapter_config.json").read_text("utf-8"))
    found = max([config["r"], *(config.get("rank_pattern") or {}).values()])
    if found > rank:
        raise EngineError(
            f"{path}: found an adapter of rank {found}; expected at most {rank}, for which the "
            "engine was started; give --engine hf, or train with a lower rank"
        )
    for what in ("use_dora", "modules_to_save"):
        if config.get(what):
            raise EngineError(
                f"{path}: found an adapter with {what}; expected plain LoRA; give --engine hf"
            )


def room_for(rank: int) -> int:
    """The rank that vLLM is to be started with for adapters of a rank. Raises ``EngineError``."""
    for room in RANKS:
        if rank <= room:
            return room
    raise EngineError(
        f"engine vllm: found adapters of rank {rank}; expected at most {RANKS[-1]}; give --engine "
        "hf, or train with a lower rank"
    )


def _batches(requests: Sequence[Request], setup: Setup) -> Iterator[list[int]]:
    """Places of requests that run together: of one model each, or of as many as may be mixed."""
    by_model: dict[Path | None, list[int]] = {}
    for place, request in enumerate(requests):
        by_model.setdefault(request.adapter, []).append(place)
    if not setup.mixed:
        yield from by_model.values()
        return
    models = [model for model in by_model if model is not None]
    for start in range(0, max(1, len(models)), setup.adapters):
        chosen: list[Path | None] = [*models[start : start + setup.adapters]]
        if start == 0 and None in by_model:
            chosen.append(None)
        yield sorted(place for model in chosen for place in by_model[model])


def _parameters(request: Request, number: int) -> SamplingParams:
    return SamplingParams(
        max_tokens=request.max_tokens,
        temperature=request.temperature,
        seed=request.seed,
        stop=list(request.stop) or None,
        stop_token_ids=list(request.ends) or None,
        detokenize=bool(request.stop),  # texts are made by our tokenizer, as in every engine
        ignore_eos=request.forced is not None,
        logprob_token_ids=list(request.next_logprobs) or None,
        prompt_logprobs=0 if request.own_logprobs else None,  # the prompt's own tokens, no others
        extra_args=None if request.forced is None else {FORCED: number},
    )


def _reply(request: Request, output: RequestOutput) -> Reply:
    [drawn] = output.outputs
    own = output.prompt_logprobs[1:] if request.own_logprobs else []
    return Reply(
        tokens=tuple(drawn.token_ids),
        finish=finish_of(drawn.finish_reason, drawn.stop_reason),
        next_logprobs=tuple(drawn.logprobs[0][token].logprob for token in request.next_logprobs),
        own_logprobs=tuple(
            place[token].logprob for token, place in zip(request.tokens[1:], own, strict=False)
        ),
    )


def finish_of(reason: str | None, stop: int | str | None) -> Finish:
    """What vLLM's ``finish_reason`` and ``stop_reason`` mean. Raises ``EngineError``.

    ``stop_reason`` is the text that stopped an answer, or the number of a token; None at the end.
    """
    if reason == "length":
        return Finish.LENGTH
    if reason == "stop":
        return Finish.STOP if isinstance(stop, str) else Finish.END
    raise EngineError(
        f"engine vllm: found an answer ended by {reason!r}; expected stop or length; repeat the "
        "command: finished stages are kept"
    )


def _memory(weights: int, per_token: int, context: int, most: int | None) -> EngineMemory:
    free, total = None, None
    if device_type() == "cuda":
        free, total = torch.cuda.mem_get_info()
    return plan_memory(weights, per_token, context, free, total, most)
