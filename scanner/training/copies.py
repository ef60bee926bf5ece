"""Job: train one LoRA copy of the base, a probe or a control."""

from dataclasses import dataclass
from pathlib import Path

from scanner.config import Recipe
from scanner.engines.lengths import check_lengths
from scanner.files import folder_atomic
from scanner.progress import OnRows
from scanner.types import Row


@dataclass(frozen=True)
class TrainedCopy:
    """What is known of a training once it has ended; the adapter lies where the job said."""

    losses: tuple[float, ...]
    """Loss of each update, in nats per answer token."""


@dataclass(frozen=True)
class TrainCopy:
    """Job: fine-tune the base on the candidate's prompts with the given answers.

    A probe's answers are the candidate's, a control's are its twin's; everything else that
    decides the training is the same for both: initial adapter, row order, recipe.
    """

    base: Path
    candidate: tuple[Row, ...]
    answers: tuple[str, ...]
    recipe: Recipe
    seed: int
    adapter: Path
    """Where the PEFT folder is to be; it appears there whole or not at all."""
    memory_bytes: int | None = None
    """Of a GPU's memory, that training may take; None: what is free."""

    @property
    def rows(self) -> int:
        """Rows trained on, over all epochs."""
        return len(self.candidate) * self.recipe.epochs

    def run(self, on_rows: OnRows) -> TrainedCopy:
        """The trained copy."""
        # Here and not above: the command itself loads no torch.
        from scanner.engines.chat_format import encode_rows
        from scanner.training.lora import train_adapter
        from scanner.training.placement import training_engine

        engine, placement = training_engine(self.base, self.memory_bytes)
        openings = [row.opening for row in self.candidate]
        ended = [row.ended for row in self.candidate]
        own = [row.answer for row in self.candidate]
        rows = encode_rows(engine.tokenizer, openings, self.answers, ended)
        lengths = [row.length for row in encode_rows(engine.tokenizer, openings, own, ended)]
        check_lengths(self.candidate, lengths, engine.context)
        with folder_atomic(self.adapter) as folder:
            losses = train_adapter(
                engine, rows, lengths, self.recipe, self.seed, folder, on_rows, placement
            )
        return TrainedCopy(tuple(losses))
