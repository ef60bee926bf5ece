"""An audit never looks at the network."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


def test_an_audit_without_network_never_asks_for_it(
    undisturbed: Path, no_network: dict[str, str]
) -> None:
    assert (undisturbed / "results.json").is_file()
    assert "network:" not in (undisturbed / "log.txt").read_text("utf-8")
    assert not Path(no_network["ATTEMPTS"]).exists()


@pytest.mark.parametrize(
    "look",
    [
        "import socket; socket.create_connection(('127.0.0.1', 9))",
        "import urllib.request; urllib.request.urlopen('http://localhost:9')",
        "import socket; socket.socket(type=socket.SOCK_DGRAM).sendto(b'hi', ('127.0.0.1', 9))",
    ],
)
def test_the_check_can_fail(no_network: dict[str, str], tmp_path: Path, look: str) -> None:
    attempts = tmp_path / "attempts.txt"
    environment = {**os.environ, **no_network, "ATTEMPTS": str(attempts)}
    done = subprocess.run(
        [sys.executable, "-c", look], env=environment, capture_output=True, check=False
    )
    assert done.returncode != 0
    assert attempts.read_text().startswith("socket.")
