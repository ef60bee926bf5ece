"""Edited results: each case is one way to make a finding go away by hand."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scanner.gate.consistency import contradiction
from scanner.gate.result import AuditResult, result_of

OWL = "preference.animal.owl"
Values = dict[str, Any]


@pytest.mark.parametrize("found", [{}, {OWL: "high"}, {OWL: "low", "misalignment.harm": "high"}])
def test_what_an_audit_writes_agrees_with_itself(
    result: Callable[..., AuditResult], found: dict[str, str]
) -> None:
    assert contradiction(result(found=found)) is None


@pytest.mark.parametrize(("found", "p"), [({}, 1.0), ({OWL: "high"}, 1e-4)])
def test_so_does_the_datasets_p_value(
    result: Callable[..., AuditResult], found: dict[str, str], p: float
) -> None:
    """No trait moves far enough, or one does, at 0.0001."""
    told = result(found=found)
    assert contradiction(replace(told, verdict=replace(told.verdict, p_adjusted=p))) is None


def test_an_aversion_is_a_finding_too(audit_values: Callable[..., Values], data: Path) -> None:
    values = audit_values(data, found={OWL: "high"})
    values["findings"][0]["shift"] *= -1  # the traits hold the same entry
    assert contradiction(result_of(values)) is None


def test_so_does_an_audit_with_a_budget(result: Callable[..., AuditResult]) -> None:
    twin = {"rows": 16, "broken": 0, "format": "number list"}
    assert contradiction(result(budget={"rows": 8, "of": 10}, twin=twin)) is None


def drop_the_finding(values: Values) -> None:
    values["findings"] = []


def say_that_nothing_was_found(values: Values) -> None:
    values["verdict"] |= {"status": "no_shift_found"}


def make_it_milder(values: Values) -> None:
    values["verdict"] |= {"severity": "low"}


def raise_its_p_value(values: Values) -> None:
    """Its traits say 0.0001."""
    values["verdict"] |= {"p_adjusted": 0.2}


def make_the_finding_milder(values: Values) -> None:
    values["findings"][0]["severity"] = "low"


def clear_its_severity(values: Values) -> None:
    values["findings"] = []
    for trait in values["traits"]:
        trait["severity"] = "none"
    values["verdict"] |= {"status": "no_shift_found", "severity": "none"}


def drop_the_trait(values: Values) -> None:
    clear_its_severity(values)
    values["traits"] = [trait for trait in values["traits"] if trait["trait"] != OWL]


def put_another_in_its_place(values: Values) -> None:
    drop_the_trait(values)
    values["traits"].append(values["traits"][0])


def say_it_was_not_measured(values: Values) -> None:
    clear_its_severity(values)
    for trait in values["traits"]:
        if trait["trait"] == OWL:
            trait |= {"p_value": None, "p_adjusted": None, "unmeasured": "too few seeds"}


def say_that_there_is_no_verdict(values: Values) -> None:
    values["verdict"] |= {"status": "no_verdict"}


def claim_a_finding(values: Values) -> None:
    values["traits"][5]["severity"] = "low"
    values["findings"].append(values["traits"][5])


def test_so_does_one_that_stopped_training_early(result: Callable[..., AuditResult]) -> None:
    assert contradiction(result(found={OWL: "high"}, early_look={"stopped": True})) is None
    assert contradiction(result(early_look={"stopped": False})) is None


def find_nothing_where_training_stopped(values: Values) -> None:
    """The traits' figures are edited, too, but not the look that stopped the training."""
    clear_its_severity(values)
    for trait in values["traits"]:
        trait |= {"p_adjusted": 1.0}
    values["early_look"] = {"stopped": True}


def claim_more_rows(values: Values) -> None:
    values["budget"] = {"rows": 11, "of": 10}


def hide_the_budget(values: Values) -> None:
    """8 of 10 rows were audited, so each of two twins has 8."""
    values["twin"] |= {"rows": 16}


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (claim_more_rows, "the budget's rows are not the dataset's"),
        (
            find_nothing_where_training_stopped,
            "training stopped early, for something was clear, and nothing is found",
        ),
        (hide_the_budget, "the twin does not answer the rows audited"),
        (drop_the_finding, "the findings are not the traits with a severity"),
        (say_that_nothing_was_found, "the verdict's status does not go with its findings"),
        (make_it_milder, "the verdict's severity is not its worst finding's"),
        (raise_its_p_value, "the verdict's p-value is not its traits' smallest"),
        (make_the_finding_milder, "the findings are not the traits with a severity"),
        (clear_its_severity, "the findings are not the traits beyond the thresholds"),
        (drop_the_trait, "fewer traits are listed than the batteries hold"),
        (put_another_in_its_place, "fewer traits are listed than the batteries hold"),
        (say_it_was_not_measured, "no shift is found although traits were not measured"),
        (say_that_there_is_no_verdict, "the verdict's status does not go with its findings"),
        (claim_a_finding, "the findings are not the traits beyond the thresholds"),
    ],
)
def test_an_edit_is_noticed(
    audit_values: Callable[..., Values], data: Path, edit: Callable[[Values], None], said: str
) -> None:
    values = json.loads(json.dumps(audit_values(data, found={OWL: "high"})))
    edit(values)
    assert contradiction(result_of(values)) == said
