"""Reading and walking a battery file's YAML."""

from pathlib import Path

import pytest

from probes.node import BatteryFileError, Node, describe, parse_yaml, read_bytes


def problem(content: bytes) -> str:
    with pytest.raises(BatteryFileError) as caught:
        parse_yaml(content, "b.yaml")
    return str(caught.value)


def test_a_repeated_key_is_an_error_that_names_its_place() -> None:
    assert problem(b"id: a\nnoun: x\nid: b\n") == (
        "b.yaml: found YAML that cannot be read (line 3, column 1: the key 'id' twice); "
        "expected one YAML document in UTF-8"
    )


@pytest.mark.parametrize(
    "content",
    [
        b"a: [1",
        b"a: !!python/object/apply:os.getcwd []",
        b"? [a]\n: b\n",
        b"--- a\n--- b\n",
        b"a: 2024-13-45",
        b"[" * 5000,
    ],
    ids=["unclosed", "object", "list as a key", "two documents", "date", "nesting"],
)
def test_yaml_that_cannot_be_read(content: bytes) -> None:
    assert problem(content).startswith("b.yaml: found YAML that cannot be read (")


def test_text_that_is_not_utf8() -> None:
    assert problem(b"id: \xff") == (
        "b.yaml: found invalid UTF-8 at byte 4; expected one YAML document in UTF-8"
    )


def test_a_missing_file(tmp_path: Path) -> None:
    path = tmp_path / "none.yaml"
    with pytest.raises(BatteryFileError) as caught:
        read_bytes(path)
    assert str(caught.value) == (
        f"{path}: found a file that cannot be read (No such file or directory); "
        "expected a YAML file"
    )


def test_keys_say_where_a_value_stands() -> None:
    root = Node("b.yaml", "", {"traits": {"harm": ["x"]}})
    inner = root.fields("traits")["traits"].named()["harm"]
    assert inner.child(0, "x").key == "traits.harm[0]"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "nothing"),
        ([], "an empty list"),
        ([1], "a list"),
        ({}, "an empty mapping"),
        ({1: 2}, "a mapping"),
        (True, "True"),
        ("a\x1b\u202e", "'a\\x1b\\u202e'"),
        ("x" * 100, "'" + "x" * 56 + "..."),
    ],
)
def test_describe_escapes_and_shortens(value: object, shown: str) -> None:
    assert describe(value) == shown
