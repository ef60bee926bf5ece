"""The page about pipelines names what there is."""

import re
from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "examples" / "ci"
PAGE = (EXAMPLES / "README.md").read_text("utf-8")


def test_every_example_has_its_line_and_every_line_its_example() -> None:
    files = {path.name for path in EXAMPLES.iterdir() if path.is_file()} - {"README.md"}
    assert set(re.findall(r"\]\(([^)]+)\)", PAGE)) == files


def test_every_host_has_a_test() -> None:
    tests = {path.stem.removeprefix("test_") for path in Path(__file__).parent.glob("test_*.py")}
    assert {"shell", "pre_commit", "github_action", "gitlab", "dvc", "lakefs", "airflow"} <= tests
