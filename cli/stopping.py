"""Signals that stop a command: Ctrl-C, SIGTERM of a scheduler, SIGHUP of a terminal that closes."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from select import select
from types import FrameType
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

_HEARD = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)
_Handler = Callable[[int, FrameType | None], Any] | int | None
_BY_A_SIGNAL = 128
_AGAIN = 0.05


class Stopped(KeyboardInterrupt):
    """A signal came; `code` is the exit code by which shells know it."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.code = _BY_A_SIGNAL + number


class Bell:
    """Hears signals inside its `with` block and raises `Stopped`; `rung` is the first that came.

    A signal that the parent ignores (`nohup`) stays ignored. Engines turn what a signal raises
    inside of them into errors of their own: any error after one is `Stopped` again.
    """

    def __init__(self) -> None:
        self.rung: Stopped | None = None
        self._before: dict[signal.Signals, _Handler] = {}
        self._hook = sys.unraisablehook

    def __enter__(self) -> Self:
        """Start to hear, which only a program's main thread can."""
        if threading.current_thread() is threading.main_thread():
            self._before = {one: signal.getsignal(one) for one in _HEARD}
        for one, handler in self._before.items():
            if handler is not signal.SIG_IGN:
                signal.signal(one, self._ring)
        self._hook, sys.unraisablehook = sys.unraisablehook, self._raise_again
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        """Stop hearing."""
        sys.unraisablehook = self._hook
        for one, handler in self._before.items():
            signal.signal(one, handler)
        if self.rung is not None and isinstance(error, Exception):
            raise self.rung from error

    @contextmanager
    def interrupting(self, interrupt: Callable[[], None]) -> Iterator[None]:
        """Call `interrupt` in another thread when a signal comes, until the work inside ends.

        A signal is raised between two steps of Python: an engine may be long at work in one.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        reader, writer = socket.socketpair()
        with reader, writer:
            writer.setblocking(False)
            before = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
            watcher = threading.Thread(target=_watch, args=(reader, interrupt), daemon=True)
            watcher.start()
            try:
                yield
            finally:
                signal.set_wakeup_fd(before)
                writer.shutdown(socket.SHUT_WR)
                watcher.join()

    def _ring(self, number: int, _: FrameType | None) -> None:
        stopped = Stopped(number)
        self.rung = self.rung or stopped
        raise stopped

    def _raise_again(self, args: UnraisableHookArgs) -> None:
        """Python drops what is raised inside a finalizer: the signal is sent once more after it."""
        if isinstance(args.exc_value, Stopped):
            number = args.exc_value.code - _BY_A_SIGNAL
            threading.Timer(_AGAIN, os.kill, (os.getpid(), number)).start()
        else:
            self._hook(args)


def _watch(reader: socket.socket, interrupt: Callable[[], None]) -> None:
    while numbers := reader.recv(64):
        if not set(numbers).isdisjoint(_HEARD):
            break
    # A query may begin after the first call: until the work has ended there may be another.
    while numbers:
        interrupt()
        if select([reader], [], [], _AGAIN)[0]:
            numbers = reader.recv(64)


@contextmanager
def whole() -> Iterator[None]:
    """Let the work inside end before a signal is raised; a second signal is raised at once."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {one: signal.getsignal(one) for one in _HEARD}
    came: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        came.append(number)
        if len(came) > 1:
            _pass_on(before[signal.Signals(number)], number, frame)

    for one, handler in before.items():
        if callable(handler):
            signal.signal(one, note)
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
        # A query that the signal ended raises an error, and the signal is why.
        if came:
            _pass_on(before[signal.Signals(came[0])], came[0], None)


def _pass_on(handler: _Handler, number: int, frame: FrameType | None) -> None:
    if callable(handler):
        handler(number, frame)
