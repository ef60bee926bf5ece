"""results.json: what an audit found, as plain data. On disk before anything is rendered.

Its shape is ``results.schema.json``. Reading here is strict about JSON and about the schema's
version; ``checked_results`` also holds the file against the schema.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from scanner.errors import ReportError
from scanner.files import unread, write_atomic
from scanner.report.strict_json import as_json, read_json
from scanner.report.text import shorten

SCHEMA_VERSION = "1.0"
UPGRADES: Mapping[str, Callable[[dict[str, Any]], dict[str, Any]]] = {}
"""An older schema version → what makes the next version of it. None yet: 1.0 is the first."""
_SHOWN = 60


def write_results(results: Mapping[str, Any], path: Path) -> None:
    """Write ``results`` with sorted keys, whole or not at all.

    Raises ValueError for NaN and infinity, before any file is touched.
    """
    write_atomic(render_json(results), path)


def render_json(results: Mapping[str, Any]) -> str:
    """``results`` as the text of results.json; the same results give the same text."""
    return as_json(results, sort_keys=True)


def as_measured(results: Mapping[str, Any]) -> dict[str, Any]:
    """``results`` without what was excused: that is a matter of the day and of who asks.

    Signatures and digests are over this.
    """
    return {name: value for name, value in results.items() if name != "excused"}


def read_results(path: Path) -> dict[str, Any]:
    """The results in ``path``, in the present schema version.

    Raises ``ReportError`` if the file holds no results, or none of a version that can be read.
    """
    try:
        results = read_json(path)
    except OSError as error:
        raise _unreadable(path, unread(error)) from error
    except RecursionError as error:
        raise _unreadable(path, "JSON that is nested too deep") from error
    except ValueError as error:
        raise _unreadable(path, f"JSON that cannot be read ({error})") from error
    if not isinstance(results, dict):
        raise _unreadable(path, f"a JSON {type(results).__name__}")
    return _upgraded(results, path)


def _upgraded(results: dict[str, Any], path: Path) -> dict[str, Any]:
    while (version := results.get("schema_version")) != SCHEMA_VERSION:
        upgrade = UPGRADES.get(version) if isinstance(version, str) else None
        if upgrade is None:
            raise _unreadable(path, f"schema_version {shorten(repr(version), _SHOWN)}")
        results = upgrade(results)
    return results


def _unreadable(path: Path, found: str) -> ReportError:
    return ReportError(
        f"{path}: found {found}; expected results of schema version {SCHEMA_VERSION}; "
        "give the results.json of a datascan audit, update datascan if a newer one wrote it, or "
        "run the audit again"
    )
