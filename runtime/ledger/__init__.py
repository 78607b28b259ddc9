"""Decisions made durable: one contract, and the stores behind it.

Imports go one way: `chain` `drawn` `instants` `known_events` `outbox` `promised` `rewound` `seals`
`since` `verified` ← `store` ← `holders` `postbox` ← `contract` ← `batches` `reading` ←
`draws` `settlements` ← `audit` ← `stored` `stores`.
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
from .stores.opening import Mode, Project, connect, empty, ledger_path, meta_changed, migrate_sqlite
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
"""Seconds to wait for another run that is writing, before saying so."""


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
) -> Ledger:
    """The project's ledger at `url`: `postgresql://…`, or `sqlite:///PATH`.

    A path goes from `root`, campaigner.toml's folder. `shown` is the address as people may see it,
    if `url` holds more than that.

    `channels` are the names of the project's channels. `write` makes the file, and its folder,
    where there is none; `read` writes nothing and takes a missing file for an empty ledger;
    `rehearse` works on a copy in memory. `CannotRun` where it is no ledger of this project's, or
    cannot be had. `patience`: seconds to wait for another run that is writing.
    """
    project = Project(project_name, currency)
    if url.startswith(_SERVERS):
        store: Store = _on_server(url, project, mode, shown)
    else:
        path = ledger_path(url, root)
        shown = shown or _shown(path, root)
        store = SqliteStore(connect(path, shown, project, mode, patience), shown)
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
    """What `verify` finds where the ledger could not be opened; `None` if it is not its fault.

    A ledger that is of another project or format is one, if it says so since it was damaged.
    """
    if why.code in DAMAGE:
        return why
    if why.code not in _OF_META:
        return None
    if url.startswith(_SERVERS):
        from .stores.opening_postgresql import address, server_meta_changed  # noqa: PLC0415

        at = address(url, shown)
        shown = at.shown
        broken = server_meta_changed(at, Project(project_name, currency))
    else:
        path = ledger_path(url, root)
        shown = shown or _shown(path, root)
        broken = meta_changed(path, shown)
    reason = codes.row_changed("meta")
    return diagnose(codes.LEDGER_CHANGED, None, path=shown, reason=reason) if broken else None


def migrate(
    url: str, project_name: str, currency: str, *, root: Path, shown: str | None = None
) -> tuple[int, int]:
    """Brings the ledger at `url`, with all that is in it, to this version's format.

    The format that it had and the one that it has now, in one transaction: all of it or nothing.
    `CannotRun` as `open_ledger` does, and where there is no ledger.
    """
    project = Project(project_name, currency)
    if url.startswith(_SERVERS):
        from .stores.opening_postgresql import address, migrate_postgresql  # noqa: PLC0415

        return migrate_postgresql(address(url, shown), project), FORMAT_VERSION
    path = ledger_path(url, root)
    shown = shown or _shown(path, root)
    return migrate_sqlite(path, shown, project, PATIENCE), FORMAT_VERSION


def _shown(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def place(url: str, root: Path) -> Path | str:
    """Where that ledger is: its file, or its address as people may see it."""
    if not url.startswith(_SERVERS):
        return ledger_path(url, root)
    from .stores.opening_postgresql import address  # noqa: PLC0415

    return address(url).shown


def _on_server(url: str, project: Project, mode: Mode, shown: str | None) -> Store:
    # The driver is an extra, and nobody who keeps a file needs it.
    try:
        from .stores.opening_postgresql import address, connect_postgresql  # noqa: PLC0415
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
    "migrate",
    "open_ledger",
    "place",
    "refused",
]
