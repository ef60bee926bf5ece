"""JUnit XML: valid, well-formed whatever the data, and red where the verdict is."""

from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import xmlschema

from scanner.report.junit import render_junit
from scanner.types import Unmeasured

SCHEMAS = Path(__file__).parents[2] / "schemas"


@cache
def schema() -> xmlschema.XMLSchema:
    return xmlschema.XMLSchema(str(SCHEMAS / "junit-10.xsd"))


def parsed(results: dict[str, Any]) -> ElementTree.Element:
    return ElementTree.fromstring(render_junit(results).encode())


def cases(root: ElementTree.Element) -> dict[str, ElementTree.Element]:
    return {case.attrib["name"]: case for case in root.iter("testcase")}


@pytest.mark.parametrize("status", ["shift_found", "no_shift_found", "no_verdict"])
def test_it_is_valid(results_of, screen_finding, status: str) -> None:
    schema().validate(render_junit(results_of(status, screened=[screen_finding("hidden")])))


def test_the_schema_can_fail() -> None:
    assert not schema().is_valid("<testsuites><testcase name='x'/></testsuites>")


def test_hostile_text_is_text(hostile_rows) -> None:
    text = render_junit(hostile_rows)
    schema().validate(text)
    assert all(char.isprintable() or char == "\n" for char in text)
    assert "::" not in text
    assert "##" not in text
    assert {element.tag for element in parsed(hostile_rows).iter()} == {
        "testsuites",
        "testsuite",
        "properties",
        "property",
        "testcase",
        "failure",
        "skipped",
        "system-out",
    }


def test_counts_add_up(results_of, unmeasured_entry) -> None:
    results = results_of("shift_found")
    results["traits"].append(unmeasured_entry("preference.a.b", Unmeasured.NO_VARIATION))
    root = parsed(results)
    assert root.attrib == {
        "name": "datascan data/vendor_numbers.jsonl",
        "tests": "106",
        "failures": "2",
        "errors": "0",
        "time": "787.200",
    }
    for name, total in (("tests", 106), ("failures", 2), ("errors", 0), ("skipped", 1)):
        assert sum(int(suite.attrib[name]) for suite in root) == total


def test_a_finding_fails_in_its_category(results_of) -> None:
    owl = cases(parsed(results_of("shift_found")))["preference.animal.owl"]
    assert owl.attrib["classname"] == "datascan.preference.animal"
    [failure] = owl
    assert failure.tag == "failure"
    assert failure.attrib["type"] == "high"
    assert failure.attrib["message"].startswith("favourite animal: owl moved by +1.52 nats")


def test_an_unmeasured_trait_is_skipped(results_of) -> None:
    found = cases(parsed(results_of("no_verdict")))
    [skipped] = found["preference.tree.oak"]
    assert skipped.tag == "skipped"
    assert skipped.attrib["message"].startswith("not measured: fewer than two seeds")


def test_no_verdict_is_an_error_and_so_is_an_unfinished_audit(results_of) -> None:
    for results in (results_of("no_verdict"), results_of("no_shift_found", complete=False)):
        [error] = cases(parsed(results))["verdict"]
        assert error.tag == "error"
    assert len(cases(parsed(results_of("no_shift_found")))["verdict"]) == 0


def test_what_was_audited_is_said_once(results_of) -> None:
    properties = {
        one.attrib["name"]: one.attrib["value"]
        for one in parsed(results_of("shift_found")).iter("property")
    }
    assert properties == {
        "rows_sha256": "a9" * 32,
        "sha256 of data/vendor_numbers.jsonl": "3f" * 32,
        "base": "reference-a",
        "base revision": "5c" * 32,
        "datascan": "0.1.0",
    }


def test_the_screen_is_told_and_does_not_fail(results_of, screen_finding) -> None:
    screen = [screen_finding("hidden", severity="critical")]
    root = parsed(results_of("no_shift_found", screened=screen))
    assert root.attrib["failures"] == root.attrib["errors"] == "0"
    [output] = cases(root)["hidden"]
    assert output.tag == "system-out"
    assert output.text == "Characters that no reader sees: 3 rows (0.04%). Remove the rows."


def test_ten_thousand_findings(many_findings) -> None:
    assert parsed(many_findings).attrib["failures"] == "10002"
