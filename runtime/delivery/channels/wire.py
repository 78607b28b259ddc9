"""A handle on a connection's socket, which limits the time of an exchange."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from ssl import SSLSocket
from threading import Event, Lock, Timer


class Wire:
    """A second handle on a connection's socket.

    Libraries close, wrap or drop their own handle: during a TLS handshake, or when a response ends
    the connection. This handle can still cut the connection then.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._end: socket.socket | None = None
        self._cut = False

    def connect(self, host: str, port: int, timeout: float) -> socket.socket:
        """Return a new connection. Raise `OSError` on failure."""
        try:
            made = socket.create_connection((host, port), timeout)
        except UnicodeError as fault:  # a host that IDNA cannot encode
            raise socket.gaierror(socket.EAI_NONAME, "no name of a host") from fault
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        end = made.dup()
        end.setblocking(False)
        with self._lock:
            self._release()
            self._end = end
            if self._cut:
                _shut(end)
        return made

    def quiet(self, over: socket.socket | None) -> bool:
        """Whether the receiver has sent nothing unasked and has not hung up.

        `over` is the connection's socket, which may have decrypted more than was read.
        """
        if isinstance(over, SSLSocket) and over.pending():
            return False
        with self._lock:
            if self._end is None:
                return False
            try:
                self._end.recv(1, socket.MSG_PEEK)
            except BlockingIOError:
                return True
            except OSError:
                return False
            return False

    def close(self) -> None:
        """Close the handle."""
        with self._lock:
            self._release()

    def _release(self) -> None:
        if self._end is not None:
            self._end.close()
            self._end = None

    @contextmanager
    def at_most(self, seconds: float) -> Iterator[Event]:
        """Cut the connection after so many seconds; the event is set then.

        A socket's own timeout restarts with every byte that arrives.
        """
        over = Event()

        def cut() -> None:
            over.set()
            with self._lock:
                self._cut = True
                if self._end is not None:
                    _shut(self._end)

        timer = Timer(seconds, cut)
        timer.daemon = True
        timer.start()
        try:
            yield over
        finally:
            timer.cancel()
            timer.join()
            self._cut = False


def _shut(end: socket.socket) -> None:
    try:
        end.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # closed already
