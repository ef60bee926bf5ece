"""Downloads, from a small hub of our own on this machine's loopback."""

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from scanner.bases.fetch import fetch_base
from scanner.bases.find import find_base
from scanner.environment import OFFLINE
from scanner.errors import BaseModelError
from tests.scanner.bases.conftest import COMMIT, write_checkpoint

GATED, UNKNOWN = "meta/gated", "nobody/nothing"


class Hub(BaseHTTPRequestHandler):
    """As much of the Hub's interface as a download takes."""

    folder: Path
    asked: list[str]

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, body: bool) -> None:
        path = self.path.partition("?")[0]
        self.asked.append(path)
        if GATED in path:
            return self._refuse(403, "GatedRepo")
        if UNKNOWN in path:
            return self._refuse(404, "RepoNotFound")
        if "/revision/" in path:
            wanted = path.rpartition("/")[2]
            if wanted not in ("main", COMMIT):
                return self._refuse(404, "RevisionNotFound")
            return self._send(json.dumps({"id": "x/y", "sha": COMMIT, "siblings": []}), body)
        if "/tree/" in path:
            return self._send(json.dumps(self._tree()), body)
        file = self.folder / path.rpartition("/")[2]
        if not file.is_file():
            return self._refuse(404, "EntryNotFound")
        return self._send(file.read_bytes(), body)

    def _tree(self) -> list[dict[str, object]]:
        return [
            {"type": "file", "path": file.name, "size": file.stat().st_size, "oid": file.name}
            for file in self.folder.iterdir()
        ]

    def _send(self, content: str | bytes, body: bool) -> None:
        data = content.encode() if isinstance(content, str) else content
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("ETag", f'"{self.path.rpartition("/")[2]}"')
        self.end_headers()
        if body:
            self.wfile.write(data)

    def _refuse(self, status: int, code: str) -> None:
        self.send_response(status)
        self.send_header("X-Error-Code", code)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *told: object) -> None:
        """Say nothing."""


@pytest.fixture
def hub(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Hub]]:
    """A hub with one repository, and this process's children pointed at it."""
    folder = write_checkpoint(tmp_path / "upstream", shards=True)
    (folder / "pytorch_model.bin").write_bytes(b"\x80")
    (folder / "consolidated.safetensors").write_bytes(b"twice")
    (folder / "evil.py").write_text("raise SystemExit('run')")
    handler = type("OneHub", (Hub,), {"folder": folder, "asked": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        for name, value in {
            "HF_ENDPOINT": f"http://127.0.0.1:{server.server_port}",
            "HF_HUB_CACHE": str(cache),
            "HF_HUB_DISABLE_XET": "1",
            "HF_HUB_DISABLE_PROGRESS_BARS": "1",
            **OFFLINE,  # what every command of ours sets; the download alone is not bound by it
        }.items():
            monkeypatch.setenv(name, value)
        yield handler
        server.shutdown()


def test_a_base_is_fetched_once_and_is_then_found_offline(hub: type[Hub]) -> None:
    fetch_base("someone/model")
    base = find_base("someone/model")
    assert base.commit == COMMIT
    assert sorted(file.name for file in base.path.iterdir()) == [
        "config.json",
        "model-00001-of-00002.safetensors",
        "model-00002-of-00002.safetensors",
        "model.safetensors.index.json",
        "tokenizer.json",
    ]
    before = len(hub.asked)
    fetch_base("someone/model")
    assert len(hub.asked) == before


def test_settings_and_tokenizer_suffice_for_a_plan(hub: type[Hub]) -> None:
    fetch_base("someone/model@main", weights=False)
    with pytest.raises(BaseModelError, match=r"found 0 of 2 shards.*--allow-download"):
        find_base("someone/model")
    assert not any(re.search(r"safetensors$", path) for path in hub.asked)
    fetch_base("someone/model@main")  # an index without its shards is no base yet
    assert find_base("someone/model@main").commit == COMMIT


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (GATED, r"found a gated repository;.*accept its terms at https://huggingface\.co/meta/"),
        (UNKNOWN, "found no such repository;.*check the spelling"),
        ("someone/model@v9", r"found no such revision \(v9\)"),
    ],
)
def test_what_the_hub_does_not_give(hub: type[Hub], name: str, told: str) -> None:
    with pytest.raises(BaseModelError, match=told) as error:
        fetch_base(name)
    assert "\n" not in str(error.value)


def test_pickles_alone_are_refused(hub: type[Hub]) -> None:
    for file in hub.folder.glob("model*"):
        file.unlink()
    with pytest.raises(BaseModelError, match=r"found no safetensors in it.*can lose"):
        fetch_base("someone/model")


def test_no_network_is_one_line(hub: type[Hub], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(BaseModelError, match="repeat the command when the network is there") as e:
        fetch_base("someone/model")
    assert "\n" not in str(e.value)


def test_what_ships_with_us_and_folders_are_never_fetched(hub: type[Hub], tmp_path: Path) -> None:
    fetch_base("reference-a")
    fetch_base(str(tmp_path))
    assert hub.asked == []
