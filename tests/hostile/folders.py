"""Folders that say themselves what is in them: paths that leave, files that run, lies."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.hostile.case import PAIR, ROW, Case, Make, accepted, file, folder_of, line, refused
from tests.hostile.tables import good_parquet, good_stream, stream_bytes, table_of

LEAVES = "leads out of the folder"
OUTSIDE = "../outside.jsonl"
DEFAULT = "configs:\n- config_name: default\n"


def saved(*names: object, **more: object) -> Make:
    """What ``save_to_disk`` writes, with these files in its ``state.json``."""
    state = line({"_data_files": [{"filename": name} for name in names], **more})
    return folder_of(state__json=state, data__arrow=good_stream, dataset_info__json=b"{}")


def splits(content: bytes) -> Make:
    state = line({"_data_files": [{"filename": "data.arrow"}]})
    return folder_of(
        dataset_dict__json=content, train___state__json=state, train___data__arrow=good_stream
    )


def card(yaml: str, **files: Any) -> Make:
    """A Hub folder whose ``README.md`` says this, beside a file that lies outside."""
    inner = folder_of(README__md=f"---\n{yaml}\n---\n# Rows\n".encode(), data__jsonl=ROW, **files)

    def make(folder: Path) -> Path:
        file("outside.jsonl")(folder)
        return inner(folder)  # type: ignore[return-value]

    return make


def data_files(path: str) -> Make:
    return card(f"{DEFAULT}  data_files: {path!r}")


def linked(name: str, target: str) -> Make:
    """A folder with a good file, and a link that leads elsewhere."""

    def make(folder: Path) -> Path:
        file("outside.jsonl")(folder)
        file("data/data.jsonl")(folder)
        (folder / "data" / name).symlink_to(target)
        return folder / "data"

    return make


def with_pipe(folder: Path) -> Path:
    (folder / "data").mkdir()
    os.mkfifo(folder / "data" / "data.jsonl")
    return folder / "data"


def many_files(folder: Path) -> Path:
    (folder / "data").mkdir()
    for number in range(10_001):
        (folder / "data" / f"{number}.jsonl").touch()
    return folder / "data"


def empty(folder: Path) -> Path:
    (folder / "data").mkdir()
    return folder / "data"


def described(entry: dict[str, object], name: str = "data.jsonl", content: bytes = ROW) -> Make:
    """A folder of LLaMA-Factory's, with one entry."""
    entries = line({"ours": {"file_name": name, **entry}})

    def make(folder: Path) -> Path:
        file("outside.jsonl")(folder)
        file("data/dataset_info.json", entries)(folder)
        file("data/data.jsonl", content)(folder)
        return folder / "data"

    return make


def billion_laughs() -> str:
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    for level in range(1, 12):
        levels.append(f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]")
    return "\n".join(levels)


def stream_that_lies() -> Callable[[], bytes]:
    return lambda: stream_bytes(table_of({"text": ["some words"]}))


