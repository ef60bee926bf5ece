"""Paths, names, and files that are no data."""

import os
import socket
from collections.abc import Sequence
from pathlib import Path

from tests.hostile.case import ROW, Case, Make, accepted, file, line, refused

NO_FILE = "no such file"


def named(*names: str) -> Make:
    """Names that lead wherever they lead; nothing is written."""
    return lambda folder: names


def files(*names: str, pattern: str) -> Make:
    """Several files, and a pattern that is given instead of them."""

    def make(folder: Path) -> Sequence[str]:
        for name in names:
            file(name)(folder)
        return [pattern]

    return make


def given_twice(folder: Path) -> Sequence[Path]:
    path = file("data.jsonl")(folder)
    return [path, path]


def given_twice_by_hard_link(folder: Path) -> Sequence[Path]:
    path = file("data.jsonl")(folder)
    os.link(path, folder / "other.jsonl")
    return [path, folder / "other.jsonl"]


def given_with_a_folder(folder: Path) -> Sequence[Path]:
    path = file("data/data.jsonl")(folder)
    return [path.parent, path]


def empty_path(folder: Path) -> str:
    """Beside a good file, which nobody named."""
    file("data.jsonl")(folder)
    return ""


def with_binary(folder: Path) -> Sequence[str]:
    file("a.jsonl")(folder)
    file("b.bin", b"\x00\x01")(folder)
    return ["*"]


def pipe(folder: Path) -> Path:
    os.mkfifo(folder / "data.jsonl")
    return folder / "data.jsonl"


def open_socket(folder: Path) -> Path:
    here = os.getcwd()
    os.chdir(folder)  # the path of a socket may have 107 bytes
    with socket.socket(socket.AF_UNIX) as one:
        one.bind("data.jsonl")
    os.chdir(here)
    return folder / "data.jsonl"


def link(target: str, name: str = "data.jsonl") -> Make:
    def make(folder: Path) -> Path:
        file("real.jsonl")(folder)
        (folder / name).symlink_to(target)
        return folder / name

    return make


