"""Job: train LoRA copies of the base, probes or controls, side by side."""

from dataclasses import dataclass
from pathlib import Path

from scanner.config import Recipe
from scanner.engines.lengths import check_lengths
from scanner.files import folders_atomic
from scanner.progress import OnRows
from scanner.training.passes import ALL, Part
from scanner.types import Row


@dataclass(frozen=True)
class TrainedCopy:
    """What is known of a training once it has ended; the adapter lies where the job said."""

    losses: tuple[float, ...]
    """Loss of each update, in nats per answer token."""


@dataclass(frozen=True)
class Copy:
    """One copy. A probe's answers are the candidate's, a control's are its twin's; everything else
    that decides the training is the same for both: initial adapter, row order, recipe."""

    answers: tuple[str, ...]
    """To the candidate's prompts."""
    seed: int
    adapter: Path
    """Where the PEFT folder is to be; it appears there whole or not at all."""
    begun: Path | None = None
    """The adapter as it was when the training paused; None: it begins now."""


@dataclass(frozen=True)
class TrainCopies:
    """Job: fine-tune copies of the base on the candidate's prompts with the given answers."""

    base: Path
    candidate: tuple[Row, ...]
    copies: tuple[Copy, ...]
    recipe: Recipe
    memory_bytes: int | None = None
    """Of a GPU's memory, that training may take; None: what is free."""
    part: Part = ALL

    @property
    def rows(self) -> int:
        """Rows trained on, over all passes of all copies."""
        return len(self.copies) * len(self.candidate) * len(self.part.passes(self.recipe.epochs))

    def run(self, on_rows: OnRows) -> tuple[TrainedCopy, ...]:
        """The trained copies."""
        # Here and not above: the command itself loads no torch.
        from scanner.engines.chat_format import encode_rows
        from scanner.training.lora import Lesson, Training, train_adapters
        from scanner.training.placement import training_engine

        engine, placement = training_engine(self.base, self.memory_bytes)
        openings = [row.opening for row in self.candidate]
        ended = [row.ended for row in self.candidate]
        own = [row.answer for row in self.candidate]
        lengths = [row.length for row in encode_rows(engine.tokenizer, openings, own, ended)]
        check_lengths(self.candidate, lengths, engine.context)
        with folders_atomic([copy.adapter for copy in self.copies]) as folders:
            lessons = [
                Lesson(
                    encode_rows(engine.tokenizer, openings, copy.answers, ended),
                    lengths,
                    copy.seed,
                    folder,
                    copy.begun,
                )
                for copy, folder in zip(self.copies, folders, strict=True)
            ]
            training = Training(self.recipe, placement, part=self.part)
            losses = train_adapters(engine, lessons, training, on_rows)
        return tuple(TrainedCopy(tuple(of_copy)) for of_copy in losses)
