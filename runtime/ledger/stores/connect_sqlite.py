"""Open a SQLite ledger: from its address to a store, with every fault as a diagnostic."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from ....compiler.files.folder import open_regular, refuse_irregular
from ....compiler.files.places import BESIDE_SQLITE
from ....compiler.files.private import FILE, make_folder
from ....compiler.files.reasons import phrase_of
from ....dsl.diagnostics.diagnostic import CannotRun, Foreign, diagnose
from ...codes import ledger as codes
from ..contract import FORMAT_VERSION
from ..store import Row
from .faults import faults_named, transaction
from .migrating import bring_up
from .sealing_sqlite import broken, seal
from .sqlite import copied, opened

Mode = Literal["write", "read", "rehearse"]

APPLICATION_ID = 0x43414D50  # "CAMP": how the file says what it is
_MAGIC = b"SQLite format 3\0"
_SCHEME = "sqlite:///"


@dataclass(frozen=True, slots=True)
class Project:
    """The owner of a ledger: the project's name, currency (ISO 4217) and language version."""

    name: str
    currency: str
    language: int = 1


def ledger_path(url: str, root: Path) -> Path:
    """Return the file of `sqlite:///PATH`; it is relative to the folder of campaigner.toml."""
    if not url.startswith(_SCHEME):
        scheme = Foreign(url.partition(":")[0])
        raise CannotRun(diagnose(codes.LEDGER_KIND, None, scheme=scheme))
    path = url.removeprefix(_SCHEME)
    if not path:
        raise CannotRun(
            diagnose(codes.LEDGER_UNREACHABLE, None, path=Foreign(url), reason=codes.NO_PATH)
        )
    return root / path


def connect(
    path: Path, shown: str, project: Project, mode: Mode, patience: float
) -> sqlite3.Connection:
    """Return an open connection to the project's ledger, creating it if missing.

    Modes `read` and `rehearse` create no file: a missing ledger is an empty one in memory.
    `patience` is the number of seconds to wait for another writer. Raise `CannotRun` on any fault.
    """
    with faults_named(shown):
        _look(path, shown, mode)
        if mode == "write":
            return _for_writing(path, shown, project, patience)
        if not path.exists() or path.stat().st_size == 0:
            return empty(shown, project)
        reading = _for_reading(path, shown, project, patience)
        if mode == "read":
            return reading
        with closing(reading):
            return copied(reading)


def empty(shown: str, project: Project) -> sqlite3.Connection:
    """Return an empty ledger in memory."""
    connection = opened(":memory:", 0.0)
    _make_or_check(connection, shown, project)
    return connection


def _for_writing(path: Path, shown: str, project: Project, patience: float) -> sqlite3.Connection:
    with ExitStack() as unless_fine:
        connection = unless_fine.enter_context(
            closing(opened(f"file:{quote(str(path))}", patience))
        )
        _make_or_check(connection, shown, project)
        # Only now that the file is known to be ours: this changes it.
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        unless_fine.pop_all()
        return connection


def _for_reading(path: Path, shown: str, project: Project, patience: float) -> sqlite3.Connection:
    # In a read-only folder SQLite cannot create its WAL files, through which readers and writers
    # coordinate. If there is no WAL file, nobody is writing either.
    quiet = not os.access(path.parent, os.W_OK) and not Path(f"{path}-wal").exists()
    options = "mode=ro&immutable=1" if quiet else "mode=ro"
    with ExitStack() as unless_fine:
        connection = unless_fine.enter_context(
            closing(opened(f"file:{quote(str(path))}?{options}", patience))
        )
        _check(connection, shown, project)
        unless_fine.pop_all()
        return connection


