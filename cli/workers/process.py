"""A worker as its parent sees it: a process and a socket."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from multiprocessing.connection import Connection

from ...dsl.diagnostics.diagnostic import CannotRun, Diagnostic, diagnose
from ..codes import commands
from .messages import FromWorker, ToWorker

_PATIENCE = 5.0
"""Seconds in which a process ends whose socket is closed."""


class Process:
    """A worker's process. `lines` and `room` are how many lines and bytes it has not answered."""

    def __init__(self, number: int, count: int) -> None:
        self.number, self._count = number, count
        self.lines = self.room = 0
        self.is_open = True
        self._socket, other = socket.socketpair()
        self.connection = Connection(os.dup(self._socket.fileno()))
        # A fresh interpreter has no handle of the parent's but this one. It is in a session of its
        # own, so that Ctrl-C reaches it by way of the parent, between two batches.
        self._process = subprocess.Popen(  # noqa: S603  (this program itself)
            (sys.executable, "-P", "-m", "campaigner.cli.workers", str(other.fileno())),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=(other.fileno(),),
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            start_new_session=True,
        )
        other.close()

    def send(self, message: ToWorker) -> None:
        """Send a message. Raise `CannotRun` if the worker is gone."""
        try:
            self.connection.send(message)
        except OSError:
            raise CannotRun(self._ended()) from None

    def receive(self) -> FromWorker:
        """Return the next message, once it has come. Raise `CannotRun` if the worker is gone."""
        try:
            message: FromWorker = self.connection.recv()
        except (EOFError, OSError):
            self.is_open = False
            raise CannotRun(self._ended()) from None
        return message

    def stop(self) -> None:
        """Let it stop after its batch; before the first one, at once."""
        self._process.terminate()
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)

    def kill(self) -> None:
        """End it at once, if it has not ended."""
        self.connection.close()
        self._socket.close()
        self._process.kill()
        self._process.wait()

    def _ended(self) -> Diagnostic:
        """Return how it ended before its time."""
        try:
            status = self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            status = self._process.wait()
        if status < 0:
            reason = commands.KILLED.filled(signal=signal.Signals(-status).name)
        else:
            reason = commands.EXITED.filled(status=str(status))
        number, count = str(self.number + 1), str(self._count)
        return diagnose(commands.WORKER_ENDED, None, number=number, count=count, reason=reason)
