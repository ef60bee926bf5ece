"""How a LoRA copy is trained, as a plain value."""

from dataclasses import asdict, dataclass


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
    learning_rate: float = 3e-3
    """Peak, after ``warmup_steps``; then linear to zero."""
    warmup_steps: int = 20
    beta1: float = 0.9
    beta2: float = 0.99
    """AdamW's decay rates."""
    weight_decay: float = 0.0
    grad_norm: float = 1.0
    """Gradients are scaled down to this norm."""

    def as_dict(self) -> dict[str, float]:
        """Plain values for the results file."""
        return asdict(self)

    def learning_rate_at(self, step: int, steps: int) -> float:
        """Linear warm-up, then linear to zero at the end of ``steps``."""
        if step < self.warmup_steps:
            return self.learning_rate * (step + 1) / self.warmup_steps
        return self.learning_rate * (steps - step) / max(1, steps - self.warmup_steps)
