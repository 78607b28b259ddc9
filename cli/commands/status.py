"""`campaigner status`: how far campaigns have come, and which rows the next run would leave out."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from ...compiler.plan.steps import StepKey, shown_names
from ...dsl.diagnostics.diagnostic import (
    CannotRun,
    Diagnostic,
    Phrase,
    diagnose,
    has_errors,
    in_language,
)
from ...runtime.codes import running
from ...runtime.codes.ledger import NO_PLAN_KEPT
from ..arguments import options
from ..exits import COULD_NOT_RUN, FINE, ROWS_LEFT_OUT
from ..failures import tell_all
from ..formats.json import FORMAT_VERSION, record
from ..formats.outcome import kept_back
from ..projects import deployed, set_up
from ..resources import decided_up_to, ledger_of, ledger_place, warehouse_of
from ..screen.speaking import language_now
from ..screen.tables import Column, show
from ..screen.terminal import Session

if TYPE_CHECKING:
    from ...compiler.plan import Plan
    from ...compiler.project.settings import Settings
    from ...runtime.ledger.contract import BudgetRow, Ledger
    from ...runtime.ledger.promised import Overdue
    from ...runtime.warehouse.bad_rows import LeftOut
    from ..stopping import Bell

_OF_ROWS = frozenset({running.ROW_LEFT_OUT, running.ROWS_LEFT_OUT, running.TOO_MANY_LEFT_OUT})


@dataclass(frozen=True, slots=True)
class _Status:
    """A project at an instant.

    `plan`: the digest of the plan that is shown.
    `through`: by campaign, the instant up to which it was decided.
    `overdue`: by campaign, the rewards whose delivery is late.
    `kept_back`: by campaign, the messages that do not go out, by reason.
    `due`: by campaign, the next instant of its schedules.
    `watched`: the last pass of a `run --watch`.
    `ingested`: by source of events, the last pass of an `ingest`.
    `near`: the budgets of which a tenth or less is left.
    `undelivered`: by channel, the rows that are due and wait, and those that were given up.
    `timers`: by step, the next instant of its timers, how many have it, and how many wait in all.
    """

    at: datetime
    plan: str
    through: dict[str, datetime | None]
    overdue: dict[str, Overdue]
    kept_back: dict[str, dict[str, int]]
    tables: tuple[LeftOut, ...]
    problems: tuple[Diagnostic, ...]
    due: dict[str, datetime | None]
    watched: datetime | None
    ingested: dict[str, datetime | None]
    near: tuple[BudgetRow, ...]
    undelivered: dict[str, tuple[int, int]]
    timers: tuple[tuple[str, datetime, int, int], ...]


@click.command("status", short_help="Show how far campaigns are, and rows left out.")
@options.project
@options.plan
@options.format_of("table", "json")
@options.language
@click.pass_obj
def command(session: Session, project: str, plan_file: str | None, format_: str) -> int:
    """Show how far the campaigns of PROJECT were decided, and which rows a run would leave out.

    Nothing is compiled: the plan is that of the last run, which the ledger has. The warehouse is
    asked now: the instant is part of the answer. It ends with 3 if rows would be left out, and with
    2 if a run would stop.
    """
    if plan_file is None:
        loaded = set_up(project, session)
        plan = _plan_of_last_run(loaded)
    else:
        loaded, plan = deployed(project, session, plan_file)
    status = _status(session.bell, loaded, plan, session.now().astimezone(ZoneInfo(plan.time_zone)))
    if format_ == "json":
        click.echo(_as_json(status, session))
    else:
        _show(status)
        tell_all(status.problems, session)
    if has_errors(status.problems):
        return COULD_NOT_RUN
    return ROWS_LEFT_OUT if any(table.count for table in status.tables) else FINE


def _plan_of_last_run(loaded: Settings) -> Plan:
    """The plan that the ledger has of the last run; `CannotRun` if none has begun yet."""
    from ...compiler.kept_plans import plan_of_document

    with ledger_of(loaded) as ledger:
        document = ledger.kept_plan()
    if document is None:
        place = ledger_place(loaded)
        if isinstance(place, Path) and place.is_relative_to(loaded.root):
            place = place.relative_to(loaded.root).as_posix()
        raise CannotRun(diagnose(NO_PLAN_KEPT, None, path=str(place)))
    return plan_of_document(document)


def _status(bell: Bell, loaded: Settings, plan: Plan, at: datetime) -> _Status:
    from ...compiler.plan.plan_json import digest
    from ...runtime.due.timer_marks import waiting_timers
    from ...runtime.due.upcoming import upcoming
    from ...runtime.ledger.batches.kept_texts import WATCHED, heartbeat
    from ...runtime.run.paused import held_warnings
    from ...runtime.warehouse.survey import survey

    next_of = upcoming(plan, at)
    with ledger_of(loaded) as ledger, warehouse_of(loaded, bell) as warehouse:
        found = survey(warehouse, plan, loaded.config.bad_share)
        names = {each.name: each.renamed or each.name for each in plan.campaigns}
        kept: dict[str, dict[str, int]] = {name: {} for name in names.values()}
        for (campaign, reason), count in ledger.kept_back().items():
            kept.setdefault(names.get(campaign, campaign), {})[reason] = count
        through = {names[one.name]: decided_up_to(ledger, one) for one in plan.campaigns}
        late = {names[one.campaign]: one for one in ledger.overdue(plan, at)}
        watched, near = ledger.progress(WATCHED), tuple(_near_their_end(ledger, plan))
        ingested = {name: ledger.progress(heartbeat(name)) for name in loaded.config.ingest}
        undelivered, held = _undelivered(ledger, at), tuple(held_warnings(plan, ledger))
        shown, timers = shown_names(plan), list[tuple[str, datetime, int, int]]()
        # A table that cannot be read is a problem that is named anyway.
        for timer in () if has_errors(found.diagnostics) else waiting_timers(plan, warehouse, at):
            timers.append((shown[timer.key], timer.at, timer.count, timer.every))
    due: dict[str, datetime | None] = {}
    for one in plan.campaigns:
        known = [next_of[StepKey(one.name, step.name)] for step in one.steps]
        due[names[one.name]] = min((each for each in known if each is not None), default=None)
    problems = (
        one for one in found.diagnostics if one.code in _OF_ROWS or one.code.severity == "error"
    )
    return _Status(
        at.replace(microsecond=0),
        digest(plan),
        through,
        late,
        kept,
        found.tables,
        (*problems, *held),
        due,
        watched,
        ingested,
        near,
        undelivered,
        tuple(sorted(timers, key=lambda timer: (timer[1], timer[0]))),
    )


def _near_their_end(ledger: Ledger, plan: Plan) -> Iterator[BudgetRow]:
    """Balances that all customers share, of which at most a tenth is left."""
    shared = tuple(account for account in plan.accounts if account.key is None)
    for row in ledger.budgets(replace(plan, accounts=shared)):
        if row.spent and row.left * 10 <= row.cap:
            yield row


def _undelivered(ledger: Ledger, at: datetime) -> dict[str, tuple[int, int]]:
    waiting = ledger.waiting_channels(at)
    dead = Counter(letter.channel for letter in ledger.letters("dead"))
    return {name: (waiting[name], dead[name]) for name in sorted({*waiting, *dead})}


def _show(status: _Status) -> None:
    zone = status.at.tzinfo
    at = Phrase("status.as_of", at=status.at.isoformat(" "))
    click.echo(in_language(at, language_now()))
    _show_passes(status, zone)
    click.echo()
    show(
        (Column("campaign"), Column("decided up to"), Column("next due"), Column("kept back")),
        [
            (
                name,
                "-" if at is None else _clock(at, zone),
                "-" if (due := status.due[name]) is None else _clock(due, zone),
                kept_back(status.kept_back[name]),
            )
            for name, at in status.through.items()
        ],
    )
    _show_timers(status, zone)
    if status.overdue:
        click.echo()
        show(
            (
                Column("campaign"),
                Column("late deliveries", number=True),
                Column("late since"),
                Column("oldest grant"),
            ),
            [
                (name, f"{one.count:,}", *(_clock(at, zone) for at in (one.since, one.oldest)))
                for name, one in status.overdue.items()
            ],
        )
    if status.near:
        click.echo()
        show(
            (
                Column("account"),
                Column("period"),
                Column("cap", number=True),
                Column("left", number=True),
            ),
            [
                (one.account, one.period or "-", f"{one.cap:f}", f"{one.left:f}")
                for one in status.near
            ],
        )
    if status.undelivered:
        click.echo()
        show(
            (Column("channel"), Column("waiting", number=True), Column("dead", number=True)),
            [(name, f"{one[0]:,}", f"{one[1]:,}") for name, one in status.undelivered.items()],
        )
    click.echo()
    show(
        (Column("table"), Column("rows", number=True), Column("left out", number=True)),
        [(one.table, f"{one.rows:,}", f"{one.count:,}") for one in status.tables],
    )


def _show_timers(status: _Status, zone: tzinfo | None) -> None:
    """The timers that come next, a line a step."""
    if status.timers:
        click.echo()
        show(
            (
                Column("timer"),
                Column("next due"),
                Column("customers", number=True),
                Column("waiting", number=True),
            ),
            [
                (name, _clock(at, zone), f"{count:,}", f"{every:,}")
                for name, at, count, every in status.timers
            ],
        )


def _show_passes(status: _Status, zone: tzinfo | None) -> None:
    """The last pass of each process that goes on by itself."""
    if status.watched is not None:
        watched = Phrase("status.watched", at=_clock(status.watched, zone))
        click.echo(in_language(watched, language_now()))
    for source, last in status.ingested.items():
        if last is not None:
            ingested = Phrase("status.ingested", source=source, at=_clock(last, zone))
            click.echo(in_language(ingested, language_now()))


def _clock(at: datetime, zone: tzinfo | None) -> str:
    return at.astimezone(zone).isoformat(" ", "seconds")


def _late(found: Overdue | None) -> dict[str, object] | None:
    if found is None:
        return None
    since, oldest = found.since.isoformat(), found.oldest.isoformat()
    return {"count": found.count, "since": since, "oldest": oldest}


def _as_json(status: _Status, session: Session) -> str:
    document = {
        "format_version": FORMAT_VERSION,
        "at": status.at.isoformat(),
        "plan": status.plan,
        "watched": None if status.watched is None else status.watched.isoformat(),
        "ingested": [
            {"source": name, "at": None if last is None else last.isoformat()}
            for name, last in status.ingested.items()
        ],
        "campaigns": [
            {
                "campaign": name,
                "decided_up_to": None if at is None else at.isoformat(),
                "next_due": None if (due := status.due[name]) is None else due.isoformat(),
                "kept_back": status.kept_back[name],
                "overdue": _late(status.overdue.get(name)),
            }
            for name, at in status.through.items()
        ],
        "timers": [
            {"step": name, "at": at.isoformat(), "count": count, "waiting": every}
            for name, at, count, every in status.timers
        ],
        "budgets": [
            {
                "account": one.account,
                "period": one.period or None,
                "cap": f"{one.cap:f}",
                "left": f"{one.left:f}",
            }
            for one in status.near
        ],
        "undelivered": [
            {"channel": name, "waiting": waiting, "dead": dead}
            for name, (waiting, dead) in status.undelivered.items()
        ],
        "tables": [
            {"table": one.table, "rows": one.rows, "left_out": one.count} for one in status.tables
        ],
        "diagnostics": [record(session.hidden(one), session.language) for one in status.problems],
    }
    return json.dumps(document, ensure_ascii=False, indent=2)
