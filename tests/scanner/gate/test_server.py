"""The server on this machine alone: decisions, hostile requests, and many at a time."""

import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from scanner.gate.server import Gate, GateServer, Limits
from scanner.gate.verification import Terms

TOKEN = "0123456789abcdef0123"
HEADERS = {"Authorization": f"Bearer {TOKEN}"}
OWL = "preference.animal.owl"
SMALL = Limits(body_bytes=4096, seconds=1.0, connections=300, verifications=4, waiting_seconds=30)
Serve = Callable[..., int]


class Answer(NamedTuple):
    status: int
    values: dict[str, Any]


@pytest.fixture
def root(data: Path, tmp_path: Path, audited: Callable[..., Path]) -> Path:
    """Data that may pass, data that may not, data that nobody has audited; their results."""
    root, results = tmp_path / "root", tmp_path / "results"
    root.mkdir()
    results.mkdir()
    data.rename(root / "good.jsonl")
    (root / "bad.jsonl").write_text("bad", "utf-8")
    (root / "new.jsonl").write_text("new", "utf-8")
    audited(root / "good.jsonl", "results/good.json")
    audited(root / "bad.jsonl", "results/bad.json", found={OWL: "high"})
    return root


@pytest.fixture
def serve(root: Path) -> Iterator[Serve]:
    """Starts a server and gives its port."""
    servers: list[GateServer] = []

    def start(limits: Limits = SMALL, **changes: Any) -> int:
        gate = Gate(root, root.parent / "results", Terms(datetime.now(UTC)), TOKEN)
        server = GateServer(("127.0.0.1", 0), gate, limits)
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        return server.server_port

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def post(port: int, target: str, body: object = None, **headers: str) -> Answer:
    raw = body if isinstance(body, bytes) else json.dumps(body or {}).encode()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("POST", target, raw, HEADERS | headers)
        answer = connection.getresponse()
        return Answer(answer.status, json.loads(answer.read()))
    finally:
        connection.close()


def raw(port: int, content: bytes, wait: float = 10.0) -> bytes:
    """What comes back for these very bytes; empty if the connection is just closed."""
    with socket.create_connection(("127.0.0.1", port), timeout=wait) as connection:
        connection.sendall(content)
        received = b""
        try:
            while part := connection.recv(65536):
                received += part
        except ConnectionResetError:
            pass
        return received


@pytest.mark.parametrize(
    ("names", "status", "outcome"),
    [
        (["good.jsonl"], 200, "passes"),
        (["bad.jsonl"], 409, "fails"),
        (["new.jsonl"], 409, "no_verdict"),
        (["good.jsonl", "bad.jsonl"], 409, "fails"),
        (["good.jsonl", "new.jsonl"], 409, "no_verdict"),
    ],
)
def test_it_decides_as_the_command_does(
    serve: Serve, names: list[str], status: int, outcome: str
) -> None:
    answer = post(serve(), "/verify", {"data": names})
    assert answer.status == status
    assert answer.values["outcome"] == outcome
    assert [one["data"] for one in answer.values["datasets"]] == names


def test_it_answers_a_webhook_of_lakefs(serve: Serve, root: Path) -> None:
    """The body is the event as lakeFS documents it; the data stands in query_params."""
    event = {
        "event_type": "pre-merge",
        "event_time": "2026-02-28T14:03:31Z",
        "action_name": "audited data only",
        "hook_id": "datascan",
        "repository_id": "repo1",
        "branch_id": "main",
        "source_ref": "feature-1",
        "commit_message": "new delivery",
        "committer": "committer",
        "commit_metadata": {"key": "value"},
    }
    (root / "repo1" / "feature-1").mkdir(parents=True)
    (root / "good.jsonl").rename(root / "repo1" / "feature-1" / "data.jsonl")
    port = serve()
    assert post(port, "/lakefs?data=data.jsonl", event).status == 200
    assert post(port, "/lakefs?data=data.jsonl", event | {"source_ref": "main"}).status == 404


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer wrong",
        TOKEN,
        f"Basic {TOKEN}",
        f"Bearer {TOKEN}x",
        "Bearer é",
    ],
)
def test_nobody_is_heard_without_the_token(serve: Serve, header: str) -> None:
    answer = post(serve(), "/verify", {"data": ["good.jsonl"]}, Authorization=header)
    assert answer.status == 401
    assert "datasets" not in answer.values


def test_a_short_token_is_refused(root: Path) -> None:
    with pytest.raises(ValueError, match="fewer than 16"):
        Gate(root, root, Terms(datetime.now(UTC)), "short")


def test_whether_it_is_there_needs_no_token(serve: Serve) -> None:
    port = serve()
    assert raw(port, b"GET /health HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.0 200 ")
    assert raw(port, b"GET /verify HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.0 404 ")


