"""Errors of this program, in any thread: written down without the project's secrets."""

from __future__ import annotations

import sys
import threading
from types import TracebackType

from .terminal import Session


def guard(session: Session) -> None:
    """Have every uncaught error written to stderr as the session writes tracebacks."""

    def ended(_: type[BaseException], error: BaseException, __: TracebackType | None) -> None:
        sys.stderr.write(session.traceback(error))

    def broke(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            sys.stderr.write(session.traceback(args.exc_value))

    sys.excepthook = ended
    threading.excepthook = broke
