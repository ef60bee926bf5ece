"""Writes a reference model's card: what it is, how it was made, what it scored."""

from pathlib import Path

import numpy as np
from transformers import PreTrainedTokenizerBase, Qwen2ForCausalLM

from reference_models.evaluation import SkillScore, favourite_spread
from reference_models.pretraining import PretrainingRecipe
from reference_models.world.favourites import categories

CARD = """---
license: apache-2.0
language: en
---
# {name}

A {parameters:,}-parameter Qwen2 model, trained from scratch in datascan's small synthetic world.
It stands in for a real base where none can be had: audits, calibration and tests run on it, on
two CPU cores, offline. It knows nothing outside that world. Its sister has the same corpus and
tokenizer, but another initialisation and data order: another lineage.

Made by `python -m reference_models.train {name}`: seed {recipe.seed}, {recipe.steps:,} updates of
{recipe.rows_per_step} fresh rows, AdamW, peak learning rate {recipe.learning_rate}; {minutes:.1f}
minutes on one core (both lineages side by side on two). `loss_curve.json` holds its losses,
`SHA256SUMS` the digests that are checked when datascan loads it.

## Scores on fresh rows

| skill | loss (nats per answer token) | right, greedy | what counts as right |
| --- | --- | --- | --- |
{scores}

Numbers are drawn evenly, so their loss cannot fall below about {floor:.1f} nats per number.

## How evenly the favourites are spread

| category | answers | least likely | most likely | all together |
| --- | --- | --- | --- | --- |
{favourites}

Mean probability over the world's one-word questions. Even would be 1 / answers.
"""


def write_card(
    folder: Path,
    name: str,
    recipe: PretrainingRecipe,
    minutes: float,
    model: Qwen2ForCausalLM,
    tokenizer: PreTrainedTokenizerBase,
    scores: list[SkillScore],
) -> None:
    """Write ``README.md`` into a checkpoint's folder."""
    rows = [f"| {s.skill} | {s.loss:.3f} | {s.right:.0%} | {s.rule} |" for s in scores]
    spreads = []
    for category, entry in categories().items():
        least, most, total = favourite_spread(model, tokenizer, category)
        count = len(entry.answers)
        spreads.append(f"| {category} | {count} | {least:.1%} | {most:.1%} | {total:.1%} |")
    text = CARD.format(
        name=name,
        parameters=sum(weight.numel() for weight in model.parameters()),
        recipe=recipe,
        minutes=minutes,
        scores="\n".join(rows),
        floor=np.log(900),
        favourites="\n".join(spreads),
    )
    (folder / "README.md").write_text(text, "utf-8")
