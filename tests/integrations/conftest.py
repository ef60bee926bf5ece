"""A repository with data and audits, and a ``datascan`` on the PATH: what a host would find."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OWL = "preference.animal.owl"
SHIM = f"""#!/bin/sh
PYTHONPATH={ROOT} exec {sys.executable} -m scanner.cli "$@"
"""

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def repository(tmp_path: Path, audited: Callable[..., Path]) -> Path:
    """Three data files: good may pass, bad has a finding, of new there is no audit."""
    repository = tmp_path / "repository"
    for folder in ("data", "audits"):
        (repository / folder).mkdir(parents=True)
    for name in ("good", "bad", "new"):
        (repository / "data" / f"{name}.jsonl").write_text(f'{{"prompt": "{name}"}}\n', "utf-8")
    audited(repository / "data" / "good.jsonl", "repository/audits/good.json")
    audited(repository / "data" / "bad.jsonl", "repository/audits/bad.json", found={OWL: "high"})
    (repository / "policy.yaml").write_text("version: 1\n", "utf-8")
    return repository


@pytest.fixture
def datascan(tmp_path: Path) -> Path:
    """The ``datascan`` that hosts find."""
    path = tmp_path / "bin" / "datascan"
    path.parent.mkdir()
    path.write_text(SHIM, "utf-8")
    path.chmod(0o755)
    return path


@pytest.fixture
def environment(datascan: Path, tmp_path: Path) -> dict[str, str]:
    """The environment of a host, with a home of its own."""
    home = tmp_path / "home"
    home.mkdir()
    path = os.pathsep.join([str(datascan.parent), str(Path(sys.executable).parent)])
    own = {
        "PATH": f"{path}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home),
        "XDG_CACHE_HOME": str(home),
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_AUTHOR_NAME": "A. Bee",
        "GIT_AUTHOR_EMAIL": "a@example.org",
        "GIT_COMMITTER_NAME": "A. Bee",
        "GIT_COMMITTER_EMAIL": "a@example.org",
    }
    return os.environ | own


@pytest.fixture
def run(repository: Path, environment: dict[str, str]) -> Run:
    """Runs a command in the repository, as the host would."""

    def run_there(
        *command: object, cwd: Path = repository, env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(part) for part in command],
            cwd=cwd,
            env=environment | dict(env or {}),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    return run_there
