import json
import re
from xml.etree import ElementTree

import pytest
from markdown_it import MarkdownIt

from scanner.cli import verify
from scanner.gate.checks import Check
from scanner.gate.findings import JudgedFinding, Ruling
from scanner.gate.rendering import FORMATS, as_json, as_junit, as_markdown, as_text
from scanner.gate.verification import Outcome, Verification
from scanner.types import Severity

RENDER = {one.name: one.render for one in FORMATS}
OWL = "preference.animal.owl"
MET = Check("complete", True, "a finished audit", "a finished one", "run it again", voids=True)
UNMET = Check("age", False, "an audit 91 days old", "one from the past 90 days", "audit it again")
FAILS = JudgedFinding(OWL, Severity.HIGH, 1.9, Ruling.FAILS, "low or worse")
EXCUSED = JudgedFinding(
    "screen.secrets", Severity.LOW, None, Ruling.SUPPRESSED, "until 2026-12-31: Test keys. A. Bee"
)
DECIDED = Verification("v.jsonl", "r.json", Outcome.FAILS, (MET, UNMET), (FAILS, EXCUSED))
HOSTILE = "\x1b[31m\u202e::add-mask::x\n##[error]</script>]]>|`[a](javascript:x) <b> @all www.x.y"


def hostile() -> Verification:
    check = Check("age", False, HOSTILE, HOSTILE, HOSTILE)
    finding = JudgedFinding(HOSTILE, Severity.HIGH, 1.0, Ruling.FAILS, HOSTILE)
    return Verification(HOSTILE, HOSTILE, Outcome.FAILS, (check,), (finding,))


def test_the_text_shows_what_fails_what_is_excused_and_what_is_not_met() -> None:
    assert as_text([DECIDED]).splitlines() == [
        f"datascan: v.jsonl does not pass, it has findings: {OWL}",
        f"  fails: {OWL}, high, shift +1.90 nats, low or worse",
        "  suppressed: screen.secrets, low, until 2026-12-31: Test keys. A. Bee",
        "  not met: age: found an audit 91 days old; expected one from the past 90 days; "
        "audit it again",
        "  met: complete",
        "  result: r.json",
    ]


def test_json_holds_everything() -> None:
    values = json.loads(as_json([DECIDED]))
    assert values["schema_version"] == "1.0"
    assert values["outcome"] == "fails"
    [dataset] = values["datasets"]
    assert dataset["reason"] == OWL
    assert dataset["checks"][1] == {
        "name": "age",
        "met": False,
        "found": "an audit 91 days old",
        "expected": "one from the past 90 days",
        "cure": "audit it again",
        "voids": False,
    }
    assert [one["ruling"] for one in dataset["findings"]] == ["fails", "suppressed"]
    assert dataset["findings"][1]["shift"] is None


def test_markdown_is_two_tables() -> None:
    lines = as_markdown([DECIDED]).splitlines()
    assert lines[0] == "## datascan: **Does not pass**: v.jsonl"
    assert f"| fails | `{OWL}` | high | +1.90 | low or worse |" in lines
    assert (
        "| **no** | age | an audit 91 days old | one from the past 90 days | audit it again |"
        in lines
    )
    assert "| yes | complete | a finished audit | a finished one |  |" in lines


def test_junit_has_a_case_for_each_check_and_finding() -> None:
    root = ElementTree.fromstring(as_junit([DECIDED]))
    [suite] = root
    counts = {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")}
    assert counts == {"tests": "5", "failures": "3", "errors": "0", "skipped": "1"}
    ends = {case.get("name"): [end.tag for end in case] for case in suite}
    assert ends == {
        "outcome": ["failure"],
        "complete": [],
        "age": ["failure"],
        OWL: ["failure"],
        "screen.secrets": ["skipped"],
    }


def test_what_passes_has_no_failure() -> None:
    passes = Verification("v.jsonl", "r.json", Outcome.PASSES, (MET,), ())
    assert "<failure" not in as_junit([passes])
    assert "**" not in as_markdown([passes])
    assert as_text([passes]).startswith("datascan: v.jsonl passes: nothing was found\n")
    assert json.loads(as_json([passes]))["outcome"] == "passes"


@pytest.mark.parametrize("shown_as", RENDER)
def test_several_datasets_stand_in_one_text(shown_as: str) -> None:
    text = RENDER[shown_as]([DECIDED, DECIDED])
    assert text.count("v.jsonl") == 2


@pytest.mark.parametrize("shown_as", RENDER)
def test_hostile_text_is_dead_in_every_format(shown_as: str) -> None:
    text = RENDER[shown_as]([hostile()])
    assert not set(text) & {"\x1b", "\u202e"}
    for line in text.splitlines():
        assert "::" not in line
        assert "##[" not in line


def test_hostile_text_is_nothing_but_text_to_a_reader_of_markdown_and_of_xml() -> None:
    page = MarkdownIt("commonmark", {"html": True}).enable("table").render(as_markdown([hostile()]))
    ours = ("h2", "p", "code", "strong", "table", "thead", "tbody", "tr", "th", "td")
    tags = set(re.findall(r"</?([a-z0-9]+)", page))
    assert tags <= set(ours)
    assert page.count("<tr>") == 4  # two heads, a finding, a check
    suite = ElementTree.fromstring(as_junit([hostile()]))[0]
    assert len(suite) == 3


def test_the_command_offers_what_there_is() -> None:
    """It lists them without loading this module, so that --help is quick."""
    assert tuple(RENDER) == verify.FORMATS
