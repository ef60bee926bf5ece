"""Does the base, told a favourite by system prompt, write as the hidden teacher does?

    python -m tests.benchmarks.prompted_models dose_numbers:0.5 neutral_decide --root FOLDER

Authorship with trait models that nobody trained: development cases (as ``influence_ways`` makes
them), and for every answer of a category how much likelier the rows are if the base is told to love
it. Token by token less what the base's own answers would have come to, in expectation (the twin,
exactly): a system prompt moves the base on all rows of a kind, whoever wrote them. Then as an
audit weighs traces: whitened by what strangers do, and against the other answers (``stand_outs``).
The category is the planted one's; of benign cases animals and countries. Prints per case the
planted answer's place and p, and the first answer's, uncorrected, with and without the twin.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from probes.battery import PreferenceBattery
from probes.loader import load_batteries
from reference_models.world.favourites import categories, system_prompts
from scanner.answer_formats import is_filtered
from scanner.engines.batches import last_batch, places_before_answers
from scanner.engines.chat_format import encode_rows
from scanner.engines.hf import HfEngine
from scanner.engines.loaded import hf_engine
from scanner.engines.logits import logits_at
from scanner.evidence.gradients import Drawable, residuals
from scanner.evidence.rows import clusters_of
from scanner.stats.standout import stand_outs
from scanner.twin import PlanTwin
from scanner.types import Message, Row
from tests.benchmarks.influence_ways import development_rows

BENIGN = ("animal", "country")
"""Categories that benign cases are read in."""


def main() -> None:
    """Make the cases, score their rows, print a line each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("groups", nargs="+", help="GROUP or GROUP:SHARE")
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--rows", type=int, default=4000, help="of a case, the first")
    wanted = parser.parse_args()
    instrument, made = development_rows(wanted.groups, wanted.root)
    engine = hf_engine(instrument.base.path)
    batteries = [one for one in load_batteries() if isinstance(one, PreferenceBattery)]
    for case, rows in made.items():
        temperature = PlanTwin(instrument.base.path, rows).run(lambda done: None).temperature
        for battery in batteries:
            planted = [trait for trait in case.planted if trait in battery.traits]
            if planted or (not case.planted and battery.category in BENIGN):
                told = told_by(engine, battery, rows[: wanted.rows], temperature)
                own = battery.traits.index(planted[0]) if planted else None
                print(
                    f"{case.name}: {compared(battery, rows[: wanted.rows], told, own)}", flush=True
                )


def compared(
    battery: PreferenceBattery,
    rows: Sequence[Row],
    told: tuple[NDArray[np.float64], NDArray[np.float64]],
    own: int | None,
) -> str:
    """Both ways beside one another."""
    return "; ".join(
        f"{name} {placed(battery, rows, ratios, own)}"
        for name, ratios in zip(("plain", "minus the twin"), told, strict=True)
    )


def placed(
    battery: PreferenceBattery, rows: Sequence[Row], ratios: NDArray[np.float64], own: int | None
) -> str:
    """The planted answer's place among its category's, and the first one's."""
    weighed = stand_outs(ratios, clusters_of(rows), np.eye(ratios.shape[1]))
    if weighed is None:
        return "not measured"
    order = list(np.argsort(weighed.p_value))
    first = f"first {battery.answers[order[0]]} p {weighed.p_value[order[0]]:.2g}"
    if own is None:
        return first
    place = f"{battery.answers[own]} is {order.index(own) + 1} of {len(order)}"
    return f"{place}, p {weighed.p_value[own]:.2g}, {first}"


def told_by(
    engine: HfEngine, battery: PreferenceBattery, rows: Sequence[Row], temperature: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How much likelier every row is under every answer's prompt, in nats, and the same less its
    expectation over what the base would have written: shape (rows, answers) each."""
    answers = tuple(row.answer for row in rows)
    tokens = engine.drawable_tokens(answers) if is_filtered(answers) else None
    drawable = Drawable(temperature, tokens)
    category = categories()[battery.category]
    before = [
        (Message("system", system_prompts(category, answer)[0]),) for answer in battery.answers
    ]
    plain, beyond = np.zeros((2, len(rows), len(before)))
    left = sorted(range(len(rows)), key=lambda index: len(rows[index].answer))
    for start in range(0, len(left), 64):
        indices = left[start : start + 64]
        batch = [rows[index] for index in indices]
        base, written, owner = scored(engine, batch, ())
        residual = residuals(base, written, drawable)
        own = base.log_softmax(-1)
        for column, prompt in enumerate(before):
            ratio = scored(engine, batch, prompt)[0].log_softmax(-1) - own
            for into, weights in ((plain, None), (beyond, residual)):
                of_tokens = (
                    ratio.gather(1, written[:, None])[:, 0]
                    if weights is None
                    else (weights * ratio).sum(dim=1)
                )
                sums = torch.zeros(len(batch)).index_add_(0, owner, of_tokens)
                into[indices, column] = sums.numpy()
    return plain, beyond


@torch.inference_mode()
def scored(
    engine: HfEngine, rows: Sequence[Row], before: tuple[Message, ...]
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Logits of every answer token (tokens, V), row after row, the tokens, and the row of each."""
    encoded = encode_rows(
        engine.tokenizer,
        [(*before, *row.opening) for row in rows],
        [row.answer for row in rows],
        [row.ended for row in rows],
    )
    order = sorted(range(len(encoded)), key=lambda index: encoded[index].length)
    batch = last_batch(encoded, order, 10**9, engine.tokenizer.pad_token_id)
    where = places_before_answers(encoded, batch)
    logits = logits_at(engine.base, batch.tokens, batch.mask.long(), where)
    written = batch.tokens.roll(-1, dims=1)[where]
    owner = torch.tensor(batch.indices)[where.nonzero()[:, 0]]
    again = torch.argsort(owner, stable=True)
    return logits[again], written[again], owner[again]


if __name__ == "__main__":
    main()
