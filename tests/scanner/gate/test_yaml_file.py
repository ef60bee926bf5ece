"""The YAML reader: whoever opens a merge request may have written the file."""

import time
from pathlib import Path

import pytest

from scanner.errors import GateError
from scanner.gate.yaml_file import MAX_BYTES, Closed, load_yaml


class Small(Closed):
    name: str
    share: float = 0.5
    flag: bool = False


def load(tmp_path: Path, content: str | bytes) -> Small:
    path = tmp_path / "small.yaml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return load_yaml(path, Small)


def refusal(tmp_path: Path, content: str | bytes) -> str:
    with pytest.raises(GateError) as error:
        load(tmp_path, content)
    message = str(error.value)
    assert str(tmp_path / "small.yaml") in message
    assert "\n" not in message
    assert len(message) < 500
    return message


def test_a_plain_file_is_read(tmp_path: Path) -> None:
    assert load(tmp_path, "name: x\nshare: 1\n") == Small(name="x", share=1.0)


def test_a_date_stays_text(tmp_path: Path) -> None:
    assert load(tmp_path, "name: 2026-12-31").name == "2026-12-31"


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("name: x\ncolour: red", "'red' as colour (Extra inputs are not permitted)"),
        ("share: 0.5", "as name (Field required)"),
        ("name: 1", "1 as name"),
        ("name: x\nshare: half", "'half' as share"),
        ("name: x\nflag: 1", "1 as flag"),
        ("name: x\nname: y", "line 2, column 1: a key that is no plain text, or a key twice"),
        ("? [a]\n: b", "a key that is no plain text"),
        ("name: &a x\nshare: *a", "line 2, column 8: an alias"),
        ("name: !!python/object/apply:os.system ['true']", "could not determine a constructor"),
        ("name: !!binary aGk=", "TypeError|not JSON"),
        ("name: [", "YAML that cannot be read"),
        ("a: b\n---\nc: d", "YAML that cannot be read"),
        ("", "None as the whole file"),
        ("- name", "as the whole file"),
        (b"name: \xff", "bytes that are no UTF-8"),
        ("name: \x00", "YAML that cannot be read"),
        ("name: x\nshare: .nan", "YAML that cannot be read (Out of range float"),
        ("[" * 50_000, "nested too deep"),
        ("#" * (MAX_BYTES + 1), f"more than {MAX_BYTES:,} bytes"),
    ],
)
def test_whatever_else_is_refused_with_its_place(
    tmp_path: Path, content: str | bytes, found: str
) -> None:
    message = refusal(tmp_path, content)
    assert any(part in message for part in found.split("|")), message


def test_hostile_text_is_quoted_dead(tmp_path: Path) -> None:
    message = refusal(tmp_path, 'name: x\n"\\e[31m\\u202e": "\\e]0;t\\a"')
    assert message.isprintable()


def test_a_billion_laughs_is_refused_at_once(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    started = time.monotonic()
    assert "an alias" in refusal(tmp_path, "\n".join(lines))
    assert time.monotonic() - started < 2


@pytest.mark.parametrize("name", ["none.yaml", ".", "/dev/zero"])
def test_only_a_regular_file_is_opened(tmp_path: Path, name: str) -> None:
    with pytest.raises(GateError, match="no such file"):
        load_yaml(tmp_path / name, Small)
