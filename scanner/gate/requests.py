"""Requests to the gate's server: which data is asked about, read from hostile bytes."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

MOST_DATA = 100
"""Datasets in one request."""
_REF = re.compile(r"\w[\w.-]*", re.ASCII)
"""A repository or a branch of lakeFS: never a path, never hidden."""


class RequestError(Exception):
    """A request that is not answered with a decision."""

    def __init__(self, status: int, message: str) -> None:
        """``status`` is the HTTP status; ``message`` holds nothing from the request unescaped."""
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Asked:
    """One dataset that is asked about."""

    name: str
    """As the request names it."""
    path: Path
    """Inside the root."""


def asked_for(target: str, body: bytes, root: Path) -> tuple[Asked, ...]:
    """The datasets that a request names, in ``data`` of its query or of its JSON body.

    ``/verify`` looks for them in the root; ``/lakefs`` in the root's folder of the event's
    repository and source reference. Raises RequestError.
    """
    address, _, query = target.partition("?")
    values = _body(body)
    if address == "/verify":
        folder = root
    elif address == "/lakefs":
        folder = root / _ref(values, "repository_id") / _ref(values, "source_ref")
    else:
        raise RequestError(404, "no such address; POST to /verify or /lakefs")
    names = _names(query, values)
    return tuple(Asked(name, _inside(name, folder, root)) for name in names)


def _body(body: bytes) -> Mapping[str, Any]:
    try:
        values = json.loads(body) if body.strip() else {}
    except (ValueError, RecursionError):
        raise RequestError(400, "the body is no JSON") from None
    if not isinstance(values, dict):
        raise RequestError(400, "the body is no JSON object")
    return values


def _ref(values: Mapping[str, Any], key: str) -> str:
    value = values.get(key)
    if not isinstance(value, str) or not _REF.fullmatch(value):
        raise RequestError(400, f"{key} is missing, or is no plain name")
    return value


def _names(query: str, values: Mapping[str, Any]) -> list[str]:
    try:
        names = parse_qs(query, strict_parsing=bool(query), max_num_fields=MOST_DATA)
    except ValueError:
        raise RequestError(400, "the query cannot be read, or is too long") from None
    listed = values.get("data", [])
    if not isinstance(listed, list) or not all(isinstance(name, str) for name in listed):
        raise RequestError(400, "data is no list of paths")
    found = [*names.get("data", []), *listed]
    if not 0 < len(found) <= MOST_DATA:
        raise RequestError(400, f"name 1 to {MOST_DATA} files in data")
    return found


def _inside(name: str, folder: Path, root: Path) -> Path:
    """The file of that name in a folder; it, and what it links to, lies in the root."""
    try:
        path = (folder / name).resolve(strict=True)
    except (OSError, ValueError, RuntimeError):
        raise RequestError(404, "no such data") from None
    if not path.is_relative_to(root.resolve()) or not path.is_file():
        raise RequestError(404, "no such data")
    return path
