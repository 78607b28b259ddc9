"""Decisions made durable: one contract, and the stores behind it."""

from __future__ import annotations

from pathlib import Path

from .contract import (
    BudgetRow,
    DecisionRow,
    GrantRow,
    Ledger,
    Outbox,
    OutboxRow,
    Received,
    Stretch,
)
from .opening import Mode, Project, connect, ledger_path
from .sqlite import SqliteStore
from .stored import StoredLedger

PATIENCE = 5.0
"""Seconds to wait for another run that is writing, before saying so."""


def open_ledger(
    url: str,
    project_name: str,
    currency: str,
    *,
    root: Path,
    channels: frozenset[str] = frozenset(),
    mode: Mode = "write",
    patience: float = PATIENCE,
) -> Ledger:
    """The project's ledger at `url` (`sqlite:///PATH`, from `root`, campaigner.toml's folder).

    `channels` are the names of the project's channels. `write` makes the file, and its folder,
    where there is none; `read` writes nothing and takes a missing file for an empty ledger;
    `rehearse` works on a copy in memory. `CannotRun` where it is no ledger of this project's, or
    cannot be had. `patience`: seconds to wait for another run that is writing.
    """
    path = ledger_path(url, root)
    shown = path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
    project = Project(project_name, currency)
    store = SqliteStore(connect(path, shown, project, mode, patience), shown)
    return StoredLedger(store, currency, channels)


__all__ = [
    "PATIENCE",
    "BudgetRow",
    "DecisionRow",
    "GrantRow",
    "Ledger",
    "Outbox",
    "OutboxRow",
    "Received",
    "Stretch",
    "open_ledger",
]
