"""The baseline: an earlier audit whose findings are known, so that only new ones fail."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from scanner.errors import GateError
from scanner.gate.consistency import contradiction
from scanner.gate.result import read_result
from scanner.report.text import safe_text
from scanner.types import Severity


@dataclass(frozen=True)
class Baseline:
    """What an earlier audit found."""

    path: Path
    base: str
    """Revision of the base that it was made on."""
    known: Mapping[str, Severity]
    """Finding → its severity then."""

    def knows(self, finding: str, severity: Severity) -> bool:
        """Whether it was found before and was no milder: a finding that grows worse is new."""
        return finding in self.known and severity.rank <= self.known[finding].rank

    def refuse_other_base(self, revision: str) -> None:
        """Raise GateError if the audit is of another base: their findings do not compare."""
        if revision != self.base:
            raise GateError(
                f"{self.path}: found an audit on base {safe_text(self.base)}; expected one on "
                f"{safe_text(revision)}, as in this audit; give a baseline of that base"
            )


def load_baseline(path: Path) -> Baseline:
    """The baseline in a results file. Raises DatascanError."""
    result = read_result(path).result
    wrong = "it is not complete" if not result.complete else contradiction(result)
    if wrong:
        raise GateError(
            f"{path}: found that {wrong}; expected the results of a finished audit; give another "
            "baseline"
        )
    return Baseline(
        path, result.base.revision, {one.id: one.severity for one in result.all_findings}
    )
