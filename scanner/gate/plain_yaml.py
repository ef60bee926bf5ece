"""YAML without surprises: plain values, no aliases (they unfold to gigabytes), no key twice."""

from collections.abc import Hashable
from typing import Any

import yaml

from scanner.report.text import safe_text


class PlainYamlError(Exception):
    """What a parser complains of, on one line and with the place where it knows one."""


def plain_value(content: str) -> Any:
    """What the YAML says. Raises PlainYamlError, and ValueError or TypeError for broken values."""
    try:
        return yaml.load(content, Loader=_PlainLoader)
    except RecursionError:
        raise PlainYamlError("nested too deep") from None
    except yaml.MarkedYAMLError as error:
        if (mark := error.problem_mark) is None:
            raise PlainYamlError(str(error)) from None
        place = f"line {mark.line + 1}, column {mark.column + 1}"
        raise PlainYamlError(f"{place}: {safe_text(str(error.problem))}") from None
    except yaml.YAMLError as error:
        raise PlainYamlError(str(error)) from None


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
