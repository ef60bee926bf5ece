"""By hand: what becomes of a dataset when this and that is so of its result."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from scanner.config import ReadOptions
from scanner.gate.digests import rows_sha256
from scanner.gate.policy import Policy
from scanner.gate.result import ResultFile
from scanner.gate.verification import (
    Candidate,
    Outcome,
    Terms,
    Verification,
    unaudited,
    verify,
    worst,
)

OWL = "preference.animal.owl"
OLD = {"created": "2020-01-01T00:00:00Z"}
NO_VERDICT = {"verdict": {"status": "no_verdict", "severity": "none", "reason": "Too few."}}
WriteResult = Callable[..., ResultFile]


def decide(data: Path, file: ResultFile, **policy: Any) -> Verification:
    terms = Terms(datetime.now(UTC), Policy.model_validate({"version": 1} | policy, strict=False))
    return verify(Candidate.of([data]), file, terms)


@pytest.mark.parametrize(
    ("changes", "outcome", "reason"),
    [
        ({}, Outcome.PASSES, "nothing was found"),
        ({"found": {OWL: "low"}}, Outcome.FAILS, OWL),
        ({"found": {OWL: "low", "misalignment.harm": "high"}}, Outcome.FAILS, f"{OWL} and 1 more"),
        (NO_VERDICT, Outcome.NO_VERDICT, "found none (Too few)"),
        (OLD, Outcome.NO_VERDICT, "expected one from the past 90 days"),
        (OLD | {"found": {OWL: "low"}}, Outcome.FAILS, OWL),
        ({"calibration": None}, Outcome.NO_VERDICT, "no certificate behind it"),
        ({"complete": False}, Outcome.NO_VERDICT, "did not finish"),
        ({"complete": False, "found": {OWL: "low"}}, Outcome.NO_VERDICT, "did not finish"),
        ({"found": {OWL: "low"}, "findings": []}, Outcome.NO_VERDICT, "the findings are not"),
    ],
)
def test_what_becomes_of_it(
    data: Path, result_file: WriteResult, changes: dict[str, Any], outcome: Outcome, reason: str
) -> None:
    decided = decide(data, result_file(**changes))
    assert decided.outcome is outcome
    assert reason in decided.reason


def test_findings_are_shown_whatever_becomes_of_it(data: Path, result_file: WriteResult) -> None:
    decided = decide(data, result_file(found={OWL: "low"}), fail_on="high")
    assert decided.outcome is Outcome.PASSES
    assert [one.id for one in decided.findings] == [OWL]
    assert decided.reason == "nothing that fails (1 excused or mild)"


def test_a_shift_may_fail_in_itself(data: Path, result_file: WriteResult) -> None:
    verdicts = ("no_verdict", "shift_found")
    decided = decide(data, result_file(found={OWL: "low"}), fail_on="none", fail_verdicts=verdicts)
    assert decided.outcome is Outcome.FAILS
    assert decided.reason == "a shift was found"


def test_the_result_of_other_data_says_nothing(data: Path, result_file: WriteResult) -> None:
    file = result_file(found={OWL: "high"})
    data.write_text(data.read_text("utf-8") + "\n", "utf-8")
    decided = decide(data, file)
    assert decided.outcome is Outcome.NO_VERDICT
    assert decided.reason.startswith("found other bytes than those audited")


def rewritten(data: Path) -> Path:
    """The same rows in other bytes."""
    other = data.with_name("other.jsonl")
    other.write_text(data.read_text("utf-8").replace('": "', '":"'), "utf-8")
    return other


def of_rows(file: ResultFile, data: Path) -> dict[str, Any]:
    return {"dataset": file.values["dataset"] | {"rows_sha256": rows_sha256([data], ReadOptions())}}


def test_the_same_rows_in_another_file_pass_only_if_the_policy_says_so(
    data: Path, result_file: WriteResult
) -> None:
    file = result_file(**of_rows(result_file(), data))
    other = rewritten(data)
    assert decide(other, file).outcome is Outcome.NO_VERDICT
    assert decide(other, file, allowed_containers=(".parquet",)).outcome is Outcome.NO_VERDICT
    decided = decide(other, file, allowed_containers=(".jsonl",))
    assert decided.outcome is Outcome.PASSES
    assert decided.checks[0].found == "the audited rows in another file"


def test_the_rows_are_read_as_the_audit_read_them(data: Path, result_file: WriteResult) -> None:
    row = '{"turns": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}'
    data.write_text(f"{row}\n", "utf-8")
    reading = ReadOptions(fields={"messages": "turns"})
    audited = {"rows_sha256": rows_sha256([data], reading), "reading": asdict(reading)}
    file = result_file(dataset=result_file().values["dataset"] | audited)
    data.write_text(f"{row} \n", "utf-8")
    assert decide(data, file, allowed_containers=(".jsonl",)).outcome is Outcome.PASSES


@pytest.mark.parametrize("change", ["one byte", "order", "one row less"])
def test_other_rows_never_pass(
    data: Path, tmp_path: Path, result_file: WriteResult, change: str
) -> None:
    lines = [f'{{"prompt": "Numbers: {n}.", "completion": "{n}, 105"}}\n' for n in range(10)]
    data.write_text("".join(lines), "utf-8")
    file = result_file(**of_rows(result_file(), data))
    changed = {
        "one byte": [lines[0].replace("105", "106"), *lines[1:]],
        "order": [*lines[1:], lines[0]],
        "one row less": lines[:-1],
    }
    other = tmp_path / "other.jsonl"
    other.write_text("".join(changed[change]), "utf-8")
    decided = decide(other, file, allowed_containers=(".jsonl",))
    assert decided.outcome is Outcome.NO_VERDICT
    assert decided.reason.startswith("found other rows than those audited")


def test_a_dataset_of_several_files_is_all_of_them_in_order(
    data: Path, tmp_path: Path, result_file: WriteResult
) -> None:
    other = tmp_path / "b.jsonl"
    other.write_text("x", "utf-8")
    both = Candidate.of([data, other])
    files = [{"path": "x", "sha256": sha256, "size": 1} for sha256 in both.digests]
    file = result_file(dataset=result_file().values["dataset"] | {"files": files})
    terms = Terms(datetime.now(UTC))
    assert verify(both, file, terms).outcome is Outcome.PASSES
    for paths in ([data], [other, data], [data, other, other]):
        assert verify(Candidate.of(paths), file, terms).outcome is Outcome.NO_VERDICT


def test_a_folder_or_a_pattern_is_the_files_that_an_audit_reads(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    folder.mkdir()
    for name in ("b", "a"):
        (folder / f"{name}.jsonl").write_text(f'{{"text": "{name}"}}\n', "utf-8")
    both = Candidate.of([folder / "a.jsonl", folder / "b.jsonl"]).digests
    for named in (folder, folder / "*.jsonl"):
        candidate = Candidate.of([named])
        assert (candidate.name, candidate.digests) == (str(named), both)


def test_the_moment_is_that_of_the_terms(data: Path, result_file: WriteResult) -> None:
    later = Terms(datetime.now(UTC) + timedelta(days=91))
    assert verify(Candidate.of([data]), result_file(), later).outcome is Outcome.NO_VERDICT


def test_data_without_a_result_does_not_pass(data: Path, tmp_path: Path) -> None:
    decided = unaudited(Candidate.of([data], "vendor.jsonl"), tmp_path)
    assert decided.outcome is Outcome.NO_VERDICT
    assert decided.data == "vendor.jsonl"
    assert decided.reason.startswith("found no result for this data in")


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ([Outcome.PASSES, Outcome.PASSES], Outcome.PASSES),
        ([Outcome.PASSES, Outcome.NO_VERDICT], Outcome.NO_VERDICT),
        ([Outcome.NO_VERDICT, Outcome.FAILS, Outcome.PASSES], Outcome.FAILS),
    ],
)
def test_several_datasets_pass_only_together(outcomes: list[Outcome], expected: Outcome) -> None:
    assert worst([Verification("a", "r", one, (), ()) for one in outcomes]) is expected
