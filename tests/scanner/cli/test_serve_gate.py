"""``datascan serve-gate`` as a process of its own, on this machine alone."""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from scanner.cli.main import run

ROOT = Path(__file__).parents[3]
TOKEN = "0123456789abcdef0123"


@pytest.fixture
def folder(tmp_path: Path, audited: Callable[..., Path]) -> Path:
    (tmp_path / "root").mkdir()
    (tmp_path / "results").mkdir()
    (tmp_path / "root" / "v.jsonl").write_text("x", "utf-8")
    audited(tmp_path / "root" / "v.jsonl", "results/v.json")
    return tmp_path


def test_it_serves_until_it_is_told_to_end(folder: Path) -> None:
    command = [sys.executable, "-m", "scanner.cli", "serve-gate", "--port", "0"]
    command += ["--root", "root", "--results", "results"]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "DATASCAN_GATE_TOKEN": TOKEN}
    with subprocess.Popen(
        command, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stderr is not None
            line = server.stderr.readline()
            found = re.fullmatch(
                r"datascan: gate at http://127\.0\.0\.1:(\d+), ends with Ctrl-C\n", line
            )
            assert found, line
            connection = http.client.HTTPConnection("127.0.0.1", int(found[1]), timeout=30)
            headers = {"Authorization": f"Bearer {TOKEN}"}
            connection.request("POST", "/verify", json.dumps({"data": ["v.jsonl"]}), headers)
            answer = connection.getresponse()
            assert (answer.status, json.loads(answer.read())["outcome"]) == (200, "passes")
            server.send_signal(signal.SIGTERM)
            assert server.wait(30) == 0
            assert "Traceback" not in server.stderr.read()
        finally:
            server.kill()


@pytest.mark.parametrize(
    ("token", "arguments", "found"),
    [
        ("", [], "DATASCAN_GATE_TOKEN: found no token of at least 16 plain characters"),
        ("short", [], "found no token"),
        ("é" * 20, [], "found no token"),
        (TOKEN, ["--token-file", "none"], "--token-file 'none': found no such file"),
        (TOKEN, ["--token-file", "two-lines"], "found no token"),
        (TOKEN, ["--host", "203.0.113.1"], "expected to listen there"),
        (TOKEN, ["--policy", "none.yaml"], "none.yaml: found no such file"),
        (TOKEN, ["--root", "none"], "'none' does not exist"),
    ],
)
def test_what_cannot_be_served_is_an_error_in_one_line(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    token: str,
    arguments: list[str],
    found: str,
) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.setattr("scanner.gate.server.GateServer.serve_forever", lambda self: None)
    Path("two-lines").write_text(f"{TOKEN}\n{TOKEN}\n", "utf-8")
    monkeypatch.setenv("DATASCAN_GATE_TOKEN", token)
    command = ["serve-gate", "--root", "root", "--results", "results", "--port", "0", *arguments]
    assert run(command) == 2
    captured = capsys.readouterr()
    assert found in captured.err
    assert captured.err.count("\n") == 1
