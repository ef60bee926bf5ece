"""Train: which copies an audit wants, and the jobs that make those that are not there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from scanner.run import RunFolder
from scanner.stored import StoredTogether
from scanner.training.copies import Copy, TrainCopies, TrainedCopy
from scanner.twin import Twin


@dataclass(frozen=True)
class Trainings:
    """The copies of an audit, or of a part of it that is done again."""

    run: RunFolder
    training: TrainCopies
    """Everything about them but which they are."""
    seeds: tuple[int, ...]
    prefix: str
    """Begins their names."""
    side_by_side: int
    """Copies that are trained at once, in one job."""

    def controls(self, twins: Sequence[Twin]) -> dict[str, Copy]:
        """By their names, one a seed."""
        return self._copies("control", [twin.answers for twin in twins])

    def probes(self) -> dict[str, Copy]:
        """By their names, one a seed."""
        own = tuple(row.answer for row in self.training.candidate)
        return self._copies("probe", [own] * len(self.seeds))

    def jobs(self, wanted: Mapping[str, Copy]) -> list[StoredTogether[TrainedCopy]]:
        """One for each copy that is there, and one for so many of the others, in their order."""
        there = [[name] for name in wanted if self.run.has(name)]
        missing = [name for name in wanted if not self.run.has(name)]
        starts = range(0, len(missing), self.side_by_side)
        groups = [missing[start : start + self.side_by_side] for start in starts]
        return [
            self.run.stored_together(
                {name: wanted[name].adapter for name in names},
                replace(self.training, copies=tuple(wanted[name] for name in names)),
                TrainedCopy,
            )
            for names in (*there, *groups)
        ]

    def _copies(self, kind: str, answers: Sequence[tuple[str, ...]]) -> dict[str, Copy]:
        part, copies = self.training.part, {}
        for seed, own in zip(self.seeds, answers, strict=True):
            name = f"{self.prefix}{kind}-{seed}"
            begun = self.run.adapter(name + _paused_after(part.start)) if part.start else None
            here = name + _paused_after(part.stop)
            copies[here] = Copy(own, seed, self.run.adapter(here), begun)
        return copies


def _paused_after(passes: int | None) -> str:
    """Ends the name of a copy whose training paused after so many passes, or went to its end."""
    return "" if passes is None else f"-pass-{passes}"
