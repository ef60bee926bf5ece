"""Reads battery files. A new battery is one more file in ``batteries/``.

    load_batteries()                       every battery that ships, in the order of file names
    load_battery(Path("mine.yaml"))        one file, anywhere

A file's shape is written down in ``battery.schema.json``, for editors; this module checks the
same rules and says more plainly what is wrong.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from probes.battery import (
    Battery,
    Contrast,
    PreferenceBattery,
    PrefillBattery,
    PrefillQuestion,
    Readout,
    slug,
)
from probes.node import BatteryFileError, Node, describe, parse_yaml, read_bytes

__all__ = ["BATTERIES", "BatteryFileError", "load_batteries", "load_battery"]

BATTERIES = Path(__file__).with_name("batteries")
ID = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")
SLUG = re.compile(r"\w+(-\w+)*")


def load_batteries(folder: Path = BATTERIES) -> tuple[Battery, ...]:
    """Every ``*.yaml`` of a folder, in the order of file names.

    Raises BatteryFileError; also where two files claim the same id.
    """
    files: dict[str, Path] = {}
    batteries = []
    for path in sorted(folder.glob("*.yaml")):
        battery = load_battery(path)
        if battery.id in files:
            found = f"'{battery.id}', the id of {files[battery.id].name} too"
            raise BatteryFileError(str(path), "id", found=found, expected="an id of its own")
        files[battery.id] = path
        batteries.append(battery)
    return tuple(batteries)


def load_battery(path: Path) -> Battery:
    """The battery of one file. Raises BatteryFileError."""
    content = read_bytes(path)
    root = parse_yaml(content, str(path))
    return _PARSERS[_readout(root)](root, _File(path, content))


@dataclass(frozen=True)
class _File:
    """A battery file while it is parsed."""

    path: Path
    content: bytes


def _readout(root: Node) -> Readout:
    """The value of ``readout``, which decides what else a file must hold."""
    expected = " or ".join(f"'{readout}'" for readout in Readout)
    value = root.value.get("readout") if isinstance(root.value, dict) else None
    if not isinstance(value, str) or value not in list(Readout):
        root.child("readout", value).fail(found=describe(value), expected=expected)
    return Readout(value)


def _preference(root: Node, file: _File) -> PreferenceBattery:
    fields = root.fields("id", "readout", "source", "noun", "answers", "questions")
    noun = fields["noun"].text()
    templates, included = _templates(fields["questions"], file)
    return PreferenceBattery(
        id=_id(fields["id"]),
        source=fields["source"].text(),
        sha256=hashlib.sha256(file.content + included).hexdigest(),
        noun=noun,
        answers=_answers(fields["answers"]),
        questions=tuple(template.replace("{noun}", noun) for template in templates),
    )


def _id(node: Node) -> str:
    if not ID.fullmatch(node.text()):
        node.fail(found=describe(node.value), expected="lower-case words joined by dots")
    return node.text()


def _answers(node: Node) -> tuple[str, ...]:
    """At least two answers that make different trait ids."""
    answers = node.texts(at_least=2)
    for index, answer in enumerate(answers):
        if not SLUG.fullmatch(slug(answer)):
            expected = "words of letters and digits, joined by spaces or hyphens"
            node.child(index, answer).fail(found=describe(answer), expected=expected)
        if slug(answer) in map(slug, answers[:index]):
            found = f"{describe(answer)}, the trait '{slug(answer)}' a second time"
            node.child(index, answer).fail(found=found, expected="each trait once")
    return answers


def _templates(node: Node, file: _File) -> tuple[tuple[str, ...], bytes]:
    """A battery's question templates, and the bytes of the file they are included from."""
    content = b""
    if isinstance(node.value, dict):
        path = _included(node.fields("include")["include"], file)
        content = read_bytes(path)
        node = parse_yaml(content, str(path))
    templates = node.texts(at_least=2)
    for index, template in enumerate(templates):
        rest = template.replace("{noun}", "")
        if rest == template or "{" in rest or "}" in rest:
            expected = "{noun} in every question, and no other braces"
            node.child(index, template).fail(found=describe(template), expected=expected)
    return templates, content


def _included(node: Node, file: _File) -> Path:
    """The path of an included file, which lies in the battery's folder or below it."""
    folder = file.path.parent.resolve()
    path = (folder / node.text()).resolve()
    if not path.is_relative_to(folder):
        node.fail(found=describe(node.value), expected="a file in the battery's own folder")
    return path


def _prefill(root: Node, file: _File) -> PrefillBattery:
    fields = root.fields("id", "readout", "source", "traits", "peers")
    battery_id = _id(fields["id"])
    traits = [
        Contrast(f"{battery_id}.{name}", True, _questions(node, "harmful", "aligned"))
        for name, node in fields["traits"].named().items()
    ]
    peers = [
        Contrast(name, False, _questions(node, "one", "other"))
        for name, node in fields["peers"].named().items()
    ]
    return PrefillBattery(
        id=battery_id,
        source=fields["source"].text(),
        sha256=hashlib.sha256(file.content).hexdigest(),
        contrasts=(*traits, *peers),
    )


def _questions(contrast: Node, raised: str, lowered: str) -> tuple[PrefillQuestion, ...]:
    """A contrast's questions: each wording of each topic, with the topic's answers."""
    questions: list[PrefillQuestion] = []
    for topic, node in contrast.named().items():
        for question in _topic(topic, node, raised, lowered):
            if question.ask in {other.ask for other in questions}:
                found = f"the question {describe(question.ask)} a second time"
                node.fail(found=found, expected="each question once in a contrast")
            questions.append(question)
    if len(questions) < 2:
        contrast.fail(found="one question", expected="at least 2")
    return tuple(questions)


def _topic(topic: str, node: Node, raised: str, lowered: str) -> list[PrefillQuestion]:
    """A topic's wordings. A trait's sides need two answers each: one alone is a memorised line."""
    fields = node.fields("asks", raised, lowered)
    at_least = 2 if raised == "harmful" else 1
    up, down = fields[raised].texts(at_least), fields[lowered].texts(at_least)
    if both := set(up) & set(down):
        found = f"{describe(min(both))} on both sides"
        node.fail(found=found, expected=f"different texts under {raised} and {lowered}")
    return [PrefillQuestion(topic, ask, up, down) for ask in fields["asks"].texts(1)]


_PARSERS: dict[Readout, Callable[[Node, _File], Battery]] = {
    Readout.MARGINS: _preference,
    Readout.PREFILL: _prefill,
}
