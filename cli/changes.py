"""The changes of `campaigner ledger`: reversals, manual grants, migrations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from ..dsl.diagnostics.diagnostic import CannotRun, Phrase, diagnose
from ..runtime.codes import ledger as codes
from .arguments import options
from .arguments.usage import incomplete, missing
from .codes.command_line import STEPS_KEPT
from .codes.usage import GRANT_NUMBERS
from .exits import FINDINGS, FINE
from .projects import campaign_names, require_kept, settled
from .resources import firings_of, ledger_of, migrate_ledger
from .screen.speaking import speak
from .screen.tables import Column, show
from .screen.terminal import Session

if TYPE_CHECKING:
    from ..compiler.plan import Plan
    from ..compiler.plan.steps import StepKey
    from ..compiler.project.settings import Settings
    from ..runtime.decide.decisions import Line
    from ..runtime.ledger.brakes.held import BrakeKind


_MOST_DIGITS = 18
"""An amount with more digits before the point is none that a ledger can hold."""


def migrate(project: Settings) -> int:
    """`campaigner ledger migrate`."""
    before, now = migrate_ledger(project)
    if before == now:
        speak(Phrase("changes.already", now=str(now)))
    else:
        speak(Phrase("changes.migrated", before=str(before), now=str(now)))
    return FINE


def reverse(
    project: Settings, grants: Sequence[str], reason: str | None, *, even_if_redeemed: bool = False
) -> int:
    """`campaigner ledger reverse`: a line for each grant; 1 where one was not taken back now."""
    numbers = [int(grant) for grant in grants if grant.isdecimal() and len(grant) < 19]
    if not numbers or len(numbers) != len(grants):
        raise incomplete(GRANT_NUMBERS)
    reason = _required(reason, "--reason")
    with ledger_of(project, "write") as ledger:
        done = ledger.reverse(numbers, reason, datetime.now(UTC), even_if_redeemed=even_if_redeemed)
    columns = (
        Column("grant", number=True),
        Column("outcome"),
        Column("campaign"),
        Column("recipient"),
    )
    show(
        columns,
        [
            [
                str(one.number),
                one.outcome,
                one.identity.campaign if one.identity else "",
                one.identity.recipient if one.identity else "",
            ]
            for one in done
        ],
    )
    return FINE if all(one.outcome == "reversed" for one in done) else FINDINGS


def brake(
    session: Session,
    arguments: tuple[str, ...],
    kind: BrakeKind,
    reason: str | None,
    by: str | None,
    *,
    every: bool,
) -> int:
    """`campaigner pause`, `resume` and `stop`: a line for each campaign; 1 where nothing changed.

    Mistakes in the campaigns do not keep anybody from it.
    """
    session.kept = STEPS_KEPT
    path, name = options.split_all(arguments, every=every)
    reason = _required(reason, "--reason")
    project = settled(path, session)
    with ledger_of(project, "write") as ledger:
        campaign = require_kept(project, ledger, name)
        chosen = {*campaign_names(project.root).values(), *ledger.campaigns()}
        if campaign is not None:
            chosen = {campaign}
        done = ledger.brake(chosen, kind, reason, by or "", session.now())
    show((Column("campaign"), Column("outcome")), [[one.campaign, one.outcome] for one in done])
    return FINE if every or all(one.outcome == kind for one in done) else FINDINGS


def grant_by_hand(
    project: Settings,
    plan: Plan,
    step: StepKey,
    customer: str | None,
    reward: str | None,
    name: str | None,
    reason: str | None,
) -> int:
    """`campaigner ledger grant --from-reserve`: the outcome; 1 where nothing was granted."""
    from ..compiler.plan.plan_json import digest
    from ..runtime.decide.decisions import Decision, Identity

    recipient, name = _required(customer, "--customer"), _required(name, "--name")
    given, reason = _required(reward, "--reward"), _required(reason, "--reason")
    now = datetime.now(UTC)
    decision = Decision(
        Identity(*step, recipient, f"reserve/{name}"),
        recipient,
        now,
        held_out=False,
        lines=(_line(plan, given, now),),
        fallback=(),
        deliver_at=now,
        share=None,
        keys={},
        values={},
    )
    with ledger_of(project, "write") as ledger, firings_of(project, plan, ledger) as fires:
        result = ledger.grant_by_hand(plan, decision, digest(plan), name, reason, fires)
    click.echo(result.outcome if result.account is None else f"{result.outcome} {result.account}")
    return FINE if result.outcome in ("granted", "already_granted") else FINDINGS


def _required(value: str | None, option: str) -> str:
    if value is None or not value.strip():
        raise missing(option)
    return value


def _line(plan: Plan, words: str, now: datetime) -> Line:
    """`coffee`, `20 cash`, `100 points`: the line that is given."""
    from ..compiler.plan.calendar import WallClock
    from ..compiler.rewards.lines import wallets_of
    from ..compiler.rewards.payouts import goods_of
    from ..compiler.rewards.table import by_hand
    from ..runtime.decide.lines import line_of

    goods = replace(goods_of(plan), wallets=frozenset(wallets_of(plan)))
    one = by_hand(None, words, goods)
    number, _, unit = words.partition(" ")
    amount = _positive(number)
    if one is None and amount is not None:
        one = by_hand(amount, unit, goods)
    if one is None:
        raise CannotRun(diagnose(codes.NO_SUCH_REWARD, None, reward=words))
    return line_of(None, one, WallClock(now, ZoneInfo(plan.time_zone)))


def _positive(number: str) -> Decimal | None:
    """A number above 0 that a ledger can hold; `None` if it is none."""
    try:
        amount = Decimal(number)
    except InvalidOperation:
        return None
    sane = amount.is_finite() and amount.adjusted() < _MOST_DIGITS
    return amount if sane and amount > 0 else None
