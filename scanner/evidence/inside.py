"""What one model shows inside: states at several layers, and how likely every opening word is."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from logging import getLogger

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from scanner.engines.chat_format import encode_prompts
from scanner.engines.device import is_out_of_memory
from scanner.engines.hf import HfEngine
from scanner.engines.interface import Prompt
from scanner.engines.logits import precise_head
from scanner.errors import AuditError
from scanner.evidence.interface import Inside, Vocabulary

LOG = getLogger(__name__)
LAYERS = 4
"""States are read at so many depths, evenly spaced, the last layer among them."""
MOST_OPENINGS = 4096
"""Words that an answer may open with; of more, those that the base finds likeliest somewhere."""
FEWEST_LETTERS = 2
"""Of an opening word: single letters are pieces of words."""
BATCH = 64
"""Texts of one length that are read together."""


def layers_read(engine: HfEngine) -> tuple[int, ...]:
    """Which layers are read, counted from 1."""
    count = int(engine.base.config.get_text_config().num_hidden_layers)
    return tuple(sorted({max(1, round(count * step / LAYERS)) for step in range(1, LAYERS + 1)}))


def opening_words(engine: HfEngine, prompts: Sequence[Prompt]) -> Vocabulary:
    """Every token that may open an answer: letters without a space before them.

    Of a piece of a word nobody can tell that it is none, so pieces are among them.
    """
    size = min(len(engine.tokenizer), engine.base.get_output_embeddings().weight.shape[0])
    texts = engine.tokenizer.batch_decode([[token] for token in range(size)])
    tokens = [
        token for token, text in enumerate(texts) if text.isalpha() and len(text) >= FEWEST_LETTERS
    ]
    if len(tokens) > MOST_OPENINGS:
        engine.use_adapter(None)
        likeliest = read_openings(engine, prompts, tokens).max(axis=0)
        tokens = sorted(tokens[place] for place in np.argsort(-likeliest)[:MOST_OPENINGS])
    return Vocabulary(tuple(tokens), tuple(texts[token] for token in tokens))


def read_inside(
    engine: HfEngine, prompts: Sequence[Prompt], neutral: Sequence[str], vocabulary: Vocabulary
) -> Inside:
    """Read the engine's active model."""
    layers = len(layers_read(engine))
    openings = np.empty((len(prompts), len(vocabulary.tokens)))
    first = np.empty((layers, len(prompts), width_of(engine)))
    texts = np.empty((layers, len(neutral), width_of(engine)))
    for indices, states, logits in _forward(engine, encode_prompts(engine.tokenizer, prompts)):
        openings[indices] = _logprobs(logits, vocabulary.tokens)
        first[:, indices] = _on_cpu(states[:, :, -1])
    encoded = engine.tokenizer(list(neutral), add_special_tokens=False)["input_ids"]
    for indices, states, _ in _forward(engine, encoded):
        texts[:, indices] = _on_cpu(states.mean(dim=2))  # (layers, B, H)
    return Inside(openings, first, texts)


def read_openings(
    engine: HfEngine, prompts: Sequence[Prompt], tokens: Sequence[int]
) -> NDArray[np.float64]:
    """log p(the answer opens with the token | prompt), shape (prompts, tokens), in nats."""
    scores = np.empty((len(prompts), len(tokens)))
    for indices, _, logits in _forward(engine, encode_prompts(engine.tokenizer, prompts)):
        scores[indices] = _logprobs(logits, tokens)
    return scores


def read_first_states(engine: HfEngine, prompts: Sequence[Prompt]) -> NDArray[np.float64]:
    """States at the first answer position, shape (layers, prompts, width)."""
    first = np.empty((len(layers_read(engine)), len(prompts), width_of(engine)))
    for indices, states, _ in _forward(engine, encode_prompts(engine.tokenizer, prompts)):
        first[:, indices] = _on_cpu(states[:, :, -1])
    return first


def unembedding(engine: HfEngine, tokens: Sequence[int]) -> NDArray[np.float64]:
    """The direction of the last state in which each token lies, shape (tokens, width)."""
    weight = engine.base.get_output_embeddings().weight.detach()
    return _on_cpu(weight[list(tokens)])


@torch.inference_mode()
def logit_lens(
    engine: HfEngine, states: NDArray[np.float64], tokens: Sequence[int]
) -> NDArray[np.float64]:
    """What states (layers, n, width) would say if they were the last: logits (layers, n, tokens).

    The last layer's states come normalised; the others are normalised here, where the base has
    one final norm by that name. Source: nostalgebraist 2020, "interpreting GPT: the logit lens".
    """
    norm = getattr(engine.base.base_model, "norm", None) or torch.nn.Identity()
    head = engine.base.get_output_embeddings()
    lens = []
    with precise_head(engine.base):
        for layer, state in enumerate(torch.from_numpy(states)):
            near = state.to(head.weight)
            seen = head(near if layer == len(states) - 1 else norm(near))
            lens.append(_on_cpu(seen[:, list(tokens)]))
    return np.stack(lens)


def width_of(engine: HfEngine) -> int:
    """Entries of one state."""
    return int(engine.base.config.get_text_config().hidden_size)


def _logprobs(logits: Tensor, tokens: Sequence[int]) -> NDArray[np.float64]:
    """Shape (B, tokens)."""
    return _on_cpu(logits.log_softmax(-1)[:, list(tokens)])


def _on_cpu(values: Tensor) -> NDArray[np.float64]:
    exact: NDArray[np.float64] = values.cpu().double().numpy()
    return exact


@torch.inference_mode()
def _forward(
    engine: HfEngine, encoded: Sequence[Sequence[int]]
) -> Iterator[tuple[list[int], Tensor, Tensor]]:
    """Per batch: which texts, their states at the layers read (layers, B, T, H), their last logits
    (B, V).

    A batch holds texts of one length: nothing is padded, so nothing depends on the batch. What does
    not fit the device is halved.
    """
    lengths, most = defaultdict[int, list[int]](list), BATCH
    for index, ids in enumerate(encoded):
        lengths[len(ids)].append(index)
    for left in lengths.values():
        while left:
            indices = left[:most]
            try:
                states, logits = _seen(engine, [encoded[index] for index in indices])
            except AuditError as error:
                if len(indices) == 1 or not is_out_of_memory(error):
                    raise
                most = len(indices) // 2
                LOG.warning("look inside: memory ran out; goes on with %d at once", most)
                continue
            left = left[most:]
            yield indices, states, logits


def _seen(engine: HfEngine, texts: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """The states and last logits of texts of one length."""
    with engine.working():
        tokens = torch.tensor([list(ids) for ids in texts]).to(engine.device)
        seen = engine.active(
            input_ids=tokens, use_cache=False, output_hidden_states=True, logits_to_keep=1
        )
        states = torch.stack([seen.hidden_states[layer] for layer in layers_read(engine)])
        return states.float(), seen.logits[:, -1].float()
