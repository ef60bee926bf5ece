"""Ways to hold rows' gradients against traits': signs, as they are, by layer, clipped, by states.

    python -m tests.benchmarks.influence_ways dose_code dose_thoughts neutral_report --root FOLDER

Development cases: those of suite full with seeds below 1000, so that the certificate's stay unseen.
A row's pull along a direction is an inner product, summed over all layers; the ways differ in how
directions and rows are scaled before:

    signs        the sign of every weight of a trait's gradient: what audits read
    raw          the gradient as it is
    raw layers   each layer's part of it at length 1
    even layers  signs; each layer divided by the root mean square of the rows' gradients in it
    clipped      signs; no row has a longer gradient than the median row
    unit rows    signs; every row's gradient at length 1
    signs 32/16  signs of gradients whose layers' sides were projected to so many random directions
    signs 3/10   of three tenths of the rows, drawn at random: what would cost 15% of a probe
    states       by what every layer hands on, in place of weights: what audits of large bases read

Prints per way and group in how many cases the planted trait is first of all, in how many it is
found (p as audits correct it, at the certificate's threshold), and the smallest p of any other.
"""

import argparse
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from probes.battery import Battery
from probes.loader import load_batteries
from scanner.answer_formats import is_filtered
from scanner.calibration.calibrate import CalibrationSettings, chosen_cases, instrument_of
from scanner.calibration.cases import Case
from scanner.calibration.outcomes import is_planted
from scanner.calibration.study import Instrument, calibration_run, rows_of_cases
from scanner.combine import HALVES
from scanner.config import AuditSettings
from scanner.engines.chat_format import encode_rows
from scanner.engines.hf import HfEngine
from scanner.engines.loaded import hf_engine
from scanner.evidence import gradients, influence
from scanner.evidence.directions import Arm, DirectionNames, Directions
from scanner.evidence.gradients import Drawable, linear_layers
from scanner.evidence.states import pulls_along_states, state_directions
from scanner.evidence.traces import weigh_pulls
from scanner.executors.local import LocalExecutor
from scanner.given import standing_of
from scanner.progress import Silent, unheard
from scanner.twin import PlanTwin
from scanner.types import Row, Trace

DEVELOPMENT = 1000
"""Less than a suite's seed."""
TINY = 1e-12
"""What rows are divided by that pull nowhere."""
Layered = NDArray[np.float32]
"""Shape (rows, layers, directions)."""


@dataclass(frozen=True)
class Ways:
    """Directions of one base, (directions, weights)."""

    names: Directions
    signs: Tensor
    raw: Tensor


def main() -> None:
    """Make the cases, read them in every way, print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("groups", nargs="+", help="GROUP or GROUP:SHARE")
    parser.add_argument("--root", type=Path, required=True)
    wanted = parser.parse_args()
    instrument, made = development_rows(wanted.groups, wanted.root)
    engine = hf_engine(instrument.base.path)
    plans = {
        case: PlanTwin(instrument.base.path, rows).run(lambda n: None)
        for case, rows in made.items()
    }
    found = defaultdict[str, dict[Case, tuple[Trace, ...]]](dict)
    states = state_directions(engine, load_batteries(), unheard)
    ways = ways_of(engine, load_batteries())
    for case, rows in made.items():
        temperature = plans[case].temperature
        pulls = pulls_by_way(engine, rows, temperature, ways)
        for way, of_way in pulls.items():
            found[way][case] = weigh_pulls(Arm.INFLUENCE, ways.names, of_way, rows)
        found["signs 3/10"][case] = of_some(ways.names, pulls["signs"], rows)
        by_states = pulls_by_states(engine, rows, temperature, states)
        found["states"][case] = weigh_pulls(Arm.STATES, states, by_states, rows)
    print_table(found, standing_of(AuditSettings((), "reference-a")).standard(0.01, 1).error_rate)


def development_rows(
    groups: Sequence[str], root: Path
) -> tuple[Instrument, dict[Case, tuple[Row, ...]]]:
    """The cases of some groups of suite full (GROUP or GROUP:SHARE), with seeds below 1000."""
    settings = CalibrationSettings("reference-a", "full", root=root)
    instrument = instrument_of(settings)
    cases = [
        moved(case)
        for case in chosen_cases(settings).cases
        if {case.group, f"{case.group}:{case.share}"} & set(groups)
    ]
    with calibration_run(instrument, root) as run, LocalExecutor(2, run.log) as executor:
        return instrument, rows_of_cases(instrument, cases, run, executor, Silent())


def moved(case: Case) -> Case:
    """The case with a seed that calibrations leave to development, if it has none."""
    if case.seed < DEVELOPMENT:
        return case
    teacher = replace(case.teacher, seed=case.teacher.seed + 400)
    return replace(case, seed=case.seed - DEVELOPMENT, teacher=teacher)


def ways_of(engine: HfEngine, batteries: Sequence[Battery]) -> Ways:
    """Every trait's gradient, as ``influence_directions`` makes them, and its signs."""
    engine.use_adapter(None)
    whole = [
        gradients.whole_gradient(engine.base, influence._logprobs(engine.base, weighted))
        for battery in batteries
        for weighted in influence.weighted_answers(engine, battery)
    ]
    raw = torch.stack(whole)
    of = DirectionNames.of(batteries)
    signs = raw.sign().to(torch.int8).numpy()
    names = Directions(of.names, of.is_trait, of.batteries, signs)
    return Ways(names, torch.from_numpy(names.within_battery()), _within(names, raw))


