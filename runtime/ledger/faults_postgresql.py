"""What a PostgreSQL server refuses to do, said in a user's words; no secret is in any of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import errors

from ...dsl.codes import ledger as codes
from ...dsl.diagnostics import CannotRun, Diagnostic, diagnose

AGAIN = (errors.SerializationFailure, errors.DeadlockDetected)
"""The server gave this transaction up for the sake of others: nothing of it was kept."""

_PASSWORD = ("password authentication failed", "no password supplied", "authentication failed")


@contextmanager
def faults_named(
    shown: str, connection: psycopg.Connection[Any], *, reads: bool = False
) -> Iterator[None]:
    """Turns faults of the server or the connection into `CannotRun`; `AGAIN` and ours pass.

    `reads`: nothing was to be written.
    """
    try:
        yield
    except AGAIN:
        raise
    except psycopg.Error as fault:
        lost = connection.broken or connection.closed
        diagnostic = _cannot(fault, shown, lost=lost, reads=reads)
        if diagnostic is None:
            raise
        raise CannotRun(diagnostic) from fault


def _cannot(fault: psycopg.Error, shown: str, *, lost: bool, reads: bool) -> Diagnostic | None:
    match fault:
        case errors.DiskFull() | errors.OutOfMemory():
            return diagnose(codes.LEDGER_DISK_FULL, None, path=shown)
        case errors.LockNotAvailable():
            return diagnose(codes.LEDGER_BUSY, None, path=shown)
        case errors.QueryCanceled():
            return diagnose(codes.LEDGER_CUT_SHORT, None, path=shown)
        case errors.InsufficientPrivilege() if reads:
            return diagnose(codes.LEDGER_UNREADABLE, None, path=shown)
        case errors.UndefinedTable() | errors.UndefinedColumn() | errors.InvalidSchemaName():
            return diagnose(codes.LEDGER_CHANGED, None, path=shown, reason=_first_line(fault))
        case errors.WrongObjectType() | errors.DatatypeMismatch() | errors.UndefinedFunction():
            return diagnose(codes.LEDGER_CHANGED, None, path=shown, reason=_first_line(fault))
        case errors.ReadOnlySqlTransaction() | errors.InsufficientPrivilege():
            return diagnose(codes.LEDGER_FORBIDDEN, None, path=shown)
        case errors.InvalidTextRepresentation() | errors.NumericValueOutOfRange():
            return diagnose(codes.LEDGER_CHANGED, None, path=shown, reason=_first_line(fault))
        case errors.DataCorrupted() | errors.IndexCorrupted() | errors.CharacterNotInRepertoire():
            return diagnose(codes.LEDGER_DAMAGED, None, path=shown)
        case errors.InternalError_():
            return diagnose(codes.LEDGER_DAMAGED, None, path=shown)
        case psycopg.OperationalError() | psycopg.InterfaceError() if lost:
            return diagnose(codes.LEDGER_LOST, None, path=shown)
        case psycopg.OperationalError() | errors.IoError() | psycopg.DataError():
            return diagnose(codes.LEDGER_FAILED, None, path=shown, reason=_first_line(fault))
        case _:
            return None


def unreachable(fault: psycopg.Error, shown: str) -> Diagnostic:
    """Why there is no connection at all."""
    told = str(fault)
    if any(words in told for words in _PASSWORD):
        return diagnose(codes.LEDGER_PASSWORD, None, path=shown)
    return diagnose(codes.LEDGER_SERVER, None, path=shown, reason=_first_line(fault))


def _first_line(fault: psycopg.Error) -> str:
    """The server's own words, without what the driver puts around them."""
    line = str(fault).strip().splitlines()[0] if str(fault).strip() else "no answer"
    return line.rpartition("failed: ")[2].removeprefix("FATAL:").strip().lower()
