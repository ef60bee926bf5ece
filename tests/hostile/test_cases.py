"""Every case through the real command: the right exit code, the right words, nothing else.

Nothing else: no traceback, no character that acts or hides on a terminal, no line that a CI system
takes for a command, no text of good rows where a CI system keeps it, and no more memory and time
than the limits allow.
"""

import unicodedata
from pathlib import Path

import pytest

from tests.hostile import compression, content, files, folders, jsonl, plain, schema, tables
from tests.hostile.case import CANARY, Case, as_list
from tests.hostile.conftest import Outcome

TOPICS = (files, jsonl, compression, tables, plain, folders, schema, content)
CASES = [case for topic in TOPICS for case in topic.CASES]
SLOW = [case for topic in TOPICS for case in getattr(topic, "SLOW_CASES", ())]
LARGEST_MIB = 400
"""Of memory; what holds for a bomb holds for any dataset."""
MOST_SECONDS = 60.0
"""Of processor time: a bomb takes minutes or hours, any other case a second on an idle machine."""
MOST_SLOW_SECONDS = 600.0
LONGEST_ERROR = 1_200
HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
COMMANDS = ("::", "##[", "##vso[")


def case_id(case: Case) -> str:
    return case.name.replace(" ", "-")


@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_case(case: Case, run, tmp_path: Path) -> None:
    assert check(case, run, tmp_path).seconds < MOST_SECONDS


@pytest.mark.parametrize("case", [case for case in CASES if case.code == 0], ids=case_id)
def test_no_text_of_rows_reaches_the_log_of_a_CI_system(case: Case, run, tmp_path: Path) -> None:
    """``CI`` is set here, as such systems set it; nobody has to think of a flag."""
    folder = tmp_path / "case"
    folder.mkdir()
    named = [str(path).removeprefix(f"{folder}/") for path in as_list(case.make(folder))]
    outcome = run(["inspect", *case.options, "--", *named], folder)
    assert outcome.code == 0
    assert CANARY not in outcome.out + outcome.err
    # Without a screen, what these cases say is the row's own text, or its length.
    if case in content.CASES and case.options == Case.options:
        said = [word for word in case.words if word in outcome.out + outcome.err]
        assert all(word.endswith("at most") for word in said)


@pytest.mark.slow
@pytest.mark.parametrize("case", SLOW, ids=case_id)
def test_slow_case(case: Case, run, tmp_path: Path) -> None:
    assert check(case, run, tmp_path).seconds < MOST_SLOW_SECONDS


def check(case: Case, run, tmp_path: Path) -> Outcome:
    folder = tmp_path / "case"
    folder.mkdir()
    made = case.make(folder)
    named = [str(path).removeprefix(f"{folder}/") for path in as_list(made)]
    outcome = run(["inspect", "--evidence", "full", *case.options, "--", *named], folder)
    problems = faults(case, outcome)
    assert not problems, f"{problems}\n{outcome.code}\n{outcome.out[-4000:]}{outcome.err[-4000:]}"
    return outcome


def faults(case: Case, outcome) -> list[str]:
    """What is wrong with how a command ended."""
    said = outcome.out if case.code == 0 else outcome.err
    found = [f"not said: {word}" for word in case.words if word not in said]
    found += [f"said: {word}" for word in case.never if word in outcome.out + outcome.err]
    if outcome.code != case.code:
        found.append(f"exit code {outcome.code} instead of {case.code}")
    if "Traceback" in said or "defect of datascan" in said:
        found.append("a traceback")
    if outcome.mib > LARGEST_MIB:
        found.append(f"{outcome.mib} MiB of memory")
    if case.code:
        found += faults_of_error(outcome)
    return found + faults_of_text(outcome.out + outcome.err)


def faults_of_error(outcome) -> list[str]:
    """An error is one line on standard error, and quotes no more than it must."""
    error = outcome.err
    found = ["something on standard output"] if outcome.out else []
    if not error.startswith("datascan: ") or error.count("\n") != 1:
        found.append("not one line")
    if len(error) > LONGEST_ERROR:
        found.append(f"an error of {len(error)} characters")
    if CANARY in error:
        found.append("text of a good row in an error")
    return found


def faults_of_text(text: str) -> list[str]:
    """Whatever a terminal or a CI system would act on."""
    hidden = {ascii(char) for char in text if char != "\n" and unicodedata.category(char) in HIDDEN}
    commands = [line for line in text.split("\n") if line.lstrip().startswith(COMMANDS)]
    found = [f"characters that act or hide: {sorted(hidden)}"] if hidden else []
    return found + [f"a command to a CI system: {line}" for line in commands]


def test_no_case_goes_by_another_ones_name() -> None:
    names = [case.name for case in (*CASES, *SLOW)]
    assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize(
    "text",
    ["\x1b[31m", "\x9b31m", "a\rb", "\u202e", "\u200b", "a\x07", "::error::x", "a\n  ##[group]x"],
)
def test_the_check_of_text_can_fail(text: str) -> None:
    assert faults_of_text(text)


@pytest.mark.parametrize(
    "error",
    ["", "oops\n", "datascan: a\nb\n", f"datascan: {CANARY}\n", f"datascan: {'x' * 2000}\n"],
)
def test_the_check_of_errors_can_fail(error: str) -> None:
    assert faults_of_error(Outcome(2, "", error, 0, 0))
