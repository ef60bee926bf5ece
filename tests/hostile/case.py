"""What a case of hostile input is, and the rows that most of them are made of."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

CANARY = "sentinel"
"""Stands in every good row; an error that shows it shows text of a row that has nothing wrong."""

Make = Callable[[Path], Path | Sequence[Path]]
"""Writes into an empty folder; gives what the user names on the command line."""
Content = bytes | Callable[[], bytes]


@dataclass(frozen=True)
class Case:
    """One dataset that somebody may submit, and what datascan must make of it."""

    name: str
    make: Make
    code: int
    words: tuple[str, ...]
    """All of them are said: where the code is 0 on standard output, else on standard error."""
    options: tuple[str, ...] = ("--no-screen",)
    never: tuple[str, ...] = ()
    """Said on neither."""


def chat(question: str, answer: str) -> dict[str, object]:
    """A row of the format ``messages``."""
    turns = [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    return {"messages": turns}


def line(record: object) -> bytes:
    """A record as a line of JSON in ASCII, with its end."""
    return json.dumps(record).encode() + b"\n"


def turns(*pairs: tuple[object, object], **more: object) -> bytes:
    """A line of the format ``messages``, from roles and contents."""
    held = [{"role": role, "content": content} for role, content in pairs]
    return line({"messages": held, **more})


ROW = line(chat(f"a {CANARY} asks", f"a {CANARY} answers"))
PAIR = line({"prompt": f"a {CANARY} asks", "completion": f"a {CANARY} answers"})


def file(name: str, content: Content = ROW) -> Make:
    """One file of that name."""

    def make(folder: Path) -> Path:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content() if callable(content) else content)
        return path

    return make


def folder_of(**files: Content) -> Make:
    """A folder of files; ``__`` in a name stands for a point, ``___`` for a slash."""

    def make(folder: Path) -> Path:
        root = folder / "data"
        for name, content in files.items():
            file(name.replace("___", "/").replace("__", "."), content)(root)
        return root

    return make


def refused(name: str, make: Make | Content, *words: str, **options: object) -> Case:
    """A case that must exit 2; bytes stand for a file of JSON Lines."""
    return Case(name, _made(make), 2, words, **options)  # type: ignore[arg-type]


def accepted(name: str, make: Make | Content, *words: str, **options: object) -> Case:
    """A case that must exit 0; bytes stand for a file of JSON Lines."""
    return Case(name, _made(make), 0, words, **options)  # type: ignore[arg-type]


def _made(make: Make | Content) -> Make:
    return file("data.jsonl", make) if isinstance(make, bytes) else make  # type: ignore[return-value]


def as_list(made: object) -> list[object]:
    """The paths that a case names, one or many."""
    return list(made) if isinstance(made, (list, tuple)) else [made]
