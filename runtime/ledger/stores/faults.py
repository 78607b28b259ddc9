"""Transactions of SQLite, and its faults as diagnostics for users."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

from ....dsl.diagnostics.diagnostic import CannotRun, Diagnostic, Foreign, diagnose
from ...codes import ledger as codes

_ALTERED = re.compile("no such (table|column)|integer overflow|malformed|no query solution")
"""SQLite's messages for a table that was altered; it has no code of its own for that."""

_UNREADABLE = ("decode to UTF-8", "unsupported file format")
"""SQLite's messages for bytes that it cannot read, where it has no code for that."""


def cannot(fault: sqlite3.Error, path: str) -> Diagnostic | None:
    """Return the diagnostic for a fault of the file or the disk; `None` for a bug."""
    # The low byte is the kind of fault; higher bytes are a detail.
    kind = getattr(fault, "sqlite_errorcode", 0) & 0xFF
    match kind:
        case sqlite3.SQLITE_FULL:
            return diagnose(codes.LEDGER_DISK_FULL, None, path=path)
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return diagnose(codes.LEDGER_BUSY, None, path=path)
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
            return diagnose(codes.LEDGER_READ_ONLY, None, path=path)
        case sqlite3.SQLITE_NOTADB:
            return diagnose(codes.LEDGER_NOT_ONE, None, path=path)
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_FORMAT | sqlite3.SQLITE_TOOBIG:
            return diagnose(codes.LEDGER_DAMAGED, None, path=path)
        case sqlite3.SQLITE_CANTOPEN:
            return diagnose(codes.LEDGER_UNREACHABLE, None, path=path, reason=Foreign(fault))
        case sqlite3.SQLITE_IOERR:
            return diagnose(codes.LEDGER_FAILED, None, path=path, reason=Foreign(fault))
        case _ if any(words in str(fault) for words in _UNREADABLE):
            return diagnose(codes.LEDGER_DAMAGED, None, path=path)
        case sqlite3.SQLITE_ERROR if _ALTERED.match(str(fault)):
            return diagnose(
                codes.LEDGER_CHANGED, None, path=path, reason=Foreign(str(fault).lower())
            )
        case _:
            return None


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """A transaction that excludes other writers."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    finally:
        # A full disk may have ended it already; whatever else went wrong, nothing is kept.
        if connection.in_transaction:
            connection.execute("ROLLBACK")


class faults_named:  # noqa: N801  (it is used as a function)
    """Convert faults of the file or the disk into `CannotRun`; bugs pass.

    Every statement goes through it, and a generator would take longer.
    """

    __slots__ = ("_path",)

    def __init__(self, path: str) -> None:
        self._path = path

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(
        self, _: type[BaseException] | None, fault: BaseException | None, __: TracebackType | None
    ) -> None:
        """Raise the diagnostic of a fault."""
        match fault:
            case sqlite3.Error():
                diagnostic = cannot(fault, self._path)
                if diagnostic is not None:
                    raise CannotRun(diagnostic) from fault
            case UnicodeDecodeError():
                # SQLite quotes a damaged schema in its message, which the driver cannot read.
                raise CannotRun(diagnose(codes.LEDGER_DAMAGED, None, path=self._path)) from fault
            case _:
                pass
