"""Requests to the server: nothing outside the root, whatever they say."""

import json
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

from scanner.gate.requests import MOST_DATA, RequestError, asked_for

EVENT = {
    "event_type": "pre-merge",
    "repository_id": "repo1",
    "branch_id": "main",
    "source_ref": "feature-1",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root with data in it, and a secret beside it."""
    root = tmp_path / "root"
    (root / "repo1" / "feature-1").mkdir(parents=True)
    (root / "a.jsonl").write_text("a", "utf-8")
    (root / "repo1" / "feature-1" / "b.jsonl").write_text("b", "utf-8")
    (tmp_path / "secret.jsonl").write_text("s", "utf-8")
    (root / "link.jsonl").symlink_to(tmp_path / "secret.jsonl")
    (root / "inner.jsonl").symlink_to("a.jsonl")
    (root / "loop").symlink_to("loop")
    return root


def ask(root: Path, target: str, body: object = None) -> list[Path]:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode() if body else b""
    return [one.path for one in asked_for(target, raw, root)]


def status(root: Path, target: str, body: object = None) -> int:
    with pytest.raises(RequestError) as error:
        ask(root, target, body)
    assert str(error.value).isprintable()
    assert str(root) not in str(error.value)
    return error.value.status


def test_data_is_named_in_the_body_or_in_the_query(root: Path) -> None:
    assert ask(root, "/verify", {"data": ["a.jsonl"]}) == [root / "a.jsonl"]
    assert ask(root, "/verify?data=a.jsonl") == [root / "a.jsonl"]
    both = ask(root, "/verify?data=repo1/feature-1/b.jsonl", {"data": ["a.jsonl"]})
    assert both == [root / "repo1" / "feature-1" / "b.jsonl", root / "a.jsonl"]


def test_it_is_called_what_the_request_calls_it(root: Path) -> None:
    [asked] = asked_for("/verify?data=repo1/../a.jsonl", b"", root)
    assert asked.name == "repo1/../a.jsonl"
    assert asked.path == root / "a.jsonl"


def test_an_event_of_lakefs_says_where(root: Path) -> None:
    expected = [root / "repo1" / "feature-1" / "b.jsonl"]
    assert ask(root, "/lakefs?data=b.jsonl", EVENT) == expected
    assert ask(root, "/lakefs?data=b.jsonl&extra=1", EVENT) == expected


def test_a_link_inside_the_root_is_followed(root: Path) -> None:
    assert ask(root, "/verify?data=inner.jsonl") == [root / "a.jsonl"]


@pytest.mark.parametrize(
    "name",
    [
        "../secret.jsonl",
        "repo1/../../secret.jsonl",
        "link.jsonl",
        "/etc/passwd",
        "..%2fsecret.jsonl",
        "....//secret.jsonl",
        "..\\secret.jsonl",
        "a.jsonl\0.txt",
        "none.jsonl",
        "repo1",
        ".",
        "",
        "loop",
        "a" * 5000,
        "\ud800",
        "/dev/zero",
        "//host/share",
        "file:///etc/passwd",
    ],
)
def test_nothing_else_is_data(root: Path, name: str) -> None:
    assert status(root, "/verify", {"data": [name]}) == 404
    if name and name.isprintable():
        assert status(root, f"/verify?data={quote(name)}") == 404


@pytest.mark.parametrize("key", ["repository_id", "source_ref"])
@pytest.mark.parametrize(
    "value", [None, 1, "", ".", "..", "../x", "a/b", "a\\b", ".git", "a\0", "\u202ex", "~", "-x"]
)
def test_an_event_names_no_path(root: Path, key: str, value: object) -> None:
    assert status(root, "/lakefs?data=b.jsonl", EVENT | {key: value}) == 400


def test_a_link_in_the_place_of_a_branch_leads_nowhere(root: Path, tmp_path: Path) -> None:
    (root / "repo1" / "evil").symlink_to(tmp_path)
    assert status(root, "/lakefs?data=secret.jsonl", EVENT | {"source_ref": "evil"}) == 404


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"\xff",
        b"[]",
        b'"a"',
        b"[" * 60_000,
        {"data": "a.jsonl"},
        {"data": [1]},
        {"data": [["a.jsonl"]]},
        {"data": {"a": 1}},
        {"data": []},
        {},
        {"data": ["a.jsonl"] * (MOST_DATA + 1)},
        None,
    ],
)
def test_a_body_that_names_no_data(root: Path, body: object) -> None:
    assert status(root, "/verify", body) == 400


@pytest.mark.parametrize(
    "query",
    ["data", "data=", "=a.jsonl", "&", "x=1", urlencode([("data", "a.jsonl")] * 200), "%"],
)
def test_a_query_that_names_no_data(root: Path, query: str) -> None:
    assert status(root, f"/verify?{query}") == 400


@pytest.mark.parametrize(
    "target", ["/", "", "/verify/", "/verify/../verify", "/other", "//verify", "*", "http://x/y"]
)
def test_there_are_two_addresses(root: Path, target: str) -> None:
    assert status(root, target, {"data": ["a.jsonl"]}) == 404


@pytest.mark.parametrize("target", ["http://[", "//[::1/verify"])
def test_an_address_that_is_none(root: Path, target: str) -> None:
    assert status(root, target) == 404
