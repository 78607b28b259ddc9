"""The ledger: decisions made durable, behind one contract, on SQLite or PostgreSQL.

Imports go one way: `chain` `drawn` `instants` `known_events` `outbox` `promised` `rewound` `seals`
`since` `verified` ← `store` ← `brakes` `handed` `plans` ← `holders` `postbox` `totals` `units` ←
`contract` ← `batches` ← `alarms` `columns` `reading` `wallets` ← `draws` `settlements` ← `audit` ←
`stored` `stores`.
"""

from __future__ import annotations

from pathlib import Path

from ...dsl.diagnostics.diagnostic import CannotRun, Diagnostic, diagnose
from ..codes import ledger as codes
from ..decide.past_grants import DecisionRow, Received, Stretch
from .audit.verifying import DAMAGE
from .contract import FORMAT_VERSION, BudgetRow, GrantRow, Ledger
from .outbox import Letter, Outbox, OutboxRow
from .store import Store
from .stored import StoredLedger
from .stores.connect_sqlite import (
    Mode,
    Project,
    connect,
    empty,
    ledger_path,
    meta_changed,
    migrate_sqlite,
)
from .stores.memory import MemoryStore
from .stores.sqlite import SqliteStore

_SERVERS = ("postgresql://", "postgres://")

_OF_META = frozenset(
    {
        codes.LEDGER_NEWER,
        codes.LEDGER_OLDER,
        codes.LEDGER_OTHER_PROJECT,
        codes.LEDGER_OTHER_CURRENCY,
    }
)

PATIENCE = 5.0
"""Seconds to wait for another run that is writing."""


def open_ledger(
    url: str,
    project_name: str,
    currency: str,
    *,
    root: Path,
    shown: str | None = None,
    channels: frozenset[str] = frozenset(),
    mode: Mode = "write",
    patience: float = PATIENCE,
    plain: bool = False,
) -> Ledger:
    """Open the project's ledger at `url`: `postgresql://…`, or `sqlite:///PATH`.

    Paths are relative to `root`, the folder of campaigner.toml. `shown` is the address for
    messages, if `url` contains secrets. `channels` are the names of the project's channels.
    `patience` is the number of seconds to wait for another writer. `plain`: every decision is made,
    and every row of a file written, by itself, for comparison; the rows are the same.

    Mode `write` creates a missing file and its folder. Mode `read` writes nothing, and takes a
    missing file for an empty ledger. Mode `rehearse` works on a copy in memory. Raise `CannotRun`
    if the ledger belongs to another project, or cannot be opened.
    """
    project = Project(project_name, currency)
    if url.startswith(_SERVERS):
        store: Store = _on_server(url, project, mode, shown)
    else:
        path = ledger_path(url, root)
        shown = shown or _path_for_messages(path, root)
        connection = connect(path, shown, project, mode, patience)
        store = SqliteStore(connection, shown, plain=plain)
    return StoredLedger(store, currency, channels, plain=plain)


def ledger_in_memory(project_name: str, currency: str, channels: frozenset[str]) -> Ledger:
    """Return an empty ledger that no file keeps, and that nothing seals."""
    store = MemoryStore.of(Project(project_name, currency))
    return StoredLedger(store, currency, channels)


def refused(
    url: str,
    project_name: str,
    currency: str,
    root: Path,
    why: Diagnostic,
    *,
    shown: str | None = None,
) -> Diagnostic | None:
    """Return what `verify` reports for a ledger that cannot be opened; `None` if it is undamaged.

    A ledger of another project or format counts as damaged if its own record of that was changed.
    """
    if why.code in DAMAGE:
        return why
    if why.code not in _OF_META:
        return None
    if url.startswith(_SERVERS):
        from .stores.connect_postgresql import address, server_meta_changed  # noqa: PLC0415

        at = address(url, shown)
        shown = at.shown
        broken = server_meta_changed(at, Project(project_name, currency))
    else:
        path = ledger_path(url, root)
        shown = shown or _path_for_messages(path, root)
        broken = meta_changed(path, shown)
    reason = codes.row_changed("meta")
    return diagnose(codes.LEDGER_CHANGED, None, path=shown, reason=reason) if broken else None


def migrate(
    url: str, project_name: str, currency: str, *, root: Path, shown: str | None = None
) -> tuple[int, int]:
    """Migrate the ledger at `url`, with its data, to this version's format in one transaction.

    Return the old and the new format. Raise `CannotRun` like `open_ledger`, and if there is no
    ledger.
    """
    project = Project(project_name, currency)
    if url.startswith(_SERVERS):
        from .stores.connect_postgresql import address, migrate_postgresql  # noqa: PLC0415

        return migrate_postgresql(address(url, shown), project), FORMAT_VERSION
    path = ledger_path(url, root)
    shown = shown or _path_for_messages(path, root)
    return migrate_sqlite(path, shown, project, PATIENCE), FORMAT_VERSION


def _path_for_messages(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def place(url: str, root: Path) -> Path | str:
    """Return the ledger's file, or the address of its server without secrets."""
    if not url.startswith(_SERVERS):
        return ledger_path(url, root)
    from .stores.connect_postgresql import address  # noqa: PLC0415

    return address(url).shown


def _on_server(url: str, project: Project, mode: Mode, shown: str | None) -> Store:
    # The driver is an extra, which ledgers in a file do not need.
    try:
        from .stores.connect_postgresql import address, connect_postgresql  # noqa: PLC0415
    except ModuleNotFoundError as missing:
        raise CannotRun(diagnose(codes.LEDGER_DRIVER, None)) from missing
    at = address(url, shown)
    store = connect_postgresql(at, project, mode)
    return SqliteStore(empty(at.shown, project), at.shown) if store is None else store


__all__ = [
    "DAMAGE",
    "FORMAT_VERSION",
    "PATIENCE",
    "BudgetRow",
    "DecisionRow",
    "GrantRow",
    "Ledger",
    "Letter",
    "Outbox",
    "OutboxRow",
    "Received",
    "Stretch",
    "ledger_in_memory",
    "migrate",
    "open_ledger",
    "place",
    "refused",
]
