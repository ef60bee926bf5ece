from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from scanner.config import ReadOptions
from scanner.errors import GateError
from scanner.gate.digests import rows_sha256
from scanner.gate.lookup import verify_by_folder
from scanner.gate.policy import AllowedBase, Policy
from scanner.gate.verification import Candidate, Outcome, Terms
from scanner.types import Severity

OWL = "preference.animal.owl"


def now() -> datetime:
    """No earlier than the results that a test has written, however long the suite has run."""
    return datetime.now(UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "results").mkdir()
    return tmp_path / "results"


def test_the_result_is_found_by_digest(
    audited: Callable[..., Path], data: Path, folder: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.jsonl"
    other.write_text("something else", "utf-8")
    audited(other, "results/a.json", found={OWL: "high"})
    (folder / "run").mkdir()
    own = audited(data, "results/run/results.json")
    decided = verify_by_folder(Candidate.of([data]), folder, Terms(now()))
    assert decided.outcome is Outcome.PASSES
    assert decided.result == str(own)
    decided = verify_by_folder(Candidate.of([other]), folder, Terms(now()))
    assert decided.outcome is Outcome.FAILS


def test_the_newest_of_several_counts(
    audited: Callable[..., Path], data: Path, folder: Path
) -> None:
    audited(data, "results/z.json", created=(now() - timedelta(days=2)).isoformat())
    newest = audited(data, "results/b.json", created=(now() - timedelta(days=1)).isoformat())
    audited(data, "results/a.json", created=(now() - timedelta(days=3)).isoformat())
    assert verify_by_folder(Candidate.of([data]), folder, Terms(now())).result == str(newest)


BASES = ({"id": "a", "revision": "1" * 64}, {"id": "b", "revision": "2" * 64})


@pytest.fixture
def on_two_bases(
    audited: Callable[..., Path], audit_values: Callable[..., Any], data: Path, folder: Path
) -> Path:
    """A finding on base a, made before nothing was found on base b: the order must not hide it."""
    first, second = (audit_values(data)["base"] | base for base in BASES)
    before = (now() - timedelta(days=2)).isoformat()
    audited(data, "results/a.json", base=first, created=before, found={OWL: "high"})
    audited(data, "results/b.json", base=second)
    return folder


def test_a_finding_on_any_base_counts(on_two_bases: Path, data: Path) -> None:
    decided = verify_by_folder(Candidate.of([data]), on_two_bases, Terms(now()))
    assert decided.outcome is Outcome.FAILS
    assert decided.result == str(on_two_bases / "a.json")


@pytest.mark.parametrize(("base", "outcome"), [("a", Outcome.FAILS), ("b", Outcome.PASSES)])
def test_results_of_bases_that_the_policy_does_not_name_stand_back(
    on_two_bases: Path, data: Path, base: str, outcome: Outcome
) -> None:
    policy = Policy(version=1, bases=(AllowedBase(id=base),))
    decided = verify_by_folder(Candidate.of([data]), on_two_bases, Terms(now(), policy))
    assert (decided.outcome, decided.result) == (outcome, str(on_two_bases / f"{base}.json"))


def test_where_no_base_is_named_by_the_policy_it_is_said(on_two_bases: Path, data: Path) -> None:
    policy = Policy(version=1, fail_on=Severity.NONE, bases=(AllowedBase(id="c"),))
    decided = verify_by_folder(Candidate.of([data]), on_two_bases, Terms(now(), policy))
    assert decided.outcome is Outcome.NO_VERDICT
    assert [check.name for check in decided.checks if not check.met] == ["base"]


def test_without_a_result_it_does_not_pass(
    audited: Callable[..., Path], data: Path, folder: Path
) -> None:
    audited(data, "results/a.json")
    data.write_text("changed since", "utf-8")
    decided = verify_by_folder(Candidate.of([data]), folder, Terms(now()))
    assert decided.outcome is Outcome.NO_VERDICT
    assert decided.result == ""


def test_what_is_no_result_is_passed_over(
    audited: Callable[..., Path], data: Path, folder: Path
) -> None:
    (folder / "a.json").write_text("{", "utf-8")
    (folder / "b.json").mkdir()
    (folder / "c.json").symlink_to("nowhere")
    (folder / "notes.txt").write_text("hi", "utf-8")
    audited(data, "results/d.json")
    assert verify_by_folder(Candidate.of([data]), folder, Terms(now())).outcome is Outcome.PASSES


def test_a_result_that_changes_is_read_again(
    audited: Callable[..., Path], data: Path, folder: Path
) -> None:
    audited(data, "results/a.json")
    assert verify_by_folder(Candidate.of([data]), folder, Terms(now())).outcome is Outcome.PASSES
    audited(data, "results/a.json", found={OWL: "high"})
    assert verify_by_folder(Candidate.of([data]), folder, Terms(now())).outcome is Outcome.FAILS


def test_rows_are_looked_for_where_the_policy_goes_by_rows(
    audited: Callable[..., Path], audit_values, data: Path, folder: Path
) -> None:
    dataset = audit_values(data)["dataset"] | {"rows_sha256": rows_sha256([data], ReadOptions())}
    audited(data, "results/a.json", dataset=dataset)
    data.write_text(data.read_text("utf-8").replace('": "', '":"'), "utf-8")
    by_rows = Terms(now(), Policy(version=1, allowed_containers=(".jsonl",)))
    assert verify_by_folder(Candidate.of([data]), folder, by_rows).outcome is Outcome.PASSES
    decided = verify_by_folder(Candidate.of([data]), folder, Terms(now()))
    assert decided.outcome is Outcome.NO_VERDICT


def test_rows_are_looked_for_in_each_way_that_results_were_read(
    audited: Callable[..., Path], audit_values, data: Path, folder: Path
) -> None:
    dataset = audit_values(data)["dataset"]
    other_way = dataset["reading"] | {"format": "alpaca"}
    audited(data, "results/a.json", dataset=dataset | {"reading": other_way})
    rows = {"rows_sha256": rows_sha256([data], ReadOptions())}
    own = audited(data, "results/b.json", dataset=dataset | rows)
    data.write_text(data.read_text("utf-8").replace('": "', '":"'), "utf-8")
    by_rows = Terms(now(), Policy(version=1, allowed_containers=(".jsonl",)))
    assert verify_by_folder(Candidate.of([data]), folder, by_rows).result == str(own)
    data.write_text("{", "utf-8")
    decided = verify_by_folder(Candidate.of([data]), folder, by_rows)
    assert decided.outcome is Outcome.NO_VERDICT


def test_a_missing_folder_is_an_error(data: Path, tmp_path: Path) -> None:
    with pytest.raises(GateError, match="no such folder"):
        verify_by_folder(Candidate.of([data]), tmp_path / "none", Terms(now()))
