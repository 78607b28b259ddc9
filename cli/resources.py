"""Open the warehouse, the ledger and the channels of a project's settings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ..compiler.files.environment import expand
from ..dsl.diagnostics.diagnostic import CannotRun, Diagnostic, Phrase, diagnose
from .codes import command_line, commands
from .screen.masking import secrets_masked

if TYPE_CHECKING:
    from ..compiler.files.environment import Setting
    from ..compiler.files.places import Use
    from ..compiler.plan import Campaign, Plan
    from ..compiler.plan.chance import Seeds
    from ..compiler.project.settings import Settings
    from ..runtime.delivery import Channel
    from ..runtime.events.part import Part
    from ..runtime.events.worker import EventWorker
    from ..runtime.ledger import Ledger
    from ..runtime.ledger.stores.connect_sqlite import Mode
    from ..runtime.run.wallets.firings import WalletFirings
    from ..runtime.warehouse.contract import Warehouse
    from ..runtime.warehouse.freshness import Freshness
    from .stopping import Bell


@contextmanager
def warehouse_of(project: Settings, bell: Bell | None = None) -> Iterator[Warehouse]:
    """Open the project's warehouse for reading. Raise `CannotRun` if that fails.

    With `bell`, a signal ends the query that is running.
    """
    from ..runtime.warehouse.engines import open_warehouse

    example = "duckdb:///data/warehouse.duckdb"
    with secrets_masked(project.secrets):
        setting = _required(project.config.warehouse, "warehouse", commands.A_WAREHOUSE, example)
        with open_warehouse(expand(setting), project.root, setting.shown) as warehouse:
            if bell is None:
                yield warehouse
                return
            with bell.interrupting(warehouse.interrupt):
                yield warehouse


def _freshness_of(project: Settings) -> Freshness | None:
    """Return what says whether the project's warehouse has changed; `None` without one."""
    from ..runtime.warehouse import engines

    setting = project.config.warehouse
    if setting is None:
        return None
    with secrets_masked(project.secrets):
        url = expand(setting)
        return engines.freshness_of(url, project.root, project.config.reread_seconds)


def worker_of(
    project: Settings,
    plan: Plan,
    ledger: Ledger,
    bell: Bell | None = None,
    part: Part | None = None,
    *,
    plain: bool,
) -> EventWorker:
    """Return a worker that decides events; without a `part`, those of all customers.

    `plain`: it keeps nothing of the warehouse.
    """
    from ..compiler.plan.plan_json import digest
    from ..runtime.events.part import WHOLE
    from ..runtime.events.worker import EventWorker

    share, seeds = project.config.bad_share, seeds_of(project, plan)
    freshness = None if plain else _freshness_of(project)
    opens = partial(warehouse_of, project, bell)
    return EventWorker(plan, digest(plan), opens, ledger, share, seeds, freshness, part or WHOLE)


@contextmanager
def firings_of(project: Settings, plan: Plan, ledger: Ledger) -> Iterator[WalletFirings | None]:
    """Open the warehouse for the campaigns that wallets fire; `None` if the plan has none."""
    from ..runtime.decide.wallets.reached import thresholds

    if not thresholds(plan):
        yield None
        return
    from ..runtime.run.wallets.firings import WalletFirings
    from ..runtime.warehouse.rows import WarehouseRows

    with warehouse_of(project) as warehouse:
        rows = WarehouseRows(warehouse, plan)
        yield WalletFirings(plan, ledger, rows, seeds_of(project, plan))


@contextmanager
def ledger_of(
    project: Settings, mode: Mode = "read", *, plain: bool = False, patience: float | None = None
) -> Iterator[Ledger]:
    """Open the project's ledger. Raise `CannotRun` if that fails.

    Mode `read` creates no file: a missing ledger is an empty one. `plain`: it decides without what
    makes it quicker. `patience`: see `open_ledger`.
    """
    from ..runtime.ledger import PATIENCE, open_ledger

    if mode == "write":
        _refuse_other_use(project)
    with secrets_masked(project.secrets):
        setting = _ledger_setting(project)
        with open_ledger(
            expand(setting),
            project.config.name,
            project.config.currency,
            root=project.root,
            shown=setting.shown,
            channels=frozenset(project.config.channels),
            mode=mode,
            patience=PATIENCE if patience is None else patience,
            plain=plain,
        ) as ledger:
            yield ledger


