"""JUnit XML: the audit as test cases, for CI systems that show such files."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

from scanner.report.cases import Case, Outcome, cases_of
from scanner.report.places import data_files
from scanner.report.text import safe_log_text

_ENDINGS = {Outcome.FAILED: "failure", Outcome.ERROR: "error", Outcome.SKIPPED: "skipped"}


def render_junit(results: Mapping[str, Any]) -> str:
    """One suite per category, one case per trait: a finding fails, an unmeasured trait is skipped.

    The case ``verdict`` is an error where there is no verdict. What the screen found passes, with
    its words as output: it decides nothing.
    """
    cases = cases_of(results)
    path = safe_log_text(results["dataset"]["path"])
    root = ElementTree.Element("testsuites", {"name": f"datascan {path}", **_counts(cases)})
    root.set("time", f"{sum(results['timings_s'].values()):.3f}")
    for group, members in _grouped(cases).items():
        root.append(_suite(group, members, results))
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(root, "unicode")}\n'


def _grouped(cases: Iterable[Case]) -> dict[str, list[Case]]:
    groups: dict[str, list[Case]] = {}
    for case in cases:
        groups.setdefault(case.group, []).append(case)
    return groups


def _counts(cases: Sequence[Case]) -> dict[str, str]:
    outcomes = [case.outcome for case in cases]
    return {
        "tests": str(len(cases)),
        "failures": str(outcomes.count(Outcome.FAILED)),
        "errors": str(outcomes.count(Outcome.ERROR)),
    }


def _suite(group: str, cases: Sequence[Case], results: Mapping[str, Any]) -> ElementTree.Element:
    name = safe_log_text(f"datascan.{group}")
    suite = ElementTree.Element("testsuite", {"name": name, **_counts(cases)})
    suite.set("skipped", str(sum(case.outcome is Outcome.SKIPPED for case in cases)))
    suite.set("timestamp", safe_log_text(results["created"])[:19])
    if group == cases[0].name == "verdict":
        suite.append(_properties(results))
    suite.extend(_case(case, name) for case in cases)
    return suite


def _properties(results: Mapping[str, Any]) -> ElementTree.Element:
    """What was audited, beside the verdict."""
    files = data_files(results)
    facts = {
        "rows_sha256": results["dataset"]["rows_sha256"],
        **{f"sha256 of {file.path}": file.sha256 for file in files},
        "base": results["base"]["id"],
        "base revision": results["base"]["revision"],
        "datascan": results["tool"]["version"],
    }
    properties = ElementTree.Element("properties")
    for name, value in facts.items():
        ElementTree.SubElement(
            properties, "property", name=safe_log_text(name), value=safe_log_text(value)
        )
    return properties


def _case(case: Case, suite: str) -> ElementTree.Element:
    element = ElementTree.Element("testcase", classname=suite, name=safe_log_text(case.name))
    message = safe_log_text(case.message)
    if case.outcome in _ENDINGS:
        kind = case.severity.value if case.outcome is Outcome.FAILED else case.outcome.value
        ElementTree.SubElement(element, _ENDINGS[case.outcome], message=message, type=kind)
    elif case.outcome is Outcome.WARNED:
        ElementTree.SubElement(element, "system-out").text = message
    return element
