"""A small HTTP server that verifies: for lakeFS, and for pipelines that can only call an address.

    POST /verify   {"data": ["vendor.jsonl"]}     200 if all may pass, 409 if not
    POST /lakefs?data=vendor.jsonl                the same, as a pre-merge webhook
    GET  /health                                  200

Answers are the JSON of ``datascan verify --format json``. Every request but ``/health`` needs the
token. It has no TLS of its own: it listens on this machine alone unless told otherwise, and a
proxy with TLS belongs before it where others are to reach it.
"""

import hmac
import io
import re
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import socket
from typing import Any

from scanner import __version__
from scanner.errors import DatascanError
from scanner.gate.lookup import verify_by_folder
from scanner.gate.rendering import as_values
from scanner.gate.requests import Asked, RequestError, asked_for
from scanner.gate.terms import as_of_now
from scanner.gate.verification import Candidate, Outcome, Terms, Verification, worst
from scanner.report.strict_json import as_json
from scanner.report.text import safe_log_text, shorten


@dataclass(frozen=True)
class Limits:
    """What the server puts up with."""

    head_bytes: int = 32 * 1024
    body_bytes: int = 64 * 1024
    seconds: float = 10.0
    """For a request to arrive, all of it."""
    connections: int = 512
    """At one time; more are turned away."""
    verifications: int = 4
    """At one time; more wait."""
    waiting_seconds: float = 50.0
    """For a turn; below the minute that lakeFS gives a hook."""


@dataclass(frozen=True)
class Gate:
    """What the server verifies, and by what."""

    root: Path
    """Data outside it is not looked at."""
    results: Path
    """Folder of results."""
    terms: Terms
    token: str

    def __post_init__(self) -> None:
        """Refuse a token that could be guessed."""
        if len(self.token) < 16:
            raise ValueError("token: found fewer than 16 characters; expected at least so many")

    def verify(self, asked: Asked) -> Verification:
        """Decide about one dataset. Raises DatascanError."""
        candidate = Candidate.of((asked.path,), asked.name)
        return verify_by_folder(candidate, self.results, as_of_now(self.terms))


class GateServer(ThreadingHTTPServer):
    """Serves one gate; a thread for each connection, within limits."""

    daemon_threads = True
    request_queue_size = 512

    def __init__(self, address: tuple[str, int], gate: Gate, limits: Limits | None = None) -> None:
        """Listen, but answer only with ``serve_forever``. Raises OSError."""
        self.gate = gate
        self.limits = limits or Limits()
        self.turns = threading.BoundedSemaphore(self.limits.verifications)
        self._places = threading.BoundedSemaphore(self.limits.connections)
        super().__init__(address, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Start a thread for a connection, or close it where there are too many."""
        if self._places.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve a connection, then make room for the next one."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away, was too slow or sent too much is no news."""


class _Arriving(io.RawIOBase):
    """A request as it comes in: it has so much time, and may be so large, all of it."""

    def __init__(self, connection: socket, limits: Limits) -> None:
        self._connection = connection
        self._deadline = time.monotonic() + limits.seconds
        self._bytes_left = limits.head_bytes + limits.body_bytes

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        seconds_left = self._deadline - time.monotonic()
        if seconds_left <= 0 or self._bytes_left <= 0:
            raise TimeoutError
        self._connection.settimeout(seconds_left)
        read = self._connection.recv_into(buffer)
        self._bytes_left -= read
        return read


class _Handler(BaseHTTPRequestHandler):
    """One connection, one request."""

    server: GateServer
    server_version = f"datascan/{__version__}"
    sys_version = ""
    error_content_type = "text/plain"
    error_message_format = "%(code)d %(message)s\n"

    def setup(self) -> None:
        super().setup()
        self.rfile = io.BufferedReader(_Arriving(self.connection, self.server.limits))

    def do_GET(self) -> None:
        """Only whether the server is there."""
        if self.path == "/health":
            self._reply(HTTPStatus.OK, {"status": "ok", "version": __version__})
        else:
            self._refuse(RequestError(HTTPStatus.NOT_FOUND, "no such address"))

    def do_POST(self) -> None:
        """Decide about what the request names."""
        try:
            self._check_token()
            asked = asked_for(self.path, self._body(), self.server.gate.root)
            verifications = self._in_turn(asked)
        except RequestError as error:
            self._refuse(error)
        except DatascanError as error:
            self._refuse(RequestError(HTTPStatus.UNPROCESSABLE_ENTITY, self._without_root(error)))
        except TimeoutError:
            self._refuse(RequestError(HTTPStatus.REQUEST_TIMEOUT, "the request came too slowly"))
        except Exception as error:
            self.log_message("a defect of datascan: %r", error)
            self._refuse(RequestError(HTTPStatus.INTERNAL_SERVER_ERROR, "it could not be decided"))
        else:
            passes = worst(verifications) is Outcome.PASSES
            status = HTTPStatus.OK if passes else HTTPStatus.CONFLICT
            self._reply(status, as_values(verifications))

    def _check_token(self) -> None:
        """Compare in constant time, before anything else of the request is looked at."""
        given = self.headers.get("Authorization", "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, f"Bearer {self.server.gate.token}".encode()):
            raise RequestError(HTTPStatus.UNAUTHORIZED, "the token is missing or wrong")

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "")
        if "Transfer-Encoding" in self.headers or not _LENGTH.fullmatch(length):
            raise RequestError(HTTPStatus.LENGTH_REQUIRED, "send the body with its Content-Length")
        if int(length) > self.server.limits.body_bytes:
            raise RequestError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "the body is too large")
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            raise RequestError(HTTPStatus.BAD_REQUEST, "the body is shorter than it says")
        return body

    def _in_turn(self, asked: Sequence[Asked]) -> list[Verification]:
        if not self.server.turns.acquire(timeout=self.server.limits.waiting_seconds):
            raise RequestError(HTTPStatus.SERVICE_UNAVAILABLE, "too much to do; ask again")
        try:
            return [self.server.gate.verify(one) for one in asked]
        finally:
            self.server.turns.release()

    def _without_root(self, error: DatascanError) -> str:
        """The message without where on this machine the data lies."""
        return str(error).replace(f"{self.server.gate.root.resolve()}/", "")

    def _refuse(self, error: RequestError) -> None:
        self._reply(error.status, {"error": {"status": error.status, "message": str(error)}})

    def _reply(self, status: int, values: Mapping[str, Any]) -> None:
        content = as_json(values).encode()
        self.connection.settimeout(self.server.limits.seconds)
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """A line on standard error, with nothing alive from the request in it."""
        line = shorten(f"datascan: {self.log_date_time_string()} {format % args}", _LONGEST_LINE)
        print(safe_log_text(line), file=sys.stderr)


_LENGTH = re.compile(r"[0-9]{1,12}")
_LONGEST_LINE = 300
