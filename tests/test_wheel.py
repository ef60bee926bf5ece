"""The wheel holds the three packages with their data, and nothing else."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DATA = {
    "probes/battery.schema.json",
    "probes/batteries/animal.yaml",
    "probes/open_questions.yaml",
    "probes/batteries/shared/favorite_questions.yaml",
    "reference_models/world/requests.yaml",
    "reference_models/weights/reference-a/model.safetensors",
    "reference_models/weights/reference-a/SHA256SUMS",
    "reference_models/weights/reference-a/README.md",
    "reference_models/weights/reference-b/tokenizer.json",
    "scanner/dataset/screen/rules/secrets.yaml",
    "scanner/dataset/screen/taxonomy.yaml",
    "scanner/bases/aliases.yaml",
    "scanner/plan/gpus.yaml",
    "scanner/calibration/certificates/reference-a.json",
    "scanner/calibration/certificates/reference-b.json",
    "scanner/report/quick.schema.json",
    "scanner/report/results.schema.json",
    "scanner/gate/policy.schema.json",
    "scanner/gate/ignore.schema.json",
    "scanner/report/templates/report.html.j2",
    "scanner/report/templates/report.css",
    "scanner/py.typed",
}


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    done = subprocess.run([*command, str(ROOT)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    [wheel] = folder.glob("datascan_audit-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_every_module_and_data_file_is_in_it(names: set[str]) -> None:
    modules = {
        path.relative_to(ROOT).as_posix()
        for package in ("scanner", "probes", "reference_models")
        for path in (ROOT / package).rglob("*.py")
    }
    assert modules | DATA <= names


def test_nothing_else_is_in_it(names: set[str]) -> None:
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {
        "scanner",
        "probes",
        "reference_models",
    }
