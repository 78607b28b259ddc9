"""A server that hands each connection to a function, for receivers that answer anything."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar


class Serves(Protocol):
    """A server of one connection."""

    def serve(self, connection: socket.socket) -> None: ...


Served = TypeVar("Served", bound=Serves)


@contextmanager
def accepting(at_port: Callable[[int], Served]) -> Iterator[Served]:
    """Serve connections of this machine, a thread each, until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        served = at_port(listening.getsockname()[1])

        def accept() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                threading.Thread(target=served.serve, args=(connection,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield served
        listening.shutdown(socket.SHUT_RDWR)
