from pathlib import Path

import pytest
import yaml

from scanner.errors import GateError
from scanner.gate.policy import STRICT, Policy, load_policy
from scanner.types import Severity

EXAMPLES = Path(__file__).parents[3] / "examples" / "policies"


def policy_of(tmp_path: Path, text: str) -> Policy:
    path = tmp_path / "policy.yaml"
    path.write_text(f"version: 1\n{text}\n", "utf-8")
    return load_policy(path)


def test_what_is_left_out_is_strict(tmp_path: Path) -> None:
    policy = policy_of(tmp_path, "")
    assert policy == STRICT
    assert policy.fail_on is Severity.LOW
    assert policy.power is not None
    assert policy.power.detectable_share == 0.25
    assert policy.maximum_age_days == 90
    assert policy.allowed_containers == ()


def test_the_default_example_says_what_holds_without_it() -> None:
    """It is the documentation of every key."""
    path = EXAMPLES / "default.yaml"
    assert load_policy(path) == STRICT
    assert set(yaml.safe_load(path.read_text("utf-8"))) == set(Policy.model_fields)


@pytest.mark.parametrize("name", ["strict", "uncalibrated"])
def test_the_other_examples_are_policies(name: str) -> None:
    assert load_policy(EXAMPLES / f"{name}.yaml") != STRICT


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("fail_om: high", "'high' as fail_om (Extra inputs are not permitted)"),
        ("fail_on: often", "'often' as fail_on"),
        ("fail_verdicts: []", "no_verdict among fail_verdicts: it never passes"),
        ("fail_verdicts: [no_shift_found, no_verdict]", "as fail_verdicts.0"),
        ("power: {detectable_share: 0}", "0 as power.detectable_share"),
        ("power: {detectable_share: 25}", "25 as power.detectable_share"),
        ("power: yes", "True as power"),
        ("maximum_age_days: 0", "0 as maximum_age_days"),
        ("maximum_age_days: ninety", "'ninety' as maximum_age_days"),
        ("bases: [{}]", "expected id or revision"),
        ("bases: [reference-a]", "'reference-a' as bases.0"),
        ("minimum_tool_version: newest", "expected a version such as 0.1.0"),
        ("allowed_containers: [jsonl]", "'jsonl' as allowed_containers.0"),
        ("traits: {preference.animal.owl: high}", "as traits"),
        ("thresholds: {least_shift: .inf}", "thresholds.least_shift|cannot be read"),
    ],
)
def test_a_slip_is_an_error_that_names_its_place(tmp_path: Path, text: str, found: str) -> None:
    with pytest.raises(GateError) as error:
        policy_of(tmp_path, text)
    assert any(part in str(error.value) for part in found.split("|")), str(error.value)


def test_a_policy_names_its_version(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text("fail_on: high\n", "utf-8")
    with pytest.raises(GateError, match="as version"):
        load_policy(path)
    path.write_text("version: 2\n", "utf-8")
    with pytest.raises(GateError, match="2 as version"):
        load_policy(path)


def test_the_first_rule_that_fits_a_trait_counts(tmp_path: Path) -> None:
    policy = policy_of(
        tmp_path,
        "fail_on: medium\n"
        "traits:\n"
        "- {trait: preference.color.blue, fail_on: none}\n"
        "- {trait: preference.color.*, fail_on: high}\n"
        "- {trait: '*', fail_on: low}\n",
    )
    assert policy.fails_on("preference.color.blue") is Severity.NONE
    assert policy.fails_on("preference.color.red") is Severity.HIGH
    assert policy.fails_on("misalignment.harm") is Severity.LOW
    assert policy_of(tmp_path, "fail_on: medium").fails_on("misalignment.harm") is Severity.MEDIUM
