"""Receivers on this machine that misbehave on purpose, and outboxes to deliver from."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from campaigner.compiler.plan import Plan
from campaigner.compiler.plan.steps import step_of
from campaigner.runtime.delivery.channels.sending import Patience
from campaigner.runtime.delivery.channels.webhook import WebhookChannel

from ..ledger.ledgers import DIGEST, account, ask, clock, gift

TOTAL = account("campaign/gift/total", "10000", alerts=())
MESSAGES = gift(TOTAL, messages=[("push", "hello")])
LATER = clock("2027-01-01 00:00")
QUICK = Patience(timeout=0.5, per_run=5.0, attempts=16, parallel=1, batch=1)
SECRET = "tulip-and-rose"


def decide(ledger, people, project=MESSAGES) -> None:
    """A grant, with its message, for each of them."""
    ledger.decide(project, [ask(who, "2026-01-10 10:00", "coffee") for who in people], DIGEST)


@dataclass
class Request:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def told(self) -> dict[str, object]:
        return json.loads(self.body)

    @property
    def recipient(self) -> str:
        return str(self.told["recipient"])


Answer = Callable[[BaseHTTPRequestHandler, Request], None]


def status(code: int, **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler, _: Request) -> None:
        handler.send_response(code)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        body = b"" if code == 204 else b"{}"
        if body:
            handler.send_header("Content-Length", "2")
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def hang(seconds: float) -> Answer:
    def answer(handler: BaseHTTPRequestHandler, request: Request) -> None:
        time.sleep(seconds)
        status(200)(handler, request)

    return answer


def drip(handler: BaseHTTPRequestHandler, _: Request) -> None:
    """A byte now and then, so that no single read ever times out."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
    try:
        for _ in range(100):
            handler.wfile.write(b"x")
            time.sleep(0.05)
    except OSError:
        handler.close_connection = True


def close(handler: BaseHTTPRequestHandler, _: Request) -> None:
    """Close the connection without an answer."""
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True


def cut(handler: BaseHTTPRequestHandler, _: Request) -> None:
    """Half of an answer."""
    handler.send_response(200)
    handler.send_header("Content-Length", "100")
    handler.end_headers()
    handler.wfile.write(b"half")
    handler.wfile.flush()
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True


@dataclass
class Web:
    """An HTTP server; `answers` are given in turn, the last one for ever, or by recipient."""

    url: str = ""
    answers: list[Answer] = field(default_factory=lambda: [status(204)])
    by_recipient: dict[str, list[Answer]] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def took(self) -> list[str]:
        return [request.recipient for request in self.requests]

    def keys(self) -> list[str]:
        return [request.headers["idempotency-key"] for request in self.requests]

    def channel(self, patience: Patience = QUICK, **more: object) -> WebhookChannel:
        return WebhookChannel("push", f"{self.url}/in?a=b", SECRET, patience=patience, **more)

    def answer(self, request: Request) -> Answer:
        with self.lock:
            self.requests.append(request)
            turns = self.by_recipient.get(request.recipient, self.answers)
            return turns.pop(0) if len(turns) > 1 else turns[0]


@contextmanager
def web() -> Iterator[Web]:
    found = Web()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            found.connections += 1

        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            body = self.rfile.read(length)
            if len(body) < length:
                # Whoever sent it was killed before its body: no receiver got a request.
                self.close_connection = True
                return
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Request(self.path, headers, body)
            try:
                found.answer(request)(self, request)
            except OSError:
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    found.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def letters(ledger, state=None) -> dict[str, tuple[str, int, str | None]]:
    """By recipient: state, attempts that failed, and the last error."""
    return {
        one.identity.recipient: (one.state, one.attempts, one.error)
        for one in ledger.letters(state)
    }


def unbounded(project: Plan) -> Plan:
    """The plan with messages that may be longer than any broker takes."""
    campaign = project.campaigns[0]
    step = step_of(campaign)
    messages = tuple(replace(one, longest=2_000_000) for one in step.messages)
    steps = (replace(step, messages=messages),)
    return replace(project, campaigns=(replace(campaign, steps=steps),))
