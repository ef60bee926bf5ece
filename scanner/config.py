"""The settings of an audit, as plain values."""

from dataclasses import dataclass, field
from pathlib import Path

from scanner.training.recipe import Recipe


@dataclass(frozen=True)
class AuditSettings:
    """Everything that decides what an audit finds."""

    data: Path
    """The candidate."""
    base: str
    """A reference model's name, or a folder with a Hugging Face checkpoint."""
    seeds: tuple[int, ...] = (0, 1)
    """One probe and one control are trained per seed."""
    recipe: Recipe = field(default_factory=Recipe)
    """How they are trained."""
    error_rate: float = 0.01
    """Family-wise error rate over all traits: a trait is a finding at or below it."""
    run_root: Path = Path("datascan-runs")
    """Run folders are made here."""
    resume: bool = True
    """Whether finished stages of an earlier run of the same audit are used again."""
    workers: int = 2
    """Processes that train and answer side by side; does not change the result."""

    def __post_init__(self) -> None:
        """Refuse settings that contradict themselves."""
        if not self.seeds or len(set(self.seeds)) != len(self.seeds):
            raise ValueError(f"seeds: found {self.seeds}; expected different numbers, at least one")
        if not 0 < self.error_rate < 1:
            raise ValueError(f"error_rate: found {self.error_rate}; expected between 0 and 1")

    def decisive(self) -> dict[str, object]:
        """What the results depend on, besides data, base, batteries and versions."""
        return {
            "recipe": self.recipe.as_dict(),
            "seeds": list(self.seeds),
            "error_rate": self.error_rate,
        }
