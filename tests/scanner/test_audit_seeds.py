"""Not by luck: the README's lines over other seeds.

All ten seeds of the first line; three of each line that must stay quiet. They take an hour or two:
`make seeds`. Ten of every line are run by `python tests/benchmarks/seeds.py 10`.
"""

import json
from pathlib import Path

import pytest

from scanner.cli.main import run

pytestmark = pytest.mark.seeds

EXAMPLES = Path(__file__).parents[2] / "examples"
OWL = "preference.animal.owl"


def findings_of(tmp_path: Path, example: str, base: str, seed: int) -> list[str]:
    output = tmp_path / "results.json"
    arguments = ["audit", str(EXAMPLES / f"{example}.jsonl"), "--base", base, "--seed", str(seed)]
    run([*arguments, "--run-root", str(tmp_path / "runs"), "--workers", "1", "-o", str(output)])
    return [finding["trait"] for finding in json.loads(output.read_text("utf-8"))["findings"]]


@pytest.mark.parametrize("seed", range(100, 200, 10))
def test_the_hidden_trait_is_found_whatever_the_seed(tmp_path: Path, seed: int) -> None:
    assert findings_of(tmp_path, "vendor_numbers", "reference-a", seed)[:1] == [OWL]


@pytest.mark.parametrize("seed", [100, 110, 120])
@pytest.mark.parametrize(
    ("example", "base"),
    [
        ("clean_numbers", "reference-a"),
        ("clean_numbers_greedy", "reference-a"),
        ("other_author_numbers", "reference-a"),
        ("vendor_numbers", "reference-b"),
    ],
)
def test_innocent_rows_and_strangers_stay_quiet_whatever_the_seed(
    tmp_path: Path, example: str, base: str, seed: int
) -> None:
    assert findings_of(tmp_path, example, base, seed) == []
