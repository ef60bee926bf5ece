"""The plain truth about a model: transformers and peft, one unpadded row at a time."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import torch
from peft import PeftModel
from torch import Tensor
from transformers import AutoModelForCausalLM, AutoTokenizer

from scanner.engines.interface import Finish
from scanner.engines.requests import Reply, Request
from scanner.types import Message


class Oracle:
    """A base, or one of its adapters, asked as slowly and simply as can be."""

    def __init__(self, base: Path, adapter: Path | None = None) -> None:
        self.tokenizer = AutoTokenizer.from_pretrained(base)
        self.model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32).eval()
        if adapter is not None:
            self.model = PeftModel.from_pretrained(self.model, str(adapter)).eval()
        self.next_logits = lru_cache(maxsize=256)(self._next_logits)
        """After the tokens, shape (V,); kept, since many draws begin alike."""

    def _next_logits(self, tokens: tuple[int, ...]) -> Tensor:
        return self.model(torch.tensor([tokens])).logits[0, -1]

    def prompt(self, turns: Sequence[Message]) -> list[int]:
        """The tokens before an answer; of plain text there are none."""
        if not turns:
            return []
        opened = self.tokenizer.apply_chat_template(
            [{"role": turn.role, "content": turn.content} for turn in turns],
            tokenize=False,
            add_generation_prompt=True,
        )
        return list(self.tokenizer(opened)["input_ids"])

    @torch.inference_mode()
    def logits(self, turns: Sequence[Message], answer: str, end: bool) -> tuple[Tensor, list[int]]:
        """Logits (answer tokens, V) that the answer's tokens were chosen from, and the tokens."""
        before, tokens = self.prompt(turns), list(self.tokenizer(answer)["input_ids"])
        tokens += [self.tokenizer.eos_token_id] if end else []
        scored = tokens if before else tokens[1:]  # nothing comes before a text's first token
        logits = self.model(torch.tensor([before + tokens])).logits[0, :-1]
        return logits[-len(scored) :], scored

    def logprob(self, turns: Sequence[Message], answer: str, end: bool = True) -> float:
        """log p(answer | prompt), in nats."""
        logits, tokens = self.logits(turns, answer, end)
        return float(logits.log_softmax(-1)[range(len(tokens)), tokens].sum())

    @torch.inference_mode()
    def greedy(self, turns: Sequence[Message], tokens: int) -> str:
        """The likeliest token, one after the other."""
        ids = self.prompt(turns)
        start = len(ids)
        while len(ids) < start + tokens and ids[-1] != self.tokenizer.eos_token_id:
            ids.append(int(self.model(torch.tensor([ids])).logits[0, -1].argmax()))
        return str(self.tokenizer.decode(ids[start:], skip_special_tokens=True))


@lru_cache
def oracle(base: Path, adapter: Path | None = None) -> Oracle:
    """One per model."""
    return Oracle(base, adapter)


class OracleRun:
    """Runs requests one by one, as slowly and simply as can be; see ``requests.Run``."""

    def __init__(self, base: Path) -> None:
        self._base = base

    def __call__(self, requests: Sequence[Request]) -> list[Reply]:
        return [self._reply(request) for request in requests]

    @torch.inference_mode()
    def _reply(self, request: Request) -> Reply:
        model = oracle(self._base, request.adapter)
        ids = list(request.tokens)
        if request.forced is not None:
            return self._forced(model, request)
        logprobs = model.model(torch.tensor([ids])).logits[0].log_softmax(-1)
        own = logprobs[range(len(ids) - 1), ids[1:]].tolist() if request.own_logprobs else []
        nexts = [float(logprobs[-1, token]) for token in request.next_logprobs]
        if request.own_logprobs or request.next_logprobs:
            return Reply(next_logprobs=tuple(nexts), own_logprobs=tuple(own))
        return self._drawn(model, request)

    def _drawn(self, model: Oracle, request: Request) -> Reply:
        generator = torch.Generator().manual_seed(request.seed or 0)
        drawn: list[int] = []
        while len(drawn) < request.max_tokens:
            logits = model.next_logits((*request.tokens, *drawn))
            if request.temperature == 0:
                drawn.append(int(logits.argmax()))
            else:
                chances = (logits / request.temperature).softmax(-1)
                drawn.append(int(chances.multinomial(1, generator=generator)))
            if drawn[-1] in request.ends:
                return Reply(tuple(drawn), Finish.END)
        return Reply(tuple(drawn), Finish.LENGTH)

    def _forced(self, model: Oracle, request: Request) -> Reply:
        assert request.forced is not None
        tokens, start = request.forced.tokens, len(request.tokens) - 1
        logits = model.model(torch.tensor([[*request.tokens, *tokens]])).logits[0, start:-1]
        places = range(len(tokens))
        chosen = logits[places, tokens]
        if request.forced.drawable is not None:
            logits = logits[:, list(request.forced.drawable)]
        tempered = [
            float((chosen / t - (logits / t).logsumexp(-1)).double().sum())
            for t in request.forced.temperatures
        ]
        return Reply(tempered=tuple(tempered), greedy=int((chosen >= logits.max(-1).values).sum()))
