"""The changes of `campaigner ledger`: reversals, manual grants, migrations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from ..dsl.diagnostics.diagnostic import CannotRun, Phrase, diagnose
from ..runtime.codes import ledger as codes
from .arguments.usage import incomplete, missing
from .codes.usage import GRANT_NUMBERS
from .exits import FINDINGS, FINE
from .resources import ledger_of, migrate_ledger
from .screen.speaking import speak
from .screen.tables import Column, show

if TYPE_CHECKING:
    from ..compiler.plan import Plan
    from ..compiler.plan.steps import StepKey
    from ..compiler.project.settings import Settings
    from ..runtime.decide.decisions import Line


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
    reason = _said(reason, "--reason")
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

    recipient, name = _said(customer, "--customer"), _said(name, "--name")
    given, reason = _said(reward, "--reward"), _said(reason, "--reason")
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
    with ledger_of(project, "write") as ledger:
        result = ledger.grant_by_hand(plan, decision, digest(plan), name, reason)
    click.echo(result.outcome if result.account is None else f"{result.outcome} {result.account}")
    return FINE if result.outcome in ("granted", "already_granted") else FINDINGS


def _said(value: str | None, option: str) -> str:
    if value is None or not value.strip():
        raise missing(option)
    return value


def _line(plan: Plan, words: str, now: datetime) -> Line:
    """`coffee`, `20 cash`, `100 points`: what is given."""
    from ..compiler.plan.calendar import shift
    from ..compiler.plan.types import minor_unit
    from ..compiler.plan.values import Length
    from ..runtime.decide.decisions import Line

    for benefit in plan.benefits:
        if benefit.name == words:
            after = benefit.expires_after
            length = None if after is None else Length(after.count, after.unit)
            until = None if length is None else shift(ZoneInfo(plan.time_zone), now, length, +1)
            cost = benefit.cost
            back = bool(benefit.returns)
            return Line(
                words, benefit.value, plan.currency, cost, benefit.name, until, returns=back
            )
    number, _, unit = words.partition(" ")
    try:
        amount = Decimal(number)
    except InvalidOperation:
        amount = Decimal(0)
    digits = minor_unit(plan.currency) if unit == "cash" else 0
    sane = amount.is_finite() and amount.adjusted() < _MOST_DIGITS
    whole = sane and amount == round(amount, digits)
    if not whole or amount <= 0 or unit not in {"cash", *_wallets(plan)}:
        raise CannotRun(diagnose(codes.NO_SUCH_REWARD, None, reward=words))
    if unit == "cash":
        return Line("cash", amount, plan.currency, amount, None, None)
    return Line(unit, amount, unit, Decimal(0), None, None)


def _wallets(plan: Plan) -> set[str]:
    """The wallets that some campaign gives into."""
    from ..compiler.plan import WalletLine

    return {
        line.wallet
        for campaign in plan.campaigns
        for step in campaign.steps
        if step.reward is not None
        for branch in step.reward.branches
        for line in branch.lines
        if isinstance(line, WalletLine)
    }