CASES: tuple[Case, ...] = (
    refused("no path at all", named(), "Missing argument"),
    refused("missing path", named("missing.jsonl"), "missing.jsonl", NO_FILE),
    refused("empty path", empty_path, "found an empty path"),
    refused("missing folder", named("no/data.jsonl"), NO_FILE),
    refused("a file as folder", named("/etc/hostname/data.jsonl"), "Not a directory"),
    refused("standard input", named("-"), NO_FILE),
    refused("an address", named("https://example.org/data.jsonl"), NO_FILE),
    refused("a home folder", named("~nobody/data.jsonl"), NO_FILE),
    refused("empty file", b"", "no rows", "check that the file was written"),
    refused("a newline alone", b"\n", "no rows"),
    refused("blank lines alone", b"\n \n\t\n\r\n", "no rows"),
    refused("a byte order mark alone", b"\xef\xbb\xbf", "no rows"),
    accepted("one row", ROW, "1 trained on"),
    refused("a pipe", pipe, "special file"),
    refused("a socket", open_socket, "cannot be read"),
    refused("an endless device", named("/dev/zero"), "special file"),
    refused("the null device", named("/dev/null"), "special file"),
    refused("a file that reads as an error", named("/proc/self/mem"), "cannot be read"),
    refused("a file that has no size", named("/proc/cpuinfo"), "does not say what is in it"),
    accepted("a link to a file", link("real.jsonl"), "1 trained on"),
    refused("a link to nowhere", link("nowhere.jsonl"), NO_FILE),
    refused("a link to itself", link("data.jsonl"), "symbolic links"),
    refused("a link to a device", link("/dev/zero"), "special file"),
    refused("a file twice", given_twice, "named before", "name it once"),
    refused("a file under two names", given_twice_by_hard_link, "named before"),
    refused("a file and its folder", given_with_a_folder, "named before"),
    refused("a name with a newline and a fault", file("a\nb.jsonl", b"x\n"), r"a\nb.jsonl, line 1"),
    accepted("a name with a newline", file("a\n::error::b.jsonl"), r"a\n:\x3aerror:\x3ab.jsonl"),
    accepted("a name that colours", file("\x1b[31mred.jsonl"), r"\x1b[31mred.jsonl"),
    refused("a name that colours, and a fault", file("\x1b[31m.jsonl", b"x\n"), r"\x1b[31m.jsonl"),
    accepted("a name in HTML", file("<img src=x onerror=alert(1)>.jsonl"), "<img src=x"),
    accepted("a name in markup", file("[link=x][/][bold].jsonl"), "[link=x][/][bold].jsonl"),
    accepted("a name from right to left", file("a\u202elnosj.jsonl"), r"a\u202elnosj"),
    accepted("a name with a C1 control", file("a\x9b31m.jsonl"), r"a\x9b31m"),
    accepted("a name for a workflow", file("##[error]x.jsonl"), r"#\x23[error]x.jsonl"),
    accepted("a name in another script", file("да\u0301нные.jsonl"), "да"),
    accepted("a name that begins with a dash", file("-rf.jsonl"), "-rf.jsonl"),
    accepted("a name of braces and percents", file("{0}%s{{7*7}}.jsonl"), "{0}%s{{7*7}}.jsonl"),
    accepted("a way up and down", file("down/../data.jsonl"), "1 trained on"),
    accepted("a name of 255 bytes", file("a" * 249 + ".jsonl"), "1 trained on"),
    refused("a name of 256 bytes", named("a" * 250 + ".jsonl"), "File name too long"),
    refused("a path of 5,000 bytes", named("a/" * 2_500), "File name too long", "..."),
    refused("a name that is not UTF-8", file("a\udcff.jsonl"), r"a\udcff.jsonl", "not UTF-8"),
    accepted("a name of brackets", file("data[1].jsonl"), "1 trained on"),
    accepted("a name of an asterisk", file("*.jsonl"), "1 trained on"),
    accepted("a pattern", files("a.jsonl", "b.jsonl", pattern="*.jsonl"), "2 trained on"),
    refused("a pattern of nothing", files("a.txt", pattern="*.jsonl"), "no file that fits it"),
    refused("a pattern of everything", with_binary, "b.bin"),
    refused("a pattern out of hand", named("[" * 3_000 + "*"), "no file that fits it"),
    accepted("an ending in capitals", file("DATA.JSONL"), "1 trained on"),
    accepted("no ending, but JSON", file("data"), "1 trained on"),
    refused("no ending, and no JSON", file("data", b"a text\n"), "does not say what is in it"),
    refused("a backup's ending", file("data.jsonl~", b"a text\n"), "does not say what is in it"),
    refused("JSON as text", file("data.txt"), "JSON under another name"),
    refused("JSON as CSV", file("data.csv"), "JSON under another name"),
    refused("an array as JSON Lines", b"[" + ROW.strip() + b"]", "a JSON array under another name"),
    refused("a pickle", file("data.jsonl", b"\x80\x04\x95\x10"), "a pickle, which can run code"),
    refused("a pickle by its name", file("data.pkl", b"\x80\x04\x95\x10"), "a pickle"),
    refused("NumPy", file("data.npy", b"\x93NUMPY\x01\x00v\x00"), "a NumPy file"),
    refused("a zip", file("data.jsonl", b"PK\x03\x04" + b"\0" * 30), "a zip file"),
    refused("a tar", file("data.jsonl", b"x" * 257 + b"ustar\x0000"), "a tar file"),
    refused("SQLite", file("data.jsonl", b"SQLite format 3\0"), "an SQLite file"),
    refused("HDF5", file("data.jsonl", b"\x89HDF\r\n\x1a\n"), "an HDF5 file"),
    refused("a script as data", file("data.py", b"import os\n"), "does not say what is in it"),
    refused("a pointer of Git LFS", b"version https://git-lfs.github.com/spec/v1\n", "Git LFS"),
    refused("a web page", b"<!doctype html><html></html>\n", "invalid JSON at column 1"),
    refused("one bad file of two", files("a.jsonl", "b.csv", pattern="*.*"), "b.csv", "JSON"),
    refused(
        "an unknown format by option",
        ROW,
        r"--format: found '\x1b[31m'",
        options=("--format", "\x1b[31m"),
    ),
    refused(
        "an unknown kind of role by option",
        line({"messages": [{"role": "x", "content": "y"}]}),
        "--role-map",
        r"\x1b",
        options=("--role-map", "x=\x1b"),
    ),
    refused("an unknown field by option", ROW, "--field", options=("--field", "::error::=x")),
    refused("half a pair by option", ROW, "two names with = between", options=("--field", "x")),
)
