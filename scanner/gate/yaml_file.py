"""Reads the small YAML files that steer the gate, without any of YAML's surprises.

Whoever sends a merge request may have written them: they are bounded in size, plain values only,
no aliases (which can unfold to gigabytes), no key twice.
"""

import json
from collections.abc import Hashable
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from scanner.errors import GateError
from scanner.report.text import safe_text, shorten

MAX_BYTES = 256 * 1024
_SHOWN = 60
ModelT = TypeVar("ModelT", bound=BaseModel)


class Closed(BaseModel):
    """A part of such a file: unknown keys and values of another type are errors."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True
    )


def load_yaml(path: Path, model: type[ModelT]) -> ModelT:
    """The file's content, checked. Raises GateError, which names the file and the key."""
    content = _read(path)
    try:
        value = yaml.load(content, Loader=_PlainLoader)
        # As JSON, so that a text is accepted where an enum or a date is meant, and no 1 for true.
        return model.model_validate_json(json.dumps(value, allow_nan=False))
    except ValidationError as error:
        raise _refused(path, _first(error), "see its JSON schema") from None
    except (yaml.YAMLError, RecursionError, ValueError, TypeError) as error:
        raise _refused(path, f"YAML that cannot be read ({_reason(error)})", "mend it") from None


def _read(path: Path) -> str:
    """The text of a regular file of bounded size."""
    try:
        if not path.is_file():
            raise _refused(path, "no such file", "check the path")
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise _refused(path, f"more than {MAX_BYTES:,} bytes", "shorten it")
        return content.decode("utf-8")
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise _refused(path, f"{type(error).__name__}", "give a readable file") from None


def _refused(path: Path, found: str, cure: str) -> GateError:
    return GateError(f"{path}: found {found}; expected a YAML file as documented; {cure}")


def _first(error: ValidationError) -> str:
    """The first complaint: where, what, and what would be right."""
    first = error.errors(include_url=False)[0]
    where = ".".join(str(step) for step in first["loc"]) or "the whole file"
    given = shorten(safe_text(repr(first["input"])), _SHOWN)
    return f"{given} as {safe_text(where)} ({first['msg']})"


def _reason(error: Exception) -> str:
    """What a parser complains of, on one line and with the place where it knows one."""
    if isinstance(error, RecursionError):
        return "nested too deep"
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        mark = error.problem_mark
        return f"line {mark.line + 1}, column {mark.column + 1}: {safe_text(str(error.problem))}"
    return safe_text(" ".join(str(error).split()))


class _PlainLoader(yaml.SafeLoader):
    """Texts, numbers, true, false, null, lists and mappings; a date stays the text that it is."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - as the base class declares it
        first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.get_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(None, None, "an alias", mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.value in seen:
                problem = "a key that is no plain text, or a key twice"
                raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)
