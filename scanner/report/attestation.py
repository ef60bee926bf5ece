"""The audit as an in-toto statement: a test result about the dataset's files, ready to be signed.

Statement v1 (https://in-toto.io/Statement/v1) with the predicate test-result v0.1.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from scanner.report.cases import Case, Outcome, cases_of
from scanner.report.places import data_files
from scanner.report.results import as_measured, render_json
from scanner.report.strict_json import as_json

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://in-toto.io/attestation/test-result/v0.1"
_SETTINGS = ("recipe", "seeds", "contexts", "thresholds")

Descriptor = dict[str, object]


def attestation(results: Mapping[str, Any]) -> dict[str, object]:
    """The statement. It is about the files that were read, whatever they are called.

    ``result`` is FAILED with a finding or without a verdict, WARNED if only the screen found
    something or a trait was not measured, and PASSED otherwise. A trait that was not measured is
    in none of the lists. It is about what was measured, and excuses nothing.
    """
    results = as_measured(results)
    cases = cases_of(results)
    return {
        "_type": STATEMENT_TYPE,
        "subject": [_resource(file.path, file.sha256) for file in data_files(results)],
        "predicateType": PREDICATE_TYPE,
        "predicate": {
            "result": _result(cases),
            "configuration": _configuration(results),
            "passedTests": _names(cases, Outcome.PASSED),
            "warnedTests": _names(cases, Outcome.WARNED),
            "failedTests": _names(cases, Outcome.FAILED, Outcome.ERROR),
        },
    }


def render_attestation(results: Mapping[str, Any]) -> str:
    """The statement as text."""
    return as_json(attestation(results))


def _result(cases: Iterable[Case]) -> str:
    outcomes = {case.outcome for case in cases}
    if outcomes & {Outcome.FAILED, Outcome.ERROR}:
        return "FAILED"
    return "WARNED" if outcomes & {Outcome.WARNED, Outcome.SKIPPED} else "PASSED"


def _names(cases: Iterable[Case], *outcomes: Outcome) -> list[str]:
    return [case.name for case in cases if case.outcome in outcomes]


def _configuration(results: Mapping[str, Any]) -> list[Descriptor]:
    """Everything that decided the outcome, each with a digest or a name that stands for one."""
    base, tool, calibration = results["base"], results["tool"], results["calibration"]
    settings = {name: results[name] for name in _SETTINGS}
    if "early_look" in results:
        settings["early_look"] = results["early_look"]
    tool_uri = f"pkg:pypi/{_quoted(tool['name'])}@{_quoted(tool['version'])}"
    found: list[Descriptor] = [
        _resource("results", _sha256(render_json(results)), {"created": results["created"]}),
        _resource("rows", results["dataset"]["rows_sha256"]),
        *_part(results.get("budget")),
        {"name": "tool", "uri": tool_uri},
        {"name": "base", "uri": _urn("base", base["id"], base["revision"])},
        _resource("settings", _sha256(json.dumps(settings, sort_keys=True)), settings),
        *(_resource(f"battery {one['id']}", one["sha256"]) for one in results["batteries"]),
    ]
    if calibration is not None:
        found.append({"name": "calibration", "uri": _urn("calibration", calibration["id"])})
    return found


def _part(budget: Mapping[str, Any] | None) -> Iterator[Descriptor]:
    """The rows that were trained on, where a budget kept others out."""
    if budget is not None:
        drawn = {name: budget[name] for name in ("rows", "of", "seed")}
        yield _resource("rows trained on", budget["rows_sha256"], drawn)


def _resource(
    name: str, sha256: str, annotations: Mapping[str, object] | None = None
) -> Descriptor:
    resource: Descriptor = {"name": name, "digest": {"sha256": sha256}}
    return {**resource, "annotations": dict(annotations)} if annotations else resource


def _urn(*parts: str) -> str:
    return "urn:datascan:" + ":".join(_quoted(part) for part in parts)


def _quoted(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