CASES: tuple[Case, ...] = (
    accepted("what save_to_disk writes", saved("data.arrow"), "3 trained on"),
    refused("a state that leads up", saved("../outside.arrow"), LEAVES, "state.json"),
    refused("a state that leads down and up", saved("x/../../outside.arrow"), LEAVES),
    refused("a state that leads to the root", saved("/etc/passwd"), LEAVES),
    refused("a state that leads home", saved("~/data.arrow"), LEAVES),
    refused("a state that leads to an address", saved("hf://datasets/x/y.arrow"), LEAVES),
    refused("a state with a NUL", saved("data\0.arrow"), LEAVES, r"\x00"),
    refused("a state that colours", saved("../\x1b[31m"), LEAVES, r"\x1b[31m"),
    refused("a state with an empty name", saved(""), LEAVES),
    refused("a state that names the folder", saved("."), "special file"),
    refused("a state of a missing file", saved("missing.arrow"), "no such file"),
    refused("a state with a file twice", saved("data.arrow", "data.arrow"), "named before"),
    refused("a state of no files", saved(), "expected a list of files"),
    refused("a state of numbers", saved(7), "expected a list of files"),
    refused(
        "a state that leaves columns out",
        saved("data.arrow", _format_columns=["prompt"]),
        "left out",
    ),
    refused(
        "a state that leaves rows out", saved("data.arrow", _indices_data_files=["x"]), "left out"
    ),
    refused(
        "a state with a key twice",
        folder_of(state__json=b'{"_data_files":[],"_data_files":[]}'),
        "twice",
    ),
    refused(
        "a state that is nested too deep", folder_of(state__json=b"[" * 50_000), "nested too deep"
    ),
    refused("a state that is a list", folder_of(state__json=b"[]"), "expected one JSON object"),
    refused(
        "a state of 5 MB",
        folder_of(state__json=b'{"a":"' + b"x" * 5_000_000 + b'"}'),
        "4,194,304 bytes",
    ),
    refused(
        "a state in other than UTF-8",
        folder_of(state__json=b'{"_data_files":["\xff"]}'),
        "no such file",
    ),
    accepted(
        "rows that no state lists",
        folder_of(
            state__json=line({"_data_files": [{"filename": "a.arrow"}]}),
            a__arrow=good_stream,
            b__arrow=good_stream,
        ),
        "does not list them",
    ),
    accepted(
        "info that lies",
        folder_of(
            state__json=line({"_data_files": [{"filename": "a.arrow"}]}),
            a__arrow=stream_that_lies(),
            dataset_info__json=line({"features": {"messages": {"dtype": "string"}}}),
        ),
        "1 trained on",
    ),
    refused(
        "data that is a Git LFS pointer",
        folder_of(
            state__json=line({"_data_files": [{"filename": "a.arrow"}]}),
            a__arrow=b"version https://git-lfs.github.com/spec/v1\n",
        ),
        "Git LFS",
    ),
    accepted("splits", splits(line({"splits": ["train"]})), "3 trained on"),
    refused("a split that leads up", splits(line({"splits": ["../train"]})), LEAVES),
    refused("a split that leads to the root", splits(line({"splits": ["/tmp"]})), LEAVES),
    refused("a split that is missing", splits(line({"splits": ["other"]})), "no such file"),
    refused("splits without train", splits(line({"splits": ["a", "b"]})), "a split 'train'"),
    refused("splits of numbers", splits(line({"splits": [1]})), "a list of files or splits"),
    refused("no splits", splits(b"{}"), "null instead of names"),
    refused("splits that are no JSON", splits(b"splits"), "invalid JSON"),
    accepted(
        "a folder of the Hub",
        folder_of(train__jsonl=ROW, test__jsonl=PAIR),
        "1 trained on",
        "test.jsonl",
    ),
    accepted("a card that names its file", data_files("data.jsonl"), "1 trained on"),
    refused("a card that leads up", data_files(OUTSIDE), LEAVES),
    refused("a card that leads up by a pattern", data_files("../*.jsonl"), LEAVES),
    refused("a card that leads to the root", data_files("/etc/*"), LEAVES),
    refused("a card that leads to an address", data_files("https://example.org/x.jsonl"), LEAVES),
    refused("a card that leads far", data_files("a/" * 2_500 + "data.jsonl"), "no data file is"),
    refused("a card that leads to nothing", data_files("other.jsonl"), "where no data file is"),
    refused("a card that leads to its own text", data_files("README.md"), "where no data file is"),
    refused(
        "a card with a split that leads up",
        card(f"{DEFAULT}  data_files:\n  - split: train\n    path: {OUTSIDE}"),
        LEAVES,
    ),
    refused(
        "a card of several configurations",
        card("configs:\n- config_name: a\n- config_name: b"),
        "configurations 'a', 'b'",
    ),
    refused(
        "a card with settings for the reader",
        card("configs:\n- config_name: default\n  field: x"),
        "'field'",
    ),
    refused(
        "a card with configurations of nothing", card("configs: 7"), "a list of configurations"
    ),
    refused(
        "a card that runs code",
        card("configs: !!python/object/apply:os.system ['touch x']"),
        "YAML that cannot be read",
    ),
    refused(
        "a card that is nested too deep",
        card("configs: " + "[" * 5_000),
        "YAML that cannot be read",
    ),
    accepted("a card of a billion laughs", card(billion_laughs()), "1 trained on"),
    refused(
        "a card of 5 MB",
        folder_of(README__md=b"---\n" + b"x" * 5_000_000, data__jsonl=ROW),
        "4,194,304 bytes",
    ),
    refused("a card that colours", data_files("\x1b[31m.jsonl"), r"\x1b[31m"),
    accepted(
        "a card without front matter",
        folder_of(README__md=b"# Rows\n", data__jsonl=ROW),
        "1 trained on",
    ),
    refused(
        "settings that lead up",
        folder_of(__huggingface__yaml=b"configs:\n- data_files: ../x.jsonl\n", data__jsonl=ROW),
        LEAVES,
    ),
    refused(
        "a script beside the data",
        folder_of(data__jsonl=ROW, rows__py=b"import os\n"),
        "a script ('rows.py')",
    ),
    refused(
        "a pickle beside the data",
        folder_of(data__jsonl=ROW, data__pkl=b"x"),
        "a pickle ('data.pkl')",
    ),
    refused(
        "an archive beside the data",
        folder_of(data__jsonl=ROW, more__zip=b"x"),
        "an archive ('more.zip')",
    ),
    refused(
        "files of two kinds",
        folder_of(a__jsonl=PAIR, b__csv=b"prompt,completion\na,b\n"),
        "different kinds",
    ),
    refused(
        "tables and lines", folder_of(a__jsonl=PAIR, b__parquet=good_parquet), "different kinds"
    ),
    refused(
        "rows of two formats", folder_of(a__jsonl=ROW, b__jsonl=PAIR), "b.jsonl, line 1", "format"
    ),
    refused("an empty folder", empty, "no data file"),
    refused(
        "a folder of other things", folder_of(README__md=b"x", notes__rst=b"x"), "no data file"
    ),
    refused("a folder of tests alone", folder_of(test__jsonl=ROW), "no file for training"),
    refused("a folder of hidden files", folder_of(__data__jsonl=ROW), "no data file"),
    refused(
        "a folder with a Git LFS pointer",
        folder_of(data__parquet=b"version https://git-lfs.github.com/spec/v1\n"),
        "Git LFS",
    ),
    refused(
        "a link that leads out", linked("more.jsonl", "../outside.jsonl"), "which leads elsewhere"
    ),
    refused(
        "a link to the root's files", linked("more.jsonl", "/etc/passwd"), "which leads elsewhere"
    ),
    refused("a link to a folder", linked("more", ".."), "which leads elsewhere"),
    refused(
        "a link to itself in a folder", linked("more.jsonl", "more.jsonl"), "which leads elsewhere"
    ),
    refused("a link that colours", linked("\x1b[31m.jsonl", "/etc/passwd"), r"\x1b[31m"),
    refused("a link within the folder", linked("more.jsonl", "data.jsonl"), "named before"),
    refused("a pipe in a folder", with_pipe, "special file"),
    refused("10,001 files", many_files, "more than 10,000 files"),
    accepted(
        "a folder of LLaMA-Factory's",
        described(
            {
                "formatting": "openai",
                "columns": {"messages": "messages"},
                "tags": {"role_tag": "role", "content_tag": "content"},
            }
        ),
        "1 trained on",
        "dataset_info.json",
    ),
    refused("an entry that leads up", described({}, OUTSIDE), LEAVES),
    refused("an entry that leads to the root", described({}, "/etc/passwd"), LEAVES),
    refused(
        "an entry of an unknown formatting",
        described({"formatting": "\x1b[31m"}),
        r"'\x1b[31m' as 'formatting'",
    ),
    refused("an entry of images", described({"columns": {"images": "x"}}), "'images'"),
    refused("an entry of lists", described({"columns": ["x"]}), "a list as 'columns'"),
    refused("an entry that names no text", described({"columns": {"prompt": 7}}), "columns.prompt"),
    refused(
        "several entries",
        folder_of(
            dataset_info__json=line({"a": {"file_name": "a.jsonl"}, "b": {"file_name": "b.jsonl"}}),
            a__jsonl=ROW,
        ),
        "2 datasets",
    ),
    refused(
        "an entry with a key twice",
        folder_of(
            dataset_info__json=b'{"a":{"file_name":"a.jsonl","file_name":"b.jsonl"}}', a__jsonl=ROW
        ),
        "twice",
    ),
)
