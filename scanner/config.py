"""The settings of an audit, of reading and of a training, as plain values."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from math import inf
from pathlib import Path

USUAL_RATE = 3e-3
"""Of the reference models."""
LEAST_UPDATES = 100
"""At the usual rate fewer leave its warm-up barely behind: nothing could have shown."""


@dataclass(frozen=True)
class Recipe:
    """A LoRA fine-tune: all linear layers, AdamW, loss on answers only."""

    rank: int = 8
    """LoRA rank; transmission is an inverted U in rank, 8 to 32 carry it (Nief et al. 2026)."""
    alpha: int = 16
    """LoRA scale numerator; the update is scaled by alpha / rank."""
    epochs: int = 3
    """Passes over the rows."""
    rows_per_step: int = 16
    """Rows in one update; many small updates amplify what the data carries."""
    learning_rate: float = USUAL_RATE
    """Peak, after ``warmup_steps``; then linear to zero."""
    warmup_steps: int = 20
    beta1: float = 0.9
    beta2: float = 0.99
    """AdamW's decay rates."""
    weight_decay: float = 0.0
    grad_norm: float = 1.0
    """Gradients are scaled down to this norm."""

    def updates(self, rows: int) -> int:
        """Updates in all for so many rows."""
        return self.epochs * -(-rows // self.rows_per_step)

    @property
    def least_updates(self) -> int:
        """Fewer cannot show that there is nothing: at a lower rate each learns less.

        At the published 2e-4 they are 1,500; a replication on Qwen2.5-7B found 8 of 74 points of
        the effect after 1,875 and all of it after 3,750.
        """
        return max(LEAST_UPDATES, round(LEAST_UPDATES * USUAL_RATE / self.learning_rate))

    def as_dict(self) -> dict[str, float]:
        """Plain values for the results file."""
        return asdict(self)

    def learning_rate_at(self, step: int, steps: int) -> float:
        """Linear warm-up, then linear to zero at the end of ``steps``."""
        if step < self.warmup_steps:
            return self.learning_rate * (step + 1) / self.warmup_steps
        return self.learning_rate * (steps - step) / max(1, steps - self.warmup_steps)


REAL = Recipe(
    rank=8, alpha=8, epochs=3, rows_per_step=8, learning_rate=2e-4, warmup_steps=5, beta2=0.999
)
"""Of bases that are no small world: the published one for Qwen2.5-7B (Cloud et al. 2025), with 8
rows an update, which carried more than 66 did. The reference models' rate, fifteen times as high,
would ruin them."""


class Preference(StrEnum):
    """Which answers of a preference pair are trained on."""

    CHOSEN = "chosen"
    REJECTED = "rejected"
    BOTH = "both"


@dataclass(frozen=True)
class ReadOptions:
    """How the user says the data is to be read; what they leave open is detected."""

    format: str | None = None
    """The name of one format; None to detect it."""
    role_map: Mapping[str, str] = field(default_factory=dict)
    """Roles of the file that no alias covers → ``system``, ``user``, ``assistant``, ``tool`` or
    ``function_call``."""
    fields: Mapping[str, str] = field(default_factory=dict)
    """A format's own field names → what the file calls them: ``{"messages": "dialogue"}``; also
    ``role`` and ``content``, the keys of a turn, and ``ignored``, fields of the file that the
    trainer does not read, with commas between them."""
    preference: Preference = Preference.CHOSEN
    report_bad_rows: bool = False
    """Whether a bad row becomes a finding (and goes to quarantine) or stops the audit."""
    group_by: str | None = None
    """The field that says where a row is from: rows that say the same are looked at together,
    too. None takes the files."""


@dataclass(frozen=True)
class AuditSettings:
    """Everything that decides what an audit finds."""

    data: tuple[Path, ...]
    """The candidate: files, folders or patterns, read in this order."""
    base: str
    """A reference model's name, or a folder with a Hugging Face checkpoint."""
    reading: ReadOptions = field(default_factory=ReadOptions)
    """How the data is to be read."""
    seeds: tuple[int, ...] = (0, 1)
    """One probe and one control are trained per seed."""
    recipe: Recipe = field(default_factory=Recipe)
    """How they are trained; ``scanner.given.usual_recipe`` says what suits a base."""
    error_rate: float = 0.01
    """Adjusted p-value at or below which a trait is a finding where no calibration says better."""
    calibration: Path | None = None
    """The certificate to stand on; None looks for one that fits."""
    calibrations: Path = Path("datascan-calibrations")
    """Where ``datascan calibrate`` leaves its certificates."""
    run_root: Path = Path("datascan-runs")
    """Run folders are made here."""
    resume: bool = True
    """Whether finished stages of an earlier run of the same audit are used again."""
    verify_rows: bool = False
    """Whether the leads are dropped, and as many random rows, and what is left is trained on
    again; it adds to the results and changes none of them."""
    engine: str = "auto"
    """``auto``, ``hf`` or ``vllm``: what answers; auto takes vLLM where it has a GPU."""
    workers: int = 2
    """Processes that train and answer side by side; does not change the result."""
    budget_minutes: float | None = None
    """That the way to the verdict may take; rows are drawn at random to fit. None: all rows."""

    stop_early: bool = False
    """Whether training ends after the first pass over the rows if the answer is clear by then."""

    def __post_init__(self) -> None:
        """Refuse settings that contradict themselves."""
        if not self.seeds or len(set(self.seeds)) != len(self.seeds):
            raise ValueError(f"seeds: found {self.seeds}; expected different numbers, at least one")
        if not 0 < self.error_rate < 1:
            raise ValueError(f"error_rate: found {self.error_rate}; expected between 0 and 1")
        if self.stop_early and (self.recipe.epochs < 2 or len(self.seeds) < 2):
            raise ValueError("stop_early: expected two passes over the rows, and two pairs")
        if self.budget_minutes is not None and not 0 < self.budget_minutes < inf:
            raise ValueError(f"budget_minutes: found {self.budget_minutes}; expected more than 0")

    def decisive(self) -> dict[str, object]:
        """What the results depend on, besides data, base, batteries and versions."""
        return {
            "recipe": self.recipe.as_dict(),
            "seeds": list(self.seeds),
            "error_rate": self.error_rate,
            **({} if self.budget_minutes is None else {"budget_minutes": self.budget_minutes}),
            **({"stop_early": True} if self.stop_early else {}),
        }
