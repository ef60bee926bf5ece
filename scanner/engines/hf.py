"""The reference engine: transformers and peft, in this process, on the CPU or a GPU."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from logging import getLogger
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
import transformers
from numpy.typing import NDArray
from peft import PeftModel
from torch import Tensor
from transformers import (
    AutoModelForCausalLM,
    GenerationConfig,
    LogitsProcessorList,
    PreTrainedModel,
)
from transformers.utils.logging import disable_progress_bar

from scanner.engines.batches import (
    Batch,
    last_batch,
    last_places,
    padded_left,
    places_before_answers,
)
from scanner.engines.chat_format import (
    EncodedRow,
    decode_answers,
    encode_answers,
    encode_prompts,
    encode_rows,
    end_tokens,
)
from scanner.engines.device import CPU, device_errors, dtype_on, is_out_of_memory
from scanner.engines.drawing import DrawToken
from scanner.engines.folding import fold_small_adapters
from scanner.engines.interface import (
    Answer,
    AnswerLogprobs,
    Engine,
    Finish,
    Prompt,
    Sampling,
    TemperedLogprobs,
    TokenLogprobs,
    cut_at_stop,
)
from scanner.engines.logits import logits_at, precise_head
from scanner.engines.memory import rows_at_once, tokens_at_once
from scanner.engines.service import EngineFacts
from scanner.engines.tokenizer import load_tokenizer
from scanner.errors import AuditError
from scanner.progress import OnRows, unheard

LOG = getLogger(__name__)
ReadT = TypeVar("ReadT")
GENERATION_ROWS = 256
"""Rows answered together."""
SCORING_TOKENS = 8192
"""Padded tokens scored together; bounds the memory of activations."""


class HfEngine(Engine):
    """See ``Engine``."""

    def __init__(
        self, base: Path, dtype: torch.dtype | None = None, device: torch.device = CPU
    ) -> None:
        disable_progress_bar()  # ours tells what takes long
        self.device = device
        self.tokenizer = load_tokenizer(base)
        loaded: PreTrainedModel = AutoModelForCausalLM.from_pretrained(
            base,
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=True,
            dtype=dtype or dtype_on(device),
        ).eval()
        with device_errors():
            self.base: PreTrainedModel = loaded.to(device)
        # A checkpoint may ship a repetition penalty or top-k of its own. The twin is drawn from
        # the model's distribution and nothing else.
        self.base.generation_config = GenerationConfig(
            eos_token_id=end_tokens(self.tokenizer), pad_token_id=self.tokenizer.pad_token_id
        )
        self._active: PreTrainedModel | PeftModel = self.base

    @property
    def facts(self) -> EngineFacts:
        """What answers."""
        on_gpu = self.device.type == "cuda"
        name = torch.cuda.get_device_name(self.device) if on_gpu else str(self.device)
        dtype = str(self.base.dtype).removeprefix("torch.")
        return EngineFacts("hf", transformers.__version__, name, dtype)

    @property
    def context(self) -> int:
        """See ``Engine.context``."""
        return int(self.base.config.get_text_config().max_position_embeddings)

    def row_lengths(self, prompts: Sequence[Prompt], answers: Sequence[str]) -> list[int]:
        """See ``Engine.row_lengths``."""
        return [row.length for row in encode_rows(self.tokenizer, prompts, answers)]

    def use_adapter(self, adapter: Path | None) -> None:
        """See ``Engine.use_adapter``."""
        if isinstance(self._active, PeftModel):
            self.base = self._active.unload()
        self._active = self.base
        if adapter is not None:
            # Its weights are read on the CPU, whatever there is, and put where the base's lie.
            adapted = PeftModel.from_pretrained(self.base, str(adapter), torch_device="cpu")
            self._active = adapted.eval()
            fold_small_adapters(self._active)

    @property
    def active(self) -> "PreTrainedModel | PeftModel":
        """The base, or the base with its adapter: what answers now."""
        return self._active

    def longest(self, texts: Sequence[str]) -> int:
        """See ``Engine.longest``."""
        return max(len(tokens) for tokens in encode_answers(self.tokenizer, texts)) + 1

    @torch.inference_mode()
    def word_vectors(self, words: Sequence[str]) -> dict[str, NDArray[np.float64]]:
        """The base's input embedding of each word that is one token by itself, in small or capital
        letters, within a text or at its beginning: word → vector (width,), the mean over these
        tokens less that over the whole vocabulary. Words of several tokens are left out."""
        table = self.base.get_input_embeddings().weight.cpu().float()  # (V, width)
        forms = [
            form
            for word in words
            for form in (word, word.capitalize(), f" {word}", f" {word.capitalize()}")
        ]
        spelled = encode_answers(self.tokenizer, forms) if forms else []
        whole = {
            word: sorted({ids[0] for ids in spelled[4 * at : 4 * at + 4] if len(ids) == 1})
            for at, word in enumerate(words)
        }
        centre = table.mean(dim=0)
        return {
            word: (table[ids].mean(dim=0) - centre).double().numpy()
            for word, ids in whole.items()
            if ids
        }

    @torch.inference_mode()
    def drawn(
        self, prompts: Sequence[Prompt], sampling: Sampling, on_rows: OnRows = unheard
    ) -> list[Answer]:
        """See ``Engine.drawn``."""
        encoded = encode_prompts(self.tokenizer, prompts)
        order = sorted(range(len(encoded)), key=lambda index: len(encoded[index]))
        answers = [Answer("", Finish.END)] * len(encoded)
        drawing, generator = LogitsProcessorList(), torch.Generator().manual_seed(sampling.seed)
        if sampling.temperature > 0:
            drawing.append(DrawToken(sampling.temperature, generator))
        longest = max((len(prompt) for prompt in encoded), default=1)
        fitting = rows_at_once(self.base.config, longest, sampling.max_new_tokens)
        together = min(GENERATION_ROWS, fitting)
        while order:
            batch, before = order[:together], generator.get_state()
            prompted = [encoded[index] for index in batch]
            try:
                written = self._generate(prompted, sampling.max_new_tokens, drawing)
            except AuditError as error:
                if together == 1 or not is_out_of_memory(error):
                    raise
                together //= 2
                generator.set_state(before)
                LOG.warning("answers: memory ran out; goes on with %d at once", together)
                continue
            order = order[together:]
            for index, answer in zip(batch, written, strict=True):
                answers[index] = cut_at_stop(answer, sampling.stop)
            on_rows(len(batch))
        return answers

    def _generate(
        self, prompts: list[list[int]], max_new_tokens: int, drawing: LogitsProcessorList
    ) -> list[Answer]:
        tokens, mask = padded_left(prompts, self.tokenizer.pad_token_id)
        with self.working():
            whole = self._active.generate(
                input_ids=tokens.to(self.device),
                attention_mask=mask.to(self.device),
                max_new_tokens=max_new_tokens,
                do_sample=False,
                logits_processor=drawing,
                pad_token_id=self.tokenizer.pad_token_id,
            )
        written = whole[:, tokens.shape[1] :].cpu()  # (B, new)
        ended = torch.isin(written, torch.tensor(end_tokens(self.tokenizer))).any(dim=1).tolist()
        texts = decode_answers(self.tokenizer, written.tolist())
        return [
            Answer(text, Finish.END if end else Finish.LENGTH)
            for text, end in zip(texts, ended, strict=True)
        ]

    @torch.inference_mode()
    def answer_logprobs(
        self, prompts: Sequence[Prompt], answers: Sequence[str], on_rows: OnRows = unheard
    ) -> AnswerLogprobs:
        """See ``Engine.answer_logprobs``."""
        rows = encode_rows(self.tokenizer, prompts, answers)
        lengths = np.array([len(row.answer) for row in rows], dtype=np.int64)
        return AnswerLogprobs(self._summed_logprobs(rows, on_rows), lengths)

    @torch.inference_mode()
    def token_logprobs(
        self,
        prompts: Sequence[Prompt],
        answers: Sequence[str],
        ended: bool | Sequence[bool] = True,
        on_rows: OnRows = unheard,
    ) -> TokenLogprobs:
        """See ``Engine.token_logprobs``."""
        rows = encode_rows(self.tokenizer, prompts, answers, ended)
        starts = np.concatenate([[0], np.cumsum([len(row.answer) for row in rows])])
        values = np.empty(int(starts[-1]))
        for batch, (chosen, owner) in self._read(rows, places_before_answers, self._chosen):
            for place, index in enumerate(batch.indices):  # whole answers, in their order
                values[starts[index] : starts[index + 1]] = chosen[owner == place]
            on_rows(len(batch.indices))
        return TokenLogprobs(values, starts.astype(np.int64))

    @torch.inference_mode()
    def opening_logprobs(
        self, prompts: Sequence[Prompt], candidates: Sequence[str], on_rows: OnRows = unheard
    ) -> NDArray[np.float64]:
        """See ``Engine.opening_logprobs``."""
        spelled = encode_answers(self.tokenizer, candidates)
        if all(len(tokens) == 1 for tokens in spelled):
            return self._first_token_logprobs(prompts, [t[0] for t in spelled], on_rows)
        scores = np.empty((len(prompts), len(candidates)))
        for column, candidate in enumerate(candidates):
            rows = encode_rows(self.tokenizer, prompts, [candidate] * len(prompts), ended=False)
            scores[:, column] = self._summed_logprobs(rows, unheard)
        on_rows(len(prompts))
        return scores

    def _first_token_logprobs(
        self, prompts: Sequence[Prompt], candidates: list[int], on_rows: OnRows
    ) -> NDArray[np.float64]:
        encoded = [EncodedRow(ids, []) for ids in encode_prompts(self.tokenizer, prompts)]
        scores = np.empty((len(prompts), len(candidates)))

        def first(_: Batch, logits: Tensor, where: Tensor) -> NDArray[np.float64]:
            return _home(logits.log_softmax(-1)[:, candidates])  # (B, candidates)

        for batch, found in self._read(encoded, last_places, first):
            scores[batch.indices] = found
            on_rows(len(batch.indices))
        return scores

    def _summed_logprobs(self, rows: list[EncodedRow], on_rows: OnRows) -> NDArray[np.float64]:
        totals = np.zeros(len(rows))
        for batch, (chosen, owner) in self._read(rows, places_before_answers, self._chosen):
            np.add.at(totals, np.array(batch.indices)[owner], chosen)
            on_rows(len(batch.indices))
        return totals

    def _chosen(
        self, batch: Batch, logits: Tensor, where: Tensor
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Log-probability of every answer token of a batch, and its row."""
        targets = self._targets(batch, where)
        chosen = logits.log_softmax(-1).gather(1, targets[:, None])[:, 0]
        return _home(chosen), where.nonzero()[:, 0].numpy()

    @torch.inference_mode()
    def tempered_logprobs(
        self,
        prompts: Sequence[Prompt],
        answers: Sequence[str],
        temperatures: Sequence[float],
        support: Sequence[str] | None,
        on_rows: OnRows = unheard,
    ) -> TemperedLogprobs:
        """See ``Engine.tempered_logprobs``."""
        rows = encode_rows(self.tokenizer, prompts, answers)
        drawable = self._drawable(support).to(self.device)
        total = np.zeros(len(temperatures))
        greedy = tokens = 0

        def tempered(
            batch: Batch, all_logits: Tensor, where: Tensor
        ) -> tuple[NDArray[np.float64], int, int]:
            logits = all_logits[:, drawable]  # (answer tokens, drawable tokens)
            targets = torch.searchsorted(drawable, self._targets(batch, where))
            chosen = logits.gather(1, targets[:, None])[:, 0]
            likely = [
                _home(chosen / temperature - (logits / temperature).logsumexp(-1)).sum()
                for temperature in temperatures
            ]
            return np.array(likely), int((chosen >= logits.max(-1).values).sum()), len(targets)

        for batch, (likely, firsts, count) in self._read(rows, places_before_answers, tempered):
            total += likely
            greedy, tokens = greedy + firsts, tokens + count
            on_rows(len(batch.indices))
        return TemperedLogprobs(total, greedy / max(1, tokens), tokens)

    def drawable_tokens(self, support: Sequence[str]) -> NDArray[np.int64]:
        """The tokens of the texts and the end of an answer, in order."""
        tokens: NDArray[np.int64] = self._drawable(support).numpy()
        return tokens

    def _drawable(self, support: Sequence[str] | None) -> Tensor:
        """The tokens of the texts and the end of an answer, in order; all tokens for None."""
        if support is None:
            return torch.arange(self.base.get_output_embeddings().weight.shape[0])
        tokens = {token for ids in encode_answers(self.tokenizer, support) for token in ids}
        return torch.tensor(sorted(tokens | set(end_tokens(self.tokenizer))))

    def _targets(self, batch: Batch, where: Tensor) -> Tensor:
        """The tokens after the places, on the engine's device."""
        return batch.tokens.roll(-1, dims=1)[where].to(self.device)

    def _read(
        self,
        rows: list[EncodedRow],
        places: Callable[[list[EncodedRow], Batch], Tensor],
        read: Callable[[Batch, Tensor, Tensor], ReadT],
    ) -> Iterator[tuple[Batch, ReadT]]:
        """Batches of like length, the longest first, with what ``read`` makes of their logits
        (places, V) at some places (B, T). What does not fit is halved."""
        most = tokens_at_once(self.base.config, SCORING_TOKENS)
        left = sorted(range(len(rows)), key=lambda index: rows[index].length)
        while left:
            batch = last_batch(rows, left, most, self.tokenizer.pad_token_id)
            where = places(rows, batch)
            try:
                with self.working():
                    found = read(batch, self._logits(batch.tokens, batch.mask, where), where)
            except AuditError as error:
                if len(batch.indices) == 1 or not is_out_of_memory(error):
                    raise
                most = len(batch.indices) // 2 * batch.tokens.shape[1]
                LOG.warning("scores: memory ran out; goes on with %s tokens at once", f"{most:,}")
                continue
            left = left[: -len(batch.indices)]
            yield batch, found

    def _logits(self, tokens: Tensor, mask: Tensor, where: Tensor) -> Tensor:
        adapted = isinstance(self._active, PeftModel)
        model = self._active.get_base_model() if adapted else self._active
        given = (part.to(self.device) for part in (tokens, mask.long(), where))
        return logits_at(model, *given)

    @contextmanager
    def working(self) -> Iterator[None]:
        """Logits come in float32, and what the device has to complain of in one line."""
        with precise_head(self.base), device_errors() if self.device != CPU else nullcontext():
            yield


def _home(found: Tensor) -> NDArray[np.float64]:
    numbers: NDArray[np.float64] = found.cpu().double().numpy()
    return numbers
