"""The DAG, loaded with stand-ins for Airflow's two classes; its command runs in a shell.

Airflow itself is too large to be installed for a test.
"""

import runpy
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "ci" / "airflow_dag.py"


class Dag:
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        pass

    def __enter__(self) -> "Dag":
        return self

    def __exit__(self, *args: Any) -> None:
        pass


class Operator:
    def __init__(self, **settings: Any) -> None:
        self.settings = settings
        self.after: list[Operator] = []

    def __rshift__(self, other: "Operator") -> "Operator":
        self.after.append(other)
        return other


@pytest.fixture
def tasks(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    bash = "airflow.providers.standard.operators.bash"
    names = [".".join(bash.split(".")[: depth + 1]) for depth in range(5)]
    for name in names:
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    sys.modules["airflow"].DAG = Dag  # type: ignore[attr-defined]
    sys.modules[bash].BashOperator = Operator  # type: ignore[attr-defined]
    return runpy.run_path(str(EXAMPLE))


def test_training_comes_after_the_gate(tasks: dict[str, Any]) -> None:
    assert tasks["verify"].after == [tasks["train"]]
    assert tasks["verify"].settings["retries"] == 0
    assert tasks["verify"].settings["skip_on_exit_code"] is None


@pytest.mark.parametrize(("delivery", "code"), [("good", 0), ("bad", 1), ("new", 3)])
def test_the_task_fails_where_the_data_does(
    tasks: dict[str, Any], run, repository: Path, delivery: str, code: int
) -> None:
    data = repository / "data" / f"{delivery}.jsonl"
    data.rename(repository / "vendor.jsonl")
    done = run("bash", "-c", tasks["verify"].settings["bash_command"])
    assert done.returncode == code
