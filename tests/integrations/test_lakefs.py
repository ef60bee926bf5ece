"""The lakeFS action, sent to the server as lakeFS documents that it sends a webhook."""

import http.client
import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
import yaml

ACTION: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parents[2] / "examples" / "ci" / "lakefs_action.yaml").read_text("utf-8")
)
TOKEN = "0123456789abcdef0123"
EVENT = {
    "event_type": "pre-merge",
    "event_time": "2026-02-28T14:03:31Z",
    "action_name": ACTION["name"],
    "hook_id": "datascan",
    "repository_id": "models",
    "branch_id": "main",
    "source_ref": "delivery-7",
    "commit_message": "merge delivery 7",
    "committer": "A. Bee",
    "commit_metadata": {},
}


@pytest.fixture
def mount(repository: Path) -> Path:
    """Where a branch's files lie beside the gate."""
    mount = repository / "repositories" / "models" / "delivery-7" / "train"
    mount.mkdir(parents=True)
    return mount


@pytest.fixture
def port(repository: Path, mount: Path, environment: dict[str, str]) -> Iterator[int]:
    """The gate, started as the example says, on a free port."""
    command = "datascan serve-gate --root repositories --results audits --policy policy.yaml"
    with subprocess.Popen(
        [*command.split(), "--port", "0"],
        cwd=repository,
        env=environment | {"DATASCAN_GATE_TOKEN": TOKEN},
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stderr is not None
        found = re.search(r"http://127\.0\.0\.1:(\d+)", server.stderr.readline())
        assert found
        yield int(found[1])
        server.send_signal(signal.SIGTERM)


def merge(port: int, token: str = TOKEN) -> bool:
    """Send the hook's request; whether lakeFS would go on with the merge."""
    [hook] = ACTION["hooks"]
    properties = hook["properties"]
    url = urlsplit(properties["url"])
    assert url.hostname == "127.0.0.1"
    query = urlencode(properties["query_params"], doseq=True)
    secrets = {"LAKEFSACTIONS_DATASCAN_TOKEN": token}
    headers = {
        name: re.sub(r"\{\{ ENV\.(\w+) \}\}", lambda found: secrets[found[1]], value)
        for name, value in properties["headers"].items()
    }
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", f"{url.path}?{query}", json.dumps(EVENT), headers)
    return 200 <= connection.getresponse().status < 300


def test_a_merge_waits_for_the_gate(port: int, repository: Path, mount: Path) -> None:
    assert not merge(port), "nothing is there yet"
    for delivery, goes_on in (("new", False), ("bad", False), ("good", True)):
        os.replace(repository / "data" / f"{delivery}.jsonl", mount / "vendor.jsonl")
        assert merge(port) is goes_on, delivery
    assert not merge(port, token="something else")


def test_the_hook_stands_before_merges_into_main() -> None:
    # PyYAML reads the key "on" as true.
    assert ACTION[True] == {"pre-merge": {"branches": ["main"]}}
    [hook] = ACTION["hooks"]
    assert hook["type"] == "webhook"