def migrate_ledger(project: Settings) -> tuple[int, int]:
    """Brings the project's ledger to this version's format: the one it had, the one it has."""
    from ..runtime.ledger import migrate

    config, setting = project.config, _ledger_setting(project)
    with secrets_masked(project.secrets):
        return migrate(
            expand(setting), config.name, config.currency, root=project.root, shown=setting.shown
        )


def ledger_refused(project: Settings, why: Diagnostic) -> Diagnostic | None:
    """Return the ledger's own fault, if that is why it could not be opened."""
    from ..runtime.ledger import refused

    config, setting = project.config, _ledger_setting(project)
    url = expand(setting)
    with secrets_masked(project.secrets):
        return refused(url, config.name, config.currency, project.root, why, shown=setting.shown)


def ledger_place(project: Settings) -> Path | str:
    """Return the ledger's file, or its address for messages."""
    from ..runtime.ledger import place

    setting = _ledger_setting(project)
    return setting.shown or place(expand(setting), project.root)


def channels_of(project: Settings) -> dict[str, Channel]:
    """Return the project's channels by name. Raise `CannotRun` if one cannot be used."""
    from ..runtime.delivery.from_settings import open_channel

    def others(name: str) -> list[Use]:
        return [use for use in project.uses if use.setting != ("channels", name, "path")]

    channels = project.config.channels
    return {name: open_channel(channel, others(name)) for name, channel in channels.items()}


def _refuse_other_use(project: Settings) -> None:
    """Links may have changed since the project was checked."""
    from ..compiler.files.folder import SETTINGS
    from ..compiler.files.places import clashes, diagnosed

    mine = ("ledger", "url")
    found = [
        one
        for one in clashes(project.uses)
        if one.setting.setting == mine or (one.other is not None and one.other.setting == mine)
    ]
    for diagnostic in diagnosed(found, project.sources.get(SETTINGS)):
        raise CannotRun(diagnostic)


def seeds_of(project: Settings, plan: Plan, campaign: str | None = None) -> Seeds:
    """The seeds of the plan's draws, or of that campaign's alone.

    `CannotRun` if something draws with a seed and the seed cannot be had.
    """
    from ..compiler.plan.chance import NO_SEEDS, Seeds

    setting = project.config.seed
    some = [one for one in plan.campaigns if campaign in (None, one.name)]
    if setting is None or not any(one.draws for one in some):
        return NO_SEEDS
    return Seeds(_seed(setting))


def seed_of(project: Settings, campaign: str) -> str | None:
    """Return the campaign's seed; `None` if the project has no `[chance]`."""
    from ..compiler.plan.chance import Seeds

    setting = project.config.seed
    return None if setting is None else Seeds(_seed(setting)).of(campaign)


def seeds_at_hand(project: Settings) -> Seeds:
    """Return the project's seeds, if its variable is set."""
    from ..compiler.plan.chance import NO_SEEDS, Seeds

    setting = project.config.seed
    try:
        return NO_SEEDS if setting is None else Seeds(_seed(setting))
    except CannotRun:
        return NO_SEEDS


def _seed(setting: Setting) -> str:
    from ..compiler.files.environment import expand

    seed = expand(setting)
    if not seed.strip():
        raise CannotRun(diagnose(command_line.EMPTY_SEED, setting.place))
    return seed


def _ledger_setting(project: Settings) -> Setting:
    example = "sqlite:///var/ledger.db"
    return _required(project.config.ledger, "ledger", commands.A_LEDGER, example)


def _required(setting: Setting | None, heading: str, what: Phrase, example: str) -> Setting:
    if setting is None:
        code = commands.SETTING_MISSING
        raise CannotRun(diagnose(code, None, what=what, heading=heading, example=example))
    return setting


def decided_up_to(ledger: Ledger, campaign: Campaign) -> datetime | None:
    """Return the instant up to which every step was carried out; `None` if one never was."""
    from ..compiler.plan.steps import StepKey
    from ..runtime.ledger.batches.kept_texts import Mark

    keys = (StepKey(campaign.name, step.name) for step in campaign.steps)
    found = [ledger.progress(Mark(key).text) for key in keys]
    known = [at for at in found if at is not None]
    return min(known) if len(known) == len(found) else None
