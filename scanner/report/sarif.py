"""SARIF 2.1.0, the part of it that code-scanning services take. It never carries text of rows."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from scanner.report import words
from scanner.report.alerts import Alert, Rule, alerts_of
from scanner.report.places import data_files, file_uri, located
from scanner.report.strict_json import as_json
from scanner.report.text import count_of, safe_text, shorten
from scanner.types import DataFile, Severity

SCHEMA_URI = "https://json.schemastore.org/sarif-2.1.0.json"
MOST_RESULTS = 5_000
"""GitHub shows so many, the worst ones, and refuses a run of 25,000 or of 10 MB, packed."""
MOST_TAGS = 20
"""GitHub takes no more per rule."""
_LONGEST = 500
"""Characters of a description: half of what GitHub takes, for escapes may double them."""
_LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
}
# From 9.0 GitHub says critical, from 7.0 high, from 4.0 medium.
_SCORES = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "2.0",
}

Entry = Mapping[str, Any]
Node = dict[str, object]


def render_sarif(results: Entry) -> str:
    """The findings as text of a SARIF log."""
    return as_json(sarif_log(results))


def sarif_log(results: Entry) -> Node:
    """One run. Its category names the base, so that audits on two bases stand side by side.

    A missing verdict is an alert of its own: a service that shows nothing would look like a pass.
    """
    alerts = alerts_of(results)
    listed = alerts[:MOST_RESULTS]
    files = data_files(results)
    run: Node = {
        "tool": {"driver": _driver(results, listed)},
        "automationDetails": {"id": f"datascan/{safe_text(results['base']['id'])}/"},
        "invocations": [_invocation(results, len(alerts) - len(listed))],
        "artifacts": [_artifact(file) for file in dict.fromkeys(files)],
        "results": [_result(alert, files) for alert in listed],
        "properties": {"verdict": results["verdict"]["status"], "base": _base(results)},
    }
    return {"$schema": SCHEMA_URI, "version": "2.1.0", "runs": [run]}


def _driver(results: Entry, alerts: Sequence[Alert]) -> Node:
    rules: dict[str, Rule] = {}
    for alert in alerts:
        rules.setdefault(alert.rule.id, alert.rule)
    return {
        "name": "datascan",
        "semanticVersion": safe_text(results["tool"]["version"]),
        "rules": [_rule(rule) for rule in rules.values()],
    }


def _rule(rule: Rule) -> Node:
    return {
        "id": rule.id,
        "shortDescription": _message(rule.title),
        "fullDescription": _message(rule.meaning),
        "help": _message(rule.help),
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {
            "precision": rule.precision,
            "security-severity": _SCORES[rule.severity],
            "tags": list(dict.fromkeys(("security", *rule.tags)))[:MOST_TAGS],
        },
    }


def _result(alert: Alert, files: Sequence[DataFile]) -> Node:
    """One alert, at its first place; the other places are related to it."""
    locations = [_location(file, line) for file, line in located(alert.places, files)]
    first, _ = located(alert.places, files)[0]
    result: Node = {
        "ruleId": alert.rule.id,
        "level": _LEVELS[alert.rule.severity],
        "message": _message(alert.text),
        "locations": locations[:1],
        "relatedLocations": locations[1:],
        "partialFingerprints": {"primaryLocationLineHash": alert.fingerprint(file_uri(first.path))},
        "properties": dict(alert.numbers),
    }
    return {**result, "suppressions": [_suppression(alert)]} if alert.excuse else result


def _suppression(alert: Alert) -> Node:
    """A suppressed result stays listed; services show it as closed."""
    justification = shorten(alert.excuse, _LONGEST)
    return {"kind": "external", "status": "accepted", "justification": justification}


def _location(file: DataFile, line: int) -> Node:
    region = {"startLine": line, "startColumn": 1, "endLine": line, "endColumn": 2}
    return {
        "physicalLocation": {"artifactLocation": {"uri": file_uri(file.path)}, "region": region}
    }


def _artifact(file: DataFile) -> Node:
    return {
        "location": {"uri": file_uri(file.path)},
        "roles": ["analysisTarget"],
        "hashes": {"sha-256": file.sha256},
        "length": file.size,
    }


def _invocation(results: Entry, left_out: int) -> Node:
    """How the audit went, and everything that it could not look at."""
    reasons = Counter(one["unmeasured"] for one in results["traits"] if one["unmeasured"])
    notes = [
        _notification("note", "not-measured", f"{count_of(count, 'trait')} not measured: {reason}.")
        for reason, count in sorted(reasons.items())
    ]
    if not results["complete"]:
        notes.append(_notification("error", "not-finished", words.UNFINISHED))
    if left_out:
        missing = count_of(left_out, "finding")
        text = f"{missing} left out: a run holds {MOST_RESULTS:,} at most. results.json has all."
        notes.append(_notification("warning", "left-out", text))
    return {
        "executionSuccessful": results["complete"],
        "endTimeUtc": f"{results['created'][:19]}Z",
        "toolExecutionNotifications": notes,
    }


def _notification(level: str, name: str, text: str) -> Node:
    return {"level": level, "descriptor": {"id": name}, "message": _message(safe_text(text))}


def _base(results: Entry) -> str:
    return safe_text(f"{results['base']['id']} {results['base']['revision']}")


def _message(text: str) -> dict[str, str]:
    """Plain text: braces would be placeholders in SARIF, and brackets could make a link."""
    escaped = shorten(text, _LONGEST).replace("{", "{{").replace("}", "}}")
    return {"text": escaped.replace("[", r"\[").replace("]", r"\]")}
