"""The socket under a connection, and how long one exchange over it may take."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from ssl import SSLSocket
from threading import Event, Lock, Timer


class Wire:
    """A second handle on a connection's socket.

    A library closes, wraps or forgets its own: during a TLS handshake, and once an answer ends the
    connection. This one still cuts it then.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._end: socket.socket | None = None
        self._cut = False

    def connect(self, host: str, port: int, timeout: float) -> socket.socket:
        """A new connection; `OSError` if there is none."""
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

        `over` is the connection's own socket, which may have decrypted more than was read.
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
        """Lets go of the handle."""
        with self._lock:
            self._release()

    def _release(self) -> None:
        if self._end is not None:
            self._end.close()
            self._end = None

    @contextmanager
    def at_most(self, seconds: float) -> Iterator[Event]:
        """Cuts the connection after so long, however much is still trickling in; the event says so.

        A socket's own timeout begins anew with every byte.
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