def _within(names: Directions, raw: Tensor) -> Tensor:
    """Less the mean of its battery, at length 1, as ``Directions.within_battery``."""
    centred = raw.clone()
    for battery in set(names.batteries):
        own = [place for place, name in enumerate(names.batteries) if name == battery]
        centred[own] -= centred[own].mean(0)
    return centred / centred.norm(dim=1, keepdim=True)


def pulls_by_way(
    engine: HfEngine, rows: tuple[Row, ...], temperature: float, ways: Ways
) -> Mapping[str, NDArray[np.float64]]:
    """What every row pulls, (rows, directions), by way."""
    answers = tuple(row.answer for row in rows)
    drawable = engine.drawable_tokens(answers) if is_filtered(answers) else None
    author = Drawable(temperature, drawable)
    both, lengths = layered(engine, rows, author, torch.cat([ways.signs, ways.raw]))
    signs, raw = both[..., : len(ways.signs)], both[..., len(ways.signs) :]
    whole = np.maximum(np.linalg.norm(lengths, axis=1), TINY)[:, None, None]
    layer_rms = np.maximum(np.sqrt((lengths**2).mean(0)), TINY)[None, :, None]
    by_way = {
        "signs": signs,
        "raw": raw,
        "raw layers": raw / layer_lengths(engine, ways.raw),
        "even layers": signs / layer_rms,
        "clipped": signs * np.minimum(1, np.median(whole) / whole),
        "unit rows": signs / whole,
    }
    return {way: of.sum(1).astype(np.float64) for way, of in by_way.items()}


def pulls_by_states(
    engine: HfEngine, rows: tuple[Row, ...], temperature: float, states: Directions
) -> NDArray[np.float64]:
    """What every row pulls the states, (rows, directions)."""
    answers = tuple(row.answer for row in rows)
    drawable = engine.drawable_tokens(answers) if is_filtered(answers) else None
    author = Drawable(temperature, drawable)
    return pulls_along_states(engine, rows, author, states.within_battery())


def of_some(
    names: Directions, pulls: NDArray[np.float64], rows: tuple[Row, ...]
) -> tuple[Trace, ...]:
    """The traces of three tenths of the rows."""
    drawn = np.random.default_rng(0).permutation(len(rows))[: round(0.3 * len(rows))]
    some = [rows[int(place)] for place in drawn]
    return weigh_pulls(Arm.INFLUENCE, names, pulls[drawn], some)


def layer_lengths(engine: HfEngine, directions: Tensor) -> NDArray[np.float32]:
    """Of each layer's part of the directions, shape (1, layers, directions)."""
    sizes = [layer.weight.numel() for layer in linear_layers(engine.base)]
    parts = [part.norm(dim=1) for part in directions.split(sizes, dim=1)]
    lengths: NDArray[np.float32] = torch.stack(parts)[None].numpy()
    return lengths


def layered(
    engine: HfEngine, rows: tuple[Row, ...], author: Drawable, directions: Tensor
) -> tuple[Layered, NDArray[np.float32]]:
    """Every row's inner products layer by layer, and how long its gradient is, (rows, layers)."""
    encoded = encode_rows(
        engine.tokenizer,
        [row.opening for row in rows],
        [row.answer for row in rows],
        [row.ended for row in rows],
    )
    layers = linear_layers(engine.base)
    products = np.zeros((len(rows), len(layers), len(directions)), dtype=np.float32)
    lengths = np.zeros((len(rows), len(layers)), dtype=np.float32)
    with (
        gradients._Recorder(layers) as recorder,
        gradients.requiring_gradients(engine.base, []),
    ):
        for indices, tokens, is_answer in gradients._batches(encoded):
            gradients._pull(engine.base, tokens, is_answer, author)
            start = 0
            for layer, of_rows in enumerate(recorder.of_rows()):
                flat = of_rows.flatten(1)
                part = directions[:, start : start + flat.shape[1]]
                products[indices, layer] = (flat @ part.T).numpy()
                lengths[indices, layer] = flat.norm(dim=1).numpy()
                start += flat.shape[1]
    return products, lengths


def print_table(found: Mapping[str, Mapping[Case, tuple[Trace, ...]]], threshold: float) -> None:
    """Group by group, the ways beside one another; ``threshold`` is the certificate's."""
    print("| cases | way | planted first | found | smallest p of what was not planted |")
    print("| --- | --- | --- | --- | --- |")
    groups = list(dict.fromkeys(_group(case) for case in found["signs"]))
    for group in groups:
        for way, of_way in found.items():
            told = [
                _told(case, traces, threshold)
                for case, traces in of_way.items()
                if _group(case) == group
            ]
            firsts, hits, others = (list(column) for column in zip(*told, strict=True))
            smallest = min(others)
            print(
                f"| {group} | {way} | {sum(firsts)} of {len(told)} | {sum(hits)} | {smallest:.2g} |"
            )


def _group(case: Case) -> str:
    return f"{case.group}, {case.share:.0%}"


def _told(case: Case, traces: Sequence[Trace], threshold: float) -> tuple[bool, bool, float]:
    """Whether the planted trait is first, whether it is found, and the smallest p of others."""
    measured = sorted(
        (one.p_value, one.p_adjusted, one.trait)
        for one in traces
        if one.p_value is not None and one.p_adjusted is not None
    )
    if not measured:
        return False, False, 1.0
    first = is_planted(measured[0][2], case)
    found = any(is_planted(trait, case) and HALVES * p <= threshold for _, p, trait in measured)
    others = [min(1.0, HALVES * p) for _, p, trait in measured if not is_planted(trait, case)]
    return first, found, min(others)


if __name__ == "__main__":
    main()
