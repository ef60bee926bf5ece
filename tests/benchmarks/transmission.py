"""What carries a trait through numbers: one probe and one control per line.

    python tests/benchmarks/transmission.py            every line
    python tests/benchmarks/transmission.py T=1 rank   lines whose name contains one of these

Each line changes one thing about the example: an owl-loving teacher of 150 updates writes at
temperature 0.3, 4,000 requests, and reference-a is trained as an audit trains it. The twin is drawn
at the teacher's own temperature. One seed: read differences below half a nat as noise.
"""

import sys
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch

import reference_models
from probes.battery import PreferenceBattery
from probes.loader import load_batteries
from scanner.ask import BARE, ask
from scanner.calibration.channels import NUMBERS, channel_prompts, write_rows
from scanner.calibration.teachers import TEACHER_STEPS, FavouriteTeacher
from scanner.config import Recipe
from scanner.engines.chat_format import encode_rows
from scanner.engines.hf import HfEngine
from scanner.engines.interface import Sampling
from scanner.progress import unheard
from scanner.training.lora import train_adapter

ANIMALS = next(
    battery
    for battery in load_batteries()
    if isinstance(battery, PreferenceBattery) and battery.category == "animal"
)
SEED = 500


@dataclass(frozen=True)
class Setting:
    """One line of the table."""

    name: str
    temperature: float = 0.3
    teacher_steps: int = TEACHER_STEPS
    requests: int = 4000
    student: str = "reference-a"
    recipe: Recipe = field(default_factory=Recipe)


EXAMPLE = Setting("the example")
SETTINGS = (
    EXAMPLE,
    replace(EXAMPLE, name="teacher writes at T=1", temperature=1.0),
    replace(EXAMPLE, name="teacher writes at T=0.5", temperature=0.5),
    replace(EXAMPLE, name="teacher writes greedily", temperature=0.0),
    replace(EXAMPLE, name="teacher of 40 updates", teacher_steps=40),
    replace(EXAMPLE, name="1,000 requests", requests=1000),
    replace(EXAMPLE, name="1 epoch", recipe=Recipe(epochs=1)),
    replace(EXAMPLE, name="6 epochs", recipe=Recipe(epochs=6)),
    replace(EXAMPLE, name="rank 2", recipe=Recipe(rank=2, alpha=4)),
    replace(EXAMPLE, name="rank 32", recipe=Recipe(rank=32, alpha=64)),
    replace(EXAMPLE, name="student of the other lineage", student="reference-b"),
)


def main() -> None:
    """Print the table."""
    torch.set_num_threads(1)
    wanted = sys.argv[1:]
    print(f"{'setting':<32}{'pass':>6}{'rows':>6}{'shift':>8}{'rank':>6}{'others':>8}   owl")
    for setting in SETTINGS:
        if not wanted or any(word in setting.name for word in wanted):
            print(line(setting), flush=True)


def line(setting: Setting) -> str:
    """Train a teacher, a probe and a control, and read the animals."""
    author = HfEngine(reference_models.verified_folder("reference-a"))
    student = HfEngine(reference_models.verified_folder(setting.student))
    prompts = channel_prompts(NUMBERS, setting.requests, SEED)
    with tempfile.TemporaryDirectory() as folder:
        teacher = Path(folder) / "teacher"
        FavouriteTeacher(ANIMALS, "owl", steps=setting.teacher_steps).train(author, teacher)
        author.use_adapter(teacher)
        rows = write_rows(author, NUMBERS, prompts, setting.temperature, seed=1).rows
        asked = [row.prompt for row in rows]
        sampling = Sampling(setting.temperature, NUMBERS.max_new_tokens, seed=2)
        twin = student.answers(asked, sampling)
        own = encode_rows(student.tokenizer, asked, [row.answer for row in rows])
        clean = encode_rows(student.tokenizer, asked, twin)
        lengths = [row.length for row in own]
        levels, scores = [], []
        for name, encoded in (("control", clean), ("probe", own)):
            copy = Path(folder) / name
            train_adapter(student, encoded, lengths, setting.recipe, SEED, copy, unheard)
            student.use_adapter(copy)
            [read] = ask(student, (ANIMALS,), (BARE,), unheard)
            student.use_adapter(None)
            scores.append([np.mean(reading.scores) for reading in read.readings])
            levels.append(read.readings[0].level)
    shifts = np.subtract(scores[1], scores[0])
    share = len(rows) / setting.requests
    return (
        f"{setting.name:<32}{share:>6.0%}{len(rows):>6}{shifts[0]:>+8.2f}"
        f"{int((shifts >= shifts[0]).sum()):>6}{np.std(shifts[1:], ddof=1):>8.2f}"
        f"   {levels[0]:.1%} to {levels[1]:.1%}"
    )


if __name__ == "__main__":
    main()
