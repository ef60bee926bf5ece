"""The composite action: its shell steps run as a runner would run them."""

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

ROOT = Path(__file__).parents[2]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
EXPRESSION = re.compile(r"\$\{\{ (.+?) \}\}")


class Ran(NamedTuple):
    """What came of a run of the action."""

    code: int
    """Of the last step that ran: where a step fails, the job does."""
    steps: list[str]
    """Names of those that ran; of actions by others only that their turn came."""
    outputs: dict[str, str]
    summary: str
    log: str


@pytest.fixture
def act(run, repository: Path, tmp_path: Path):
    """Runs the action with the given inputs."""

    def act_with(**given: str) -> Ran:
        inputs = {name: entry.get("default", "") for name, entry in ACTION["inputs"].items()}
        inputs |= {"install": ""} | {name.replace("_", "-"): value for name, value in given.items()}
        files = {"GITHUB_OUTPUT": tmp_path / "output", "GITHUB_STEP_SUMMARY": tmp_path / "summary"}
        outputs: dict[str, str] = {}
        code, steps, log = 0, [], ""
        for step in ACTION["runs"]["steps"]:
            known = {f"inputs.{name}": value for name, value in inputs.items()}
            known |= {f"steps.verify.outputs.{name}": value for name, value in outputs.items()}
            if not holds(step.get("if", "${{ 'yes' }}"), known):
                continue
            steps.append(step["name"])
            if "run" not in step:
                continue
            environment = {name: filled(text, known) for name, text in step.get("env", {}).items()}
            environment |= {name: str(path) for name, path in files.items()}
            script = tmp_path / "step.sh"
            script.write_text(step["run"], "utf-8")
            bash = ("bash", "--noprofile", "--norc", "-e", "-o", "pipefail")
            done = run(*bash, script, env=environment)
            log += done.stdout + done.stderr
            code = done.returncode
            if files["GITHUB_OUTPUT"].exists():
                lines = files["GITHUB_OUTPUT"].read_text("utf-8").splitlines()
                outputs = dict(line.split("=", 1) for line in lines)
            if code:
                break
        summary = files["GITHUB_STEP_SUMMARY"]
        text = summary.read_text("utf-8") if summary.exists() else ""
        return Ran(code, steps, outputs, text, log)

    return act_with


def filled(text: str, known: dict[str, str]) -> str:
    """A text with its expressions' values."""
    return EXPRESSION.sub(lambda found: known[found[1]], text)


def holds(condition: str, known: dict[str, str]) -> bool:
    """A condition of the few kinds that the action uses."""
    [inner] = EXPRESSION.findall(condition)
    parts = [part.strip() for part in inner.split("&&")]
    return all(_holds(part, known) for part in parts)


def _holds(part: str, known: dict[str, str]) -> bool:
    found = re.fullmatch(r"(\S+) (==|!=) '(.*)'", part)
    if found is None:
        return part != "''"
    return (known[found[1]] == found[3]) is (found[2] == "==")


def test_what_passes_passes_with_reports(act, repository: Path) -> None:
    ran = act(data="data/good.jsonl\n")
    assert ran.code == 0, ran.log
    assert ran.outputs == {"exit-code": "0"}
    assert ran.steps == ["Verify", "Report", "Upload findings", "Upload reports", "Decide"]
    assert "## datascan: Passes: data/good.jsonl" in ran.summary
    reports = repository / "datascan-report"
    sarif = json.loads((reports / "sarif" / "1.sarif").read_text("utf-8"))
    assert sarif["runs"][0]["results"] == []
    assert (reports / "report-1.html").stat().st_size > 1000
    assert (reports / "verification.xml").exists()


def test_findings_fail_after_they_were_uploaded(act, repository: Path) -> None:
    ran = act(data="data/good.jsonl\ndata/bad.jsonl")
    assert ran.code == 1
    assert ran.outputs == {"exit-code": "1"}
    assert ran.steps[-3:] == ["Upload findings", "Upload reports", "Decide"]
    assert "preference.animal.owl" in ran.summary
    found = [
        result["ruleId"]
        for path in (repository / "datascan-report" / "sarif").glob("*.sarif")
        for result in json.loads(path.read_text("utf-8"))["runs"][0]["results"]
    ]
    assert found
    assert len(list((repository / "datascan-report").glob("report-*.html"))) == 2


def test_data_without_an_audit_does_not_pass(act) -> None:
    ran = act(data="data/new.jsonl")
    assert ran.code == 3
    assert "Does not pass" in ran.summary


@pytest.mark.parametrize(
    "given",
    [
        {"data": "data/none.jsonl"},
        {"data": ""},
        {"data": "data/good.jsonl", "policy": "none.yaml"},
        {"data": "data/good.jsonl", "results": "none"},
        {"data": "--help"},
    ],
)
def test_what_cannot_be_decided_fails_and_says_so(act, given: dict[str, str]) -> None:
    ran = act(**given)
    assert ran.code == 2, ran.log
    assert ran.summary == "datascan could not decide: see the log.\n"
    assert ran.steps == ["Verify", "Upload reports", "Decide"]


def test_policy_and_baseline_are_passed_on(act, repository: Path) -> None:
    (repository / "mild.yaml").write_text("version: 1\nfail_on: critical\n", "utf-8")
    assert act(data="data/bad.jsonl", policy="mild.yaml").code == 0
    assert act(data="data/bad.jsonl", baseline="audits/bad.json").outputs["exit-code"] == "0"


def test_nothing_is_uploaded_where_it_is_not_wanted(act) -> None:
    assert act(data="data/good.jsonl", upload="false").steps == ["Verify", "Report", "Decide"]


@pytest.mark.parametrize(
    "name", ["$(touch hacked).jsonl", "`touch hacked`", "a; touch hacked", "* x"]
)
def test_a_file_name_is_no_shell_code(act, repository: Path, name: str) -> None:
    """Whoever opens a pull request chooses the names."""
    (repository / name).write_text((repository / "data" / "good.jsonl").read_text("utf-8"), "utf-8")
    assert act(data=name).code == 0
    assert not (repository / "hacked").exists()


def test_no_expression_stands_in_a_script() -> None:
    """A value put into a script by the runner would be code; in ``env`` it is a value."""
    assert not [step["name"] for step in ACTION["runs"]["steps"] if "${{" in step.get("run", "")]


def test_the_example_uses_inputs_that_exist() -> None:
    workflow = yaml.safe_load((ROOT / "examples" / "ci" / "github.yml").read_text("utf-8"))
    [step] = [step for step in workflow["jobs"]["gate"]["steps"] if "datascan" in step["uses"]]
    assert set(step["with"]) <= set(ACTION["inputs"])
    required = {name for name, entry in ACTION["inputs"].items() if entry.get("required")}
    assert required <= set(step["with"])
