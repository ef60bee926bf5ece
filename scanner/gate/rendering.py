"""Shows verifications: as text, JSON, Markdown or JUnit. Nothing is decided here."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from xml.etree import ElementTree as Xml

from scanner.gate.checks import Check
from scanner.gate.findings import JudgedFinding, Ruling
from scanner.gate.verification import Outcome, Verification, worst
from scanner.report.file_format import Format
from scanner.report.markdown_text import code, prose, table
from scanner.report.strict_json import as_json as values_as_json
from scanner.report.text import format_shift, safe_log_text

SCHEMA_VERSION = "1.0"
_WORDS = {
    Outcome.PASSES: "passes",
    Outcome.FAILS: "does not pass, it has findings",
    Outcome.NO_VERDICT: "does not pass, there is no valid verdict on it",
}


def as_values(verifications: Sequence[Verification]) -> dict[str, Any]:
    """Plain values for JSON."""
    return {
        "schema_version": SCHEMA_VERSION,
        "outcome": worst(verifications).value,
        "datasets": [{**asdict(one), "reason": one.reason} for one in verifications],
    }


def as_json(verifications: Sequence[Verification]) -> str:
    """For programs."""
    return values_as_json(as_values(verifications))


def as_text(verifications: Sequence[Verification]) -> str:
    """For people, and for logs that take lines beginning with ``::`` for commands."""
    return "".join(f"{safe_log_text(line)}\n" for one in verifications for line in _lines(one))


def _lines(verification: Verification) -> list[str]:
    lines = [f"datascan: {verification.data} {_WORDS[verification.outcome]}: {verification.reason}"]
    lines += [
        f"  {one.ruling}: {one.id}, {_size(one)}, {one.note}" for one in verification.findings
    ]
    lines += [
        f"  not met: {check.name}: found {check.found}; expected {check.expected}; {check.cure}"
        for check in verification.checks
        if not check.met
    ]
    met = ", ".join(check.name for check in verification.checks if check.met)
    return [*lines, f"  met: {met or 'nothing'}", f"  result: {verification.result or 'none'}"]


def as_markdown(verifications: Sequence[Verification]) -> str:
    """For a job summary."""
    return "\n".join(part for one in verifications for part in _sections(one)) + "\n"


def _sections(verification: Verification) -> list[str]:
    passes = verification.outcome is Outcome.PASSES
    head = f"{'Passes' if passes else '**Does not pass**'}: {prose(verification.data)}"
    findings = [
        (one.ruling.value, code(one.id), one.severity.value, _shift(one), prose(one.note))
        for one in verification.findings
    ]
    checks = [
        (
            "yes" if check.met else "**no**",
            check.name,
            prose(check.found),
            prose(check.expected),
            "" if check.met else prose(check.cure),
        )
        for check in verification.checks
    ]
    parts = [f"## datascan: {head}", "", prose(verification.reason), ""]
    if findings:
        parts += [*table(("Ruling", "Finding", "Severity", "Shift", "Note"), findings), ""]
    return [*parts, *table(("Met", "Check", "Found", "Expected", "What to do"), checks), ""]


def as_junit(verifications: Sequence[Verification]) -> str:
    """For test reports: a suite for each dataset, in it a case for each check and each finding."""
    root = Xml.Element("testsuites", name="datascan verify")
    root.extend(_suite(one) for one in verifications)
    Xml.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{Xml.tostring(root, "unicode")}\n'


def _suite(verification: Verification) -> Xml.Element:
    passes = verification.outcome is Outcome.PASSES
    cases = [
        _case("gate", "outcome", None if passes else "failure", verification.reason),
        *map(_check_case, verification.checks),
        *map(_finding_case, verification.findings),
    ]
    counts = {
        "tests": len(cases),
        "failures": sum(case.find("failure") is not None for case in cases),
        "errors": 0,
        "skipped": sum(case.find("skipped") is not None for case in cases),
    }
    suite = Xml.Element("testsuite", name=safe_log_text(verification.data))
    for name, count in counts.items():
        suite.set(name, str(count))
    suite.extend(cases)
    return suite


def _check_case(check: Check) -> Xml.Element:
    message = f"found {check.found}; expected {check.expected}; {check.cure}"
    return _case("check", check.name, None if check.met else "failure", message)


def _finding_case(finding: JudgedFinding) -> Xml.Element:
    kind = "failure" if finding.ruling is Ruling.FAILS else "skipped"
    return _case("finding", finding.id, kind, f"{_size(finding)}: {finding.note}")


def _case(group: str, name: str, kind: str | None, message: str) -> Xml.Element:
    case = Xml.Element("testcase", classname=f"datascan.{group}", name=safe_log_text(name))
    if kind:
        Xml.SubElement(case, kind, message=safe_log_text(message))
    return case


FORMATS: tuple[Format[Sequence[Verification]], ...] = (
    Format("text", (".txt",), as_text),
    Format("json", (".json",), as_json),
    Format("markdown", (".md",), as_markdown),
    Format("junit", (".xml",), as_junit),
)
"""What verifications can be shown as."""


def _size(finding: JudgedFinding) -> str:
    shift = _shift(finding)
    return f"{finding.severity}, shift {shift} nats" if shift else finding.severity.value


def _shift(finding: JudgedFinding) -> str:
    return "" if finding.shift is None else format_shift(finding.shift)
