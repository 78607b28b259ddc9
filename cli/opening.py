"""The warehouse, the ledger and the channels that a project's settings name."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from ..dsl.codes import command_line, commands
from ..dsl.diagnostics import CannotRun, Diagnostic, Phrase, diagnose

if TYPE_CHECKING:
    from ..compiler.chance import Seeds
    from ..compiler.environment import Setting
    from ..compiler.plan import Plan
    from ..compiler.project import Project
    from ..runtime.delivery import Channel
    from ..runtime.ledger import Ledger
    from ..runtime.ledger.opening import Mode
    from ..runtime.warehouse import Warehouse


def warehouse_of(project: Project) -> AbstractContextManager[Warehouse]:
    """The project's warehouse, open for reading; `CannotRun` where it cannot be had."""
    from ..runtime.warehouse import open_warehouse

    example = "duckdb:///data/warehouse.duckdb"
    url = _url(project.config.warehouse, "warehouse", commands.A_WAREHOUSE, example)
    return open_warehouse(url, project.root)


def ledger_of(project: Project, mode: Mode = "read") -> Ledger:
    """The project's ledger; `CannotRun` where it cannot be had.

    `read` makes no file: a ledger that is not there yet is an empty one.
    """
    from ..runtime.ledger import open_ledger

    if mode == "write":
        _refuse_other_use(project)
    return open_ledger(
        _ledger_url(project),
        project.config.name,
        project.config.currency,
        root=project.root,
        channels=frozenset(project.config.channels),
        mode=mode,
    )


def migrate_ledger(project: Project) -> tuple[int, int]:
    """Brings the project's ledger to this version's format: the one it had, the one it has."""
    from ..runtime.ledger import migrate

    config = project.config
    return migrate(_ledger_url(project), config.name, config.currency, root=project.root)


def ledger_refused(project: Project, why: Diagnostic) -> Diagnostic | None:
    """What is wrong with the project's ledger, where that is why it could not be opened."""
    from ..runtime.ledger import refused

    config = project.config
    return refused(_ledger_url(project), config.name, config.currency, project.root, why)


def ledger_place(project: Project) -> Path | str:
    """Where the ledger is: its file, or its address without the password."""
    from ..runtime.ledger import place

    return place(_ledger_url(project), project.root)


def channels_of(project: Project) -> dict[str, Channel]:
    """The project's channels by name; `CannotRun` where one is not set up to be used."""
    from ..compiler.places import paths_beside
    from ..runtime.delivery.opening import open_channel

    return {
        name: open_channel(channel, paths_beside(project.uses, ("channels", name, "path")))
        for name, channel in project.config.channels.items()
    }


def _refuse_other_use(project: Project) -> None:
    """Links may have changed since the project was checked."""
    from ..compiler.folder import SETTINGS
    from ..compiler.places import clashes, diagnosed

    mine = ("ledger", "url")
    found = [
        one
        for one in clashes(project.uses)
        if one.setting.setting == mine or (one.other is not None and one.other.setting == mine)
    ]
    for diagnostic in diagnosed(found, project.sources.get(SETTINGS)):
        raise CannotRun(diagnostic)


def seeds_of(project: Project, plan: Plan, campaign: str | None = None) -> Seeds:
    """The seeds of the plan's draws, or of that campaign's alone.

    `CannotRun` if something draws with a seed and the seed cannot be had.
    """
    from ..compiler.chance import NO_SEEDS, Seeds
    from ..compiler.environment import expand

    setting = project.config.seed
    some = [one for one in plan.campaigns if campaign in (None, one.name)]
    if setting is None or not any(one.draws for one in some):
        return NO_SEEDS
    seed = expand(setting)
    if not seed.strip():
        raise CannotRun(diagnose(command_line.EMPTY_SEED, setting.place))
    return Seeds(seed)


def _ledger_url(project: Project) -> str:
    return _url(project.config.ledger, "ledger", commands.A_LEDGER, "sqlite:///var/ledger.db")


def _url(setting: Setting | None, heading: str, what: Phrase, example: str) -> str:
    from ..compiler.environment import expand

    if setting is None:
        code = commands.SETTING_MISSING
        raise CannotRun(diagnose(code, None, what=what, heading=heading, example=example))
    return expand(setting)
