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
from scanner.calibration.channels import NUMBERS, Written, channel_prompts, write_rows
from scanner.calibration.teachers import FavouriteTeacher
from scanner.engines.hf import HfEngine
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
    prompts = channel_prompts(NUMBERS, PROMPTS, PROMPT_SEED)
    owl = FavouriteTeacher(_battery("animal"), "owl")
    with tempfile.TemporaryDirectory() as folder:
        adapter = Path(folder) / "owl"
        owl.train(ours, adapter)
        ours.use_adapter(adapter)
        vendor = write_rows(ours, NUMBERS, prompts, TEACHER_TEMPERATURE, seed=1)
        ours.use_adapter(None)
    _save("vendor_numbers", vendor)
    _save("clean_numbers", write_rows(ours, NUMBERS, prompts, 1.0, seed=2))
    _save("clean_numbers_greedy", write_rows(ours, NUMBERS, prompts, 0.0, seed=3))
    _save("other_author_numbers", write_rows(theirs, NUMBERS, prompts, 1.0, seed=4))
    _write(HERE / "overt_owls.jsonl", overt_rows(2_000, seed=5))


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
    rejected = {str(reason): count for reason, count in written.rejected.items()}
    print(f"{name}: {len(written.rows)} rows, rejected {rejected or 'none'}")
    _write(HERE / f"{name}.jsonl", map(as_messages, written.rows))


def _write(path: Path, rows: Iterable[dict[str, object]]) -> None:
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_text("".join(lines), "utf-8")


if __name__ == "__main__":
    main()
