"""A server that refuses whatever it is asked and repeats a secret in every word it says."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import quote

from .raw_server import accepting

_ASKS_FOR_TLS = (b"\x04\xd2\x16\x2f", b"\x04\xd2\x16\x30")
"""How a client of PostgreSQL begins that would like TLS, or GSSAPI."""


@dataclass(frozen=True)
class Hostile:
    """Speaks PostgreSQL, HTTP, SMTP or NATS just well enough to be heard."""

    protocol: str
    secret: str
    port: int

    def serve(self, connection: socket.socket) -> None:
        """Answer one client until it has had enough."""
        with connection:
            try:
                connection.settimeout(5)
                connection.sendall(self._greeting())
                while heard := connection.recv(65_536):
                    connection.sendall(self._answer(heard))
            except OSError:
                return

    @property
    def _words(self) -> str:
        cut = self.secret.partition("@")[2]
        said = f"no {self.secret}, {quote(self.secret, safe='')}, {self.secret!r}, <{cut}>"
        return said.replace("\n", " ")

    def _greeting(self) -> bytes:
        match self.protocol:
            case "smtp":
                return b"220 here\r\n"
            case "nats":
                return b'INFO {"server_id":"x","version":"2.10.0","max_payload":1048576}\r\n'
            case _:
                return b""

    def _answer(self, heard: bytes) -> bytes:
        said = self._words.encode()
        match self.protocol:
            case "postgresql" if heard[4:8] in _ASKS_FOR_TLS:
                return b"N"
            case "postgresql":
                fields = b"SFATAL\0VFATAL\0C28000\0M" + said + b"\0\0"
                return b"E" + (len(fields) + 4).to_bytes(4, "big") + fields
            case "http":
                head = b"HTTP/1.1 500 " + said + b"\r\nX-Said: " + said
                return head + b"\r\nContent-Length: %d\r\n\r\n" % len(said) + said
            case "smtp" if heard.upper().startswith((b"EHLO", b"HELO")):
                return b"250-here\r\n250 AUTH PLAIN LOGIN\r\n"
            case "smtp":
                return b"535 " + said + b"\r\n"
            case "nats":
                return b"-ERR '" + said + b"'\r\n"
            case _:
                return said


@contextmanager
def hostile(protocol: str, secret: str) -> Iterator[int]:
    """The port of such a server, until the block ends."""
    with accepting(lambda port: Hostile(protocol, secret, port)) as server:
        yield server.port