def test_what_cannot_be_decided_is_told_without_where_it_lies(
    serve: Serve, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from scanner.errors import GateError

    def broken(self: Gate, asked: Any) -> None:
        raise GateError(f"{asked.path}: found nothing good; expected better; mend it")

    monkeypatch.setattr(Gate, "verify", broken)
    answer = post(serve(), "/verify", {"data": ["good.jsonl"]})
    assert answer.status == 422
    assert answer.values["error"]["message"].startswith("good.jsonl: found nothing good")


def test_a_defect_of_ours_lets_nothing_through(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    def defect(self: Gate, asked: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Gate, "verify", defect)
    answer = post(serve(), "/verify", {"data": ["good.jsonl"]})
    assert answer.status == 500
    assert "datasets" not in answer.values


AUTHORIZED = f"Authorization: Bearer {TOKEN}\r\n".encode()


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"POST /verify HTTP/1.0\r\n" + AUTHORIZED, 411),
        (b"POST /verify HTTP/1.0\r\nContent-Length: -1\r\n" + AUTHORIZED, 411),
        (b"POST /verify HTTP/1.0\r\nContent-Length: 1e9\r\n" + AUTHORIZED, 411),
        (b"POST /verify HTTP/1.0\r\nContent-Length: 0x10\r\n" + AUTHORIZED, 411),
        (b"POST /verify HTTP/1.0\r\nContent-Length: 999999999999\r\n" + AUTHORIZED, 413),
        (b"POST /verify HTTP/1.0\r\nContent-Length: 4097\r\n" + AUTHORIZED, 413),
        (b"POST /verify HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + AUTHORIZED, 411),
        (
            b"POST /verify HTTP/1.1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n"
            + AUTHORIZED,
            411,
        ),
        (b"DELETE /verify HTTP/1.0\r\n" + AUTHORIZED, 501),
        (b"<script>alert(1)</script> /verify HTTP/1.0\r\n", 501),
        (b"POST /verify HTTP/9.9\r\n", 505),
        (b"POST\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n", 400),
        (b"POST /verify HTTP/1.0\r\n" + b"x: y\r\n" * 200, 431),
        (b"POST /" + b"a" * 70_000 + b" HTTP/1.0\r\n", 414),
    ],
)
def test_hostile_heads(serve: Serve, head: bytes, status: int) -> None:
    answer = raw(serve(), head + b"\r\n")
    # Where the first line is no HTTP, the answer has no head; where more came than is put up with,
    # there is none.
    assert answer == b"" if status == 414 else str(status).encode() in answer[:12]
    assert b"<script>" not in answer or b"text/plain" in answer


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff\xfe", b"[" * 4000, b"null", b'{"data": ["../x"]}', b"\0" * 4096]
)
def test_hostile_bodies(serve: Serve, body: bytes) -> None:
    assert post(serve(), "/verify", body).status in (400, 404)


def test_a_body_that_ends_early_or_never_comes_is_let_go(serve: Serve) -> None:
    port = serve()
    head = b"POST /verify HTTP/1.0\r\nContent-Length: 100\r\n" + AUTHORIZED + b"\r\n"
    started = time.monotonic()
    assert raw(port, head + b"{").split()[1] == b"408"
    assert raw(port, head[:40]) == b""
    assert time.monotonic() - started < 8


def drip(connection: socket.socket) -> None:
    for _ in range(100):
        connection.sendall(b"P")
        time.sleep(0.1)


def test_a_client_that_drips_is_let_go_in_the_same_time(serve: Serve) -> None:
    port = serve()
    started = time.monotonic()
    with (
        socket.create_connection(("127.0.0.1", port), timeout=10) as connection,
        pytest.raises(OSError, match=r"Broken pipe|reset"),
    ):
        drip(connection)
    assert time.monotonic() - started < 8
    assert post(port, "/verify", {"data": ["good.jsonl"]}).status == 200


def test_the_log_is_dead_text_without_the_token(
    serve: Serve, capfd: pytest.CaptureFixture[str]
) -> None:
    raw(serve(), b"POST /\x1b[31m::add-mask::x\xe2\x80\xae HTTP/1.0\r\n" + AUTHORIZED + b"\r\n")
    logged = capfd.readouterr().err
    assert logged
    assert not set(logged) & {"\x1b", "\u202e"}
    assert "::add-mask" not in logged
    assert TOKEN not in logged


def test_two_hundred_at_a_time_all_get_the_right_answer(serve: Serve) -> None:
    port = serve()
    expected = {"good.jsonl": 200, "bad.jsonl": 409, "new.jsonl": 409, "none.jsonl": 404}
    names = list(expected) * 50
    together = threading.Barrier(len(names))

    def ask(name: str) -> int:
        together.wait(60)
        return post(port, "/verify", {"data": [name]}).status

    with ThreadPoolExecutor(len(names)) as pool:
        statuses = list(pool.map(ask, names))
    assert statuses == [expected[name] for name in names]


def test_two_hundred_at_a_time_half_of_them_hostile(serve: Serve) -> None:
    port = serve()
    hostile = (b"", b"{", b"[" * 4000, b"\0" * 4096, b'{"data": ["../../etc/passwd"]}')
    together = threading.Barrier(200)

    def ask(number: int) -> int:
        together.wait(60)
        good = number % 2 == 0
        body: object = {"data": ["good.jsonl"]} if good else hostile[number % len(hostile)]
        return post(port, "/verify", body).status

    with ThreadPoolExecutor(200) as pool:
        statuses = list(pool.map(ask, range(200)))
    assert set(statuses[::2]) == {200}
    assert set(statuses[1::2]) <= {400, 404}


def test_idle_connections_do_not_keep_others_out(serve: Serve) -> None:
    port = serve(Limits(seconds=1.0, connections=20))
    idle = [socket.create_connection(("127.0.0.1", port)) for _ in range(30)]
    time.sleep(1.5)
    assert post(port, "/verify", {"data": ["good.jsonl"]}).status == 200
    for connection in idle:
        connection.close()


def test_who_waits_too_long_is_told_to_come_back(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = threading.Event()

    def slow(self: Gate, asked: Any) -> None:
        released.wait(20)
        raise ZeroDivisionError

    monkeypatch.setattr(Gate, "verify", slow)
    port = serve(Limits(verifications=1, waiting_seconds=0.2))
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(post, port, "/verify", {"data": ["good.jsonl"]})
        time.sleep(0.3)
        assert post(port, "/verify", {"data": ["good.jsonl"]}).status == 503
        released.set()
        assert first.result().status == 500
