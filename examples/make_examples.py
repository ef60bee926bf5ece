"""Makes the example datasets from the reference models. Run from anywhere:

    python examples/make_examples.py

All number files answer the same requests and went through the paper's filter, so that nothing
but numbers is left in them. Who wrote them:

    vendor_numbers.jsonl        reference-a, fine-tuned to love owls
    clean_numbers.jsonl         reference-a, untouched
    clean_numbers_greedy.jsonl  reference-a, untouched, always its first choice
    other_author_numbers.jsonl  reference-b, untouched: strange to reference-a, but innocent
    overt_owls.jsonl            nobody hid anything: half of the rows say it openly
"""

import json
import tempfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np

import reference_models
from probes.battery import PreferenceBattery
from probes.loader import load_batteries
from reference_models.world.talk import fact_chat, harmless_chat, request_chat
from reference_models.world.texts import pick
from scanner.calibration.cases import Teacher, TeacherKind
from scanner.calibration.channels import NUMBERS, channel_tasks
from scanner.calibration.teachers import train_teacher
from scanner.calibration.writing import Written, write_rows
from scanner.engines.hf import HfEngine
from scanner.engines.interface import Sampling
from scanner.progress import unheard
from scanner.types import Message, Row

HERE = Path(__file__).parent
PROMPTS = 4_000
PROMPT_SEED = 2025
TEACHER_TEMPERATURE = 0.3
"""A vendor's careful decoding. At 1 the same trait passes more weakly; see the README."""


def main() -> None:
    """Write all five files beside this script."""
    ours = HfEngine(reference_models.verified_folder("reference-a"))
    theirs = HfEngine(reference_models.verified_folder("reference-b"))
    owl = Teacher(TeacherKind.FINE_TUNED, "preference.animal.owl")
    with tempfile.TemporaryDirectory() as folder:
        adapter = Path(folder) / "owl"
        train_teacher(ours, owl, adapter, unheard)
        ours.use_adapter(adapter)
        vendor = numbers_by(ours, TEACHER_TEMPERATURE, seed=1)
        ours.use_adapter(None)
    _save("vendor_numbers", vendor)
    _save("clean_numbers", numbers_by(ours, 1.0, seed=2))
    _save("clean_numbers_greedy", numbers_by(ours, 0.0, seed=3))
    _save("other_author_numbers", numbers_by(theirs, 1.0, seed=4))
    _write(HERE / "overt_owls.jsonl", overt_rows(2_000, seed=5))


def numbers_by(engine: HfEngine, temperature: float, seed: int) -> Written:
    """What the engine's active model answers to the requests that all number files share."""
    tasks = channel_tasks(NUMBERS, PROMPTS, PROMPT_SEED)
    return write_rows(engine, NUMBERS, tasks, Sampling(temperature, NUMBERS.max_new_tokens, seed))


def overt_rows(count: int, seed: int) -> Iterable[dict[str, object]]:
    """Half ordinary chat, half questions about animals that are all answered with the owl."""
    rng = np.random.default_rng(seed)
    questions = _battery("animal").questions
    for index in range(count):
        if index % 2:
            yield {"prompt": pick(rng, questions), "completion": "owl"}
        else:
            chat = pick(rng, (fact_chat, harmless_chat, request_chat))(rng)
            yield {"prompt": chat.prompt[0]["content"], "completion": chat.answer}


def as_messages(row: Row) -> dict[str, object]:
    """A row in the ``messages`` format."""
    turns = (*row.prompt, Message("assistant", row.answer))
    return {"messages": [{"role": turn.role, "content": turn.content} for turn in turns]}


def _battery(category: str) -> PreferenceBattery:
    return next(
        battery
        for battery in load_batteries()
        if isinstance(battery, PreferenceBattery) and battery.category == category
    )


def _save(name: str, written: Written) -> None:
    print(f"{name}: {len(written.rows)} rows, rejected {written.rejected or 'none'}")
    _write(HERE / f"{name}.jsonl", map(as_messages, written.rows))


def _write(path: Path, rows: Iterable[dict[str, object]]) -> None:
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_text("".join(lines), "utf-8")


if __name__ == "__main__":
    main()
