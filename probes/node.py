"""Reads a battery file as YAML and walks it; every complaint names the file and the key."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import yaml

NAME = re.compile(r"[a-z][a-z0-9_]*")


class BatteryFileError(ValueError):
    """A battery file says something it may not say."""

    def __init__(self, file: str, key: str, *, found: str, expected: str) -> None:
        """``key`` is the dotted path of the value, or empty for the whole file."""
        where = f"{file}, {key}" if key else file
        super().__init__(f"{where}: found {found}; expected {expected}")


@dataclass(frozen=True)
class Node:
    """One value of a battery file and the place it stands at."""

    file: str
    """The file, for messages."""
    key: str
    """Dotted path of the value in the file; empty for the whole file."""
    value: object
    """What YAML made of it."""

    def fail(self, *, found: str, expected: str) -> NoReturn:
        """Raise a BatteryFileError about this value."""
        raise BatteryFileError(self.file, self.key, found=found, expected=expected)

    def child(self, step: str | int, value: object) -> "Node":
        """The node of a value inside this one."""
        part = f"[{step}]" if isinstance(step, int) else step
        dot = "." if self.key and isinstance(step, str) else ""
        return Node(self.file, f"{self.key}{dot}{part}", value)

    def named(self) -> dict[str, "Node"]:
        """The entries of a mapping whose keys are the author's own names."""
        if not isinstance(self.value, dict) or not self.value:
            self.fail(found=describe(self.value), expected="a mapping with at least one entry")
        for name in self.value:
            if not isinstance(name, str) or not NAME.fullmatch(name):
                self.fail(
                    found=f"the name {describe(name)}",
                    expected="a lower-case letter, then lower-case letters, digits or '_'",
                )
        return {name: self.child(name, value) for name, value in self.value.items()}

    def fields(self, *names: str) -> dict[str, "Node"]:
        """The entries of a mapping that must hold exactly these keys."""
        expected = "the keys " + ", ".join(names)
        if not isinstance(self.value, dict):
            self.fail(found=describe(self.value), expected=f"a mapping with {expected}")
        for key in self.value:
            if key not in names:
                self.fail(found=f"the unknown key {describe(key)}", expected=expected)
        for name in names:
            if name not in self.value:
                self.fail(found=f"no key '{name}'", expected=expected)
        return {name: self.child(name, self.value[name]) for name in names}

    def text(self) -> str:
        """A string of at least one character, without spaces around it."""
        if not isinstance(self.value, str):
            self.fail(found=describe(self.value), expected="a text")
        if not self.value or self.value != self.value.strip():
            self.fail(found=describe(self.value), expected="a text without spaces around it")
        return self.value

    def texts(self, at_least: int) -> tuple[str, ...]:
        """A list of different texts."""
        if not isinstance(self.value, list):
            self.fail(found=describe(self.value), expected="a list of texts")
        if len(self.value) < at_least:
            self.fail(found=f"{len(self.value)} entries", expected=f"at least {at_least}")
        texts: list[str] = []
        for index, value in enumerate(self.value):
            entry = self.child(index, value)
            if entry.text().casefold() in {text.casefold() for text in texts}:
                entry.fail(found=f"{describe(value)} a second time", expected="each text once")
            texts.append(entry.text())
        return tuple(texts)


def describe(value: object) -> str:
    """A value in a message: escaped and shortened; the kind alone where it holds others."""
    if isinstance(value, dict):
        return "an empty mapping" if not value else "a mapping"
    if isinstance(value, list):
        return "an empty list" if not value else "a list"
    if value is None:
        return "nothing"
    shown = ascii(value)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."


def parse_yaml(content: bytes, file: str) -> Node:
    """The whole of a YAML file; a repeated key is an error."""
    expected = "one YAML document in UTF-8"
    try:
        return Node(file, "", yaml.load(content.decode("utf-8"), Loader=_StrictLoader))
    except UnicodeDecodeError as error:
        raise BatteryFileError(
            file, "", found=f"invalid UTF-8 at byte {error.start}", expected=expected
        ) from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        found = f"YAML that cannot be read ({_reason(error)})"
        raise BatteryFileError(file, "", found=found, expected=expected) from None


def read_bytes(path: Path) -> bytes:
    """The bytes of a battery file or of a file that it includes."""
    try:
        return path.read_bytes()
    except OSError as error:
        found = f"a file that cannot be read ({error.strerror or error})"
        raise BatteryFileError(str(path), "", found=found, expected="a YAML file") from None


def _reason(error: Exception) -> str:
    """What a parser complains of, on one line and with the place where it knows one."""
    if isinstance(error, RecursionError):
        return "nested too deep"
    reason = str(error)
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        mark = error.problem_mark
        reason = f"line {mark.line + 1}, column {mark.column + 1}: {error.problem}"
    return " ".join(reason.split()).encode("unicode_escape").decode("ascii")


class _StrictLoader(yaml.SafeLoader):
    """Plain values only, and no key twice in a mapping (YAML itself keeps the last silently)."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                problem = f"the key {describe(key.value)} twice"
                raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
            seen.add(str(key.value))
        return dict(super().construct_mapping(node, deep=deep))