def _look(path: Path, shown: str, mode: Mode) -> None:
    """Check the file before SQLite opens it."""
    if path.is_dir():
        raise CannotRun(
            diagnose(codes.LEDGER_UNREACHABLE, None, path=shown, reason=codes.NOT_A_FILE)
        )
    writes = mode == "write"
    try:
        if writes:
            # Customers' data: a new folder and file are for their owner alone, and so are the files
            # that SQLite puts next to it. Those that exist stay as somebody has set them.
            make_folder(path.parent)
            if not path.exists() and os.access(path.parent, os.W_OK):
                path.touch(mode=FILE)
        for beside in (Path(f"{path}{ending}") for ending in BESIDE_SQLITE):
            if beside.exists():
                refuse_irregular(beside, beside.stat())
        if path.exists():
            with open_regular(path) as file:
                start = file.read(len(_MAGIC))
            if start and start != _MAGIC:
                raise CannotRun(diagnose(codes.LEDGER_NOT_ONE, None, path=shown))
    except PermissionError as fault:
        raise CannotRun(diagnose(codes.LEDGER_READ_ONLY, None, path=shown)) from fault
    except OSError as fault:
        if path.parent.is_dir():
            reason = phrase_of(fault.strerror or str(fault))
            raise CannotRun(
                diagnose(codes.LEDGER_UNREACHABLE, None, path=shown, reason=reason)
            ) from fault
        raise CannotRun(
            diagnose(codes.LEDGER_UNREACHABLE, None, path=shown, reason=codes.NO_FOLDER)
        ) from fault
    if writes and not all(os.access(at, os.W_OK) for at in (path, path.parent) if at.exists()):
        raise CannotRun(diagnose(codes.LEDGER_READ_ONLY, None, path=shown))


def _make_or_check(connection: sqlite3.Connection, shown: str, project: Project) -> None:
    with transaction(connection):
        if connection.execute("SELECT count(*) FROM sqlite_schema").fetchone() == (0,):
            _make(connection, shown, project)
        else:
            _check(connection, shown, project)


def _make(connection: sqlite3.Connection, shown: str, project: Project) -> None:
    bring_up(connection, shown, 0)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(
        "INSERT INTO meta VALUES (1, ?, ?, ?, ?)",
        (FORMAT_VERSION, project.name, project.language, project.currency),
    )
    seal(connection)


def migrate_sqlite(path: Path, shown: str, project: Project, patience: float) -> int:
    """Migrate a ledger to this version's format in one transaction; return its old format."""
    with faults_named(shown):
        if not path.exists():
            raise CannotRun(diagnose(codes.LEDGER_NONE, None, path=shown))
        _look(path, shown, "write")
        with closing(opened(f"file:{quote(str(path))}?mode=rw", patience)) as connection:
            with transaction(connection):
                version = _check(connection, shown, project, older=True)
                bring_up(connection, shown, version)
                connection.execute("UPDATE meta SET format_version = ?", (FORMAT_VERSION,))
                if version < FORMAT_VERSION:
                    seal(connection)
            return version


def _check(
    connection: sqlite3.Connection, shown: str, project: Project, *, older: bool = False
) -> int:
    """Return the ledger's format. Raise `CannotRun` if it is not ours, or older than allowed."""
    if connection.execute("PRAGMA application_id").fetchone() != (APPLICATION_ID,):
        raise CannotRun(diagnose(codes.LEDGER_NOT_ONE, None, path=shown))
    rows = connection.execute("SELECT format_version, project, currency FROM meta").fetchall()
    return check_meta(rows, shown, project, older=older)


def meta_changed(path: Path, shown: str) -> bool:
    """Whether another program has changed the ledger's record of owner or format."""
    with (
        faults_named(shown),
        closing(opened(f"file:{quote(str(path))}?mode=ro", 0.0)) as connection,
    ):
        return broken(connection, "meta")


def check_meta(rows: Sequence[Row], shown: str, project: Project, *, older: bool = False) -> int:
    """Return the ledger's format, if it belongs to this project."""
    if len(rows) != 1:
        raise CannotRun(diagnose(codes.LEDGER_NOT_ONE, None, path=shown))
    version, name, currency = rows[0]
    if (type(version), type(name), type(currency)) != (int, str, str):
        raise CannotRun(diagnose(codes.LEDGER_DAMAGED, None, path=shown))
    known = str(FORMAT_VERSION)
    if version > FORMAT_VERSION:
        raise CannotRun(
            diagnose(codes.LEDGER_NEWER, None, path=shown, found=str(version), known=known)
        )
    if name != project.name:
        raise CannotRun(
            diagnose(codes.LEDGER_OTHER_PROJECT, None, path=shown, found=name, project=project.name)
        )
    if currency != project.currency:
        wanted = project.currency
        raise CannotRun(
            diagnose(codes.LEDGER_OTHER_CURRENCY, None, path=shown, found=currency, currency=wanted)
        )
    if version < FORMAT_VERSION and not older:
        raise CannotRun(
            diagnose(codes.LEDGER_OLDER, None, path=shown, found=str(version), known=known)
        )
    return int(version)
