"""The import directions of the design, and proof that the checks can fail."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("scanner", "probes", "reference_models")

# Lowest first. A room may import rooms of its own layer and of the layers below it.
LAYERS = (
    (
        "scanner.types",
        "scanner.errors",
        "scanner.progress",
        "scanner.files",
        "scanner.environment",
        "scanner.interrupts",
        "scanner.word_forms",
        "probes",
    ),
    ("scanner.config", "scanner.stats", "scanner.answer_formats", "reference_models"),
    ("scanner.dataset", "scanner.engines", "scanner.evidence", "scanner.executors"),
    (
        "scanner.bases",
        "scanner.training",
        "scanner.stored",
        "scanner.ask",
        "scanner.weigh",
        "scanner.combine",
        "scanner.moved",
    ),
    (
        "scanner.run",
        "scanner.twin",
        "scanner.trainings",
        "scanner.library",
        "scanner.verdict",
        "scanner.inspection",
        "scanner.plan",
        "scanner.report",
        "scanner.gate",
    ),
    ("scanner.steps", "scanner.clean", "scanner.doctor"),
    ("scanner.budget", "scanner.triggered"),
    ("scanner.explain",),
    ("scanner.early",),
    ("scanner.calibration",),
    ("scanner.results",),
    ("scanner.given",),
    ("scanner.audit",),
    ("scanner.quick",),
    ("scanner.cli",),
)
NEVER = {
    "probes": ("scanner", "reference_models"),
    "reference_models": ("scanner", "probes"),
    "scanner.report": ("scanner.engines", "scanner.training", "scanner.evidence"),
    "scanner.gate": ("scanner.engines", "scanner.training", "scanner.evidence"),
    "scanner.evidence": ("scanner.training",),
    "scanner.dataset": ("scanner.engines",),
}
HEAVY_ROOMS = {
    "torch": (
        "scanner/engines/hf.py",
        "scanner/engines/batches.py",
        "scanner/engines/checkpointing.py",
        "scanner/engines/device.py",
        "scanner/engines/drawing.py",
        "scanner/engines/folding.py",
        "scanner/engines/logits.py",
        "scanner/engines/vllm.py",
        "scanner/training",
        "scanner/evidence",
        "scanner/calibration/digits.py",
        "reference_models",
    ),
    "transformers": (
        "scanner/engines",
        "scanner/training",
        "scanner/evidence/gradients.py",
        "scanner/evidence/influence.py",
        "reference_models",
    ),
    "huggingface_hub": ("scanner/bases/download.py", "scanner/bases/cache.py"),
    "peft": ("scanner/engines/hf.py", "scanner/engines/folding.py", "scanner/training"),
    "vllm": ("scanner/engines/vllm.py",),
    "jinja2": ("scanner/report/html.py",),
    "cryptography": ("scanner/gate/keys.py",),
}
EXCEPTIONS = {
    ("scanner/executors/local.py", "torch"),
    ("scanner/executors/local.py", "scanner.training"),
}
"""The local executor sets torch's threads and warms its imports, inside its workers only."""


def modules() -> list[Path]:
    return sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def imports_of(source: str) -> set[str]:
    """Every module that a source imports, anywhere in it; ``from a import b`` counts as a.b."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide where they lead"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def is_in(module: str, room: str) -> bool:
    return module == room or module.startswith(f"{room}.")


def layer_of(module: str) -> int | None:
    for height, rooms in enumerate(LAYERS):
        if any(is_in(module, room) for room in rooms):
            return height
    return None


def broken_rules(path: str, source: str) -> list[str]:
    own = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    height = layer_of(own)
    broken = []
    for module in sorted(imports_of(source)):
        above = layer_of(module)
        too_high = height is not None and above is not None and above > height
        never = any(
            is_in(own, room) and is_in(module, target)
            for room, targets in NEVER.items()
            for target in targets
        )
        heavy = any(
            is_in(module, package) and not path.startswith(rooms)
            for package, rooms in HEAVY_ROOMS.items()
        )
        excused = any(path == file and is_in(module, name) for file, name in EXCEPTIONS)
        if (too_high or never or heavy) and not excused:
            broken.append(f"{path} imports {module}")
    return broken


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_one_way(path: Path) -> None:
    assert broken_rules(path.relative_to(ROOT).as_posix(), path.read_text("utf-8")) == []


def test_every_room_has_a_layer() -> None:
    rooms = {path.relative_to(ROOT).as_posix() for path in modules()}
    unplaced = {
        path
        for path in rooms - {"scanner/__init__.py"}
        if layer_of(path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")) is None
    }
    assert unplaced == set()


def test_the_check_can_fail() -> None:
    assert broken_rules("scanner/weigh.py", "from scanner import audit")
    assert broken_rules("scanner/stats/outlier.py", "from scanner.weigh import weigh")
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


def test_the_command_leaves_models_to_its_workers() -> None:
    """Loading torch takes seconds, which every wrong input and every resumed audit would wait."""
    code = "import scanner.audit, scanner.quick, scanner.calibration.calibrate"
    assert not loaded_by(code) & {"torch", "transformers", "peft", "vllm", "jinja2"}


def test_the_loading_check_can_fail() -> None:
    assert "jinja2" in loaded_by("import scanner.report.html")
