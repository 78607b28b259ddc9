"""The faults of a PostgreSQL server as diagnostics for users, without secrets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import errors

from ....compiler.files.reasons import phrase_of
from ....dsl.diagnostics.diagnostic import CannotRun, Diagnostic, Foreign, diagnose
from ...codes import ledger as codes

AGAIN = (errors.SerializationFailure, errors.DeadlockDetected)
"""The server gave this transaction up for the sake of others: nothing of it was kept."""

_PASSWORD = ("password authentication failed", "no password supplied", "authentication failed")

_ENDED = (errors.AdminShutdown, errors.CrashShutdown, errors.IdleInTransactionSessionTimeout)
"""The server has ended the session, whether or not the driver has noticed."""

# A connection that is refused has no SQLSTATE that the driver would give.
_NO_CONNECTION_LEFT = (
    "too many clients",
    "too many connections",
    "connection slots are reserved",
    "no more connections allowed",
)
_NOT_YET = ("is starting up", "is not yet accepting connections", "in recovery mode")


@contextmanager
def faults_named(
    shown: str, connection: psycopg.Connection[Any], *, reads: bool = False, again: bool = False
) -> Iterator[None]:
    """Convert faults of the server or the connection into `CannotRun`; bugs pass.

    `reads`: nothing was to be written. With `again`, the faults `AGAIN` pass too, for a caller that
    retries the transaction.
    """
    try:
        yield
    except AGAIN as fault:
        if again:
            raise
        raise CannotRun(diagnose(codes.LEDGER_BUSY, None, path=shown)) from fault
    except psycopg.Error as fault:
        lost = connection.broken or connection.closed
        diagnostic = _cannot(fault, shown, lost=lost, reads=reads)
        if diagnostic is None:
            raise
        raise CannotRun(diagnostic) from fault


def _cannot(fault: psycopg.Error, shown: str, *, lost: bool, reads: bool) -> Diagnostic | None:
    match fault:
        case psycopg.Error() if lost or isinstance(fault, _ENDED):
            return diagnose(codes.LEDGER_LOST, None, path=shown)
        case errors.DiskFull():
            return diagnose(codes.LEDGER_SERVER_FULL, None, path=shown)
        case (
            errors.OutOfMemory() | errors.TooManyConnections() | errors.ConfigurationLimitExceeded()
        ):
            return diagnose(codes.LEDGER_AT_LIMIT, None, path=shown, reason=_first_line(fault))
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
        case psycopg.OperationalError() | errors.IoError() | psycopg.DataError():
            return diagnose(codes.LEDGER_FAILED, None, path=shown, reason=_first_line(fault))
        case _:
            return None


def is_passing(fault: psycopg.Error) -> bool:
    """Whether the refusal of a connection is likely to be temporary."""
    told = str(fault)
    return any(words in told for words in (*_NO_CONNECTION_LEFT, *_NOT_YET))


def unreachable(fault: psycopg.Error, shown: str) -> Diagnostic:
    """Return why no connection could be made."""
    told = str(fault)
    if any(words in told for words in _PASSWORD):
        return diagnose(codes.LEDGER_PASSWORD, None, path=shown)
    if any(words in told for words in _NO_CONNECTION_LEFT):
        return diagnose(codes.LEDGER_AT_LIMIT, None, path=shown, reason=_first_line(fault))
    reason = phrase_of(_first_line(fault))
    return diagnose(codes.LEDGER_SERVER, None, path=shown, reason=reason)


def _first_line(fault: psycopg.Error) -> Foreign:
    """Return the server's own text, without the driver's additions."""
    line = str(fault).strip().splitlines()[0] if str(fault).strip() else "no answer"
    return Foreign(line.rpartition("failed: ")[2].removeprefix("FATAL:").strip().lower())
