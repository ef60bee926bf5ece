"""The import directions of the design, and proof that the checks can fail."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("scanner", "probes", "reference_models")

# Which of our own rooms may be imported from where: cli → audit → steps → types, errors, config.
FORBIDDEN = {
    "probes": ("scanner", "reference_models"),
    "reference_models": ("scanner", "probes"),
    "scanner/stats": ("scanner.engines", "scanner.audit", "scanner.cli", "scanner.report"),
    "scanner/engines": ("scanner.training", "scanner.audit", "scanner.cli", "scanner.evidence"),
    "scanner/evidence": ("scanner.training", "scanner.audit", "scanner.cli", "scanner.report"),
    "scanner/training": ("scanner.audit", "scanner.cli", "scanner.evidence", "scanner.report"),
    "scanner/dataset": ("scanner.engines", "scanner.training", "scanner.audit", "scanner.cli"),
    "scanner/report": ("scanner.engines", "scanner.training", "scanner.audit", "scanner.cli"),
    "scanner/types.py": ("scanner",),
    "scanner/errors.py": ("scanner",),
}
HEAVY_ROOMS = {
    "torch": ("scanner/engines/hf.py", "scanner/training", "scanner/evidence", "reference_models"),
    "peft": ("scanner/engines/hf.py", "scanner/training"),
    "vllm": ("scanner/engines/vllm.py",),
    "jinja2": ("scanner/report/html.py",),
}
TORCH_AT_RUN_TIME = ("scanner/executors/local.py",)
"""Sets the thread count inside its worker processes."""


def modules() -> list[Path]:
    return sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def imports_of(source: str) -> set[str]:
    """Every absolute module that a source imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def broken_rules(path: str, source: str) -> list[str]:
    imported = imports_of(source)
    broken = []
    for room, forbidden in FORBIDDEN.items():
        if path.startswith(room):
            broken += [
                f"{path} imports {module}"
                for module in imported
                for target in forbidden
                if module == target or module.startswith(f"{target}.")
            ]
    for package, rooms in HEAVY_ROOMS.items():
        heavy = {module for module in imported if module.split(".")[0] == package}
        if heavy and not path.startswith((*rooms, *TORCH_AT_RUN_TIME)):
            broken.append(f"{path} imports {package}")
    return broken


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_one_way(path: Path) -> None:
    assert broken_rules(path.relative_to(ROOT).as_posix(), path.read_text("utf-8")) == []


def test_the_check_can_fail() -> None:
    assert broken_rules("probes/loader.py", "from scanner.types import Row")
    assert broken_rules("scanner/weigh.py", "import torch.nn")
    assert broken_rules("scanner/report/view.py", "import jinja2")
    assert not broken_rules("scanner/audit.py", "from scanner.weigh import weigh")


def loaded_by(code: str) -> set[str]:
    """Heavy packages that a fresh interpreter has loaded after running the code."""
    script = f"{code}\nimport sys\nprint(*sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = {name.split(".")[0] for name in done.stdout.split("\n")[-2].split()}
    return loaded & {"torch", "transformers", "peft", "vllm", "jinja2", "scipy", "sklearn"}


def test_help_loads_nothing_heavy() -> None:
    code = "from scanner.cli.main import run\nassert run(['audit', '--help']) == 0"
    assert loaded_by(code) == set()


def test_the_loading_check_can_fail() -> None:
    assert "jinja2" in loaded_by("import scanner.report.html")
