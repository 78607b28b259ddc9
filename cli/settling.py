"""`campaigner ledger claim|redeem|expire`: what becomes of offers and grants later."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import click

from ..dsl.diagnostics.diagnostic import Phrase
from .arguments.usage import incomplete, missing
from .codes.usage import GRANT_NUMBERS, ONE_GRANT
from .exits import FINDINGS, FINE
from .resources import firings_of, ledger_of
from .screen.speaking import speak
from .screen.tables import Column, show

if TYPE_CHECKING:
    from ..compiler.plan import Plan
    from ..compiler.project.settings import Settings
    from ..runtime.decide.decisions import Identity


def claim(
    project: Settings,
    plan: Plan,
    grants: Sequence[str],
    campaign: str | None,
    chosen: Sequence[str],
    by: str | None,
    moment: datetime,
) -> int:
    """`campaigner ledger claim`: the outcome; 1 where nothing was claimed now or before."""
    from ..compiler.plan.plan_json import digest

    numbers: list[int | None] = [None]
    if campaign is None or grants:
        numbers = [*_numbers(grants)]
    if len(numbers) != 1 or not chosen:
        raise incomplete(ONE_GRANT)
    if by is None:
        raise missing("--by")
    with ledger_of(project, "write") as ledger:
        number = numbers[0]
        if number is None and campaign is not None:
            number = ledger.last_offer(campaign, by, moment)
        if number is None:
            click.echo("unknown")
            return FINDINGS
        done = ledger.claim(plan, digest(plan), number, by, chosen, moment)
    click.echo(done.outcome if done.account is None else f"{done.outcome} {done.account}")
    return FINE if done.outcome in ("claimed", "already_claimed") else FINDINGS


def redeem(
    project: Settings,
    grants: Sequence[str],
    by: str | None,
    reward: str | None,
    moment: datetime,
) -> int:
    """`campaigner ledger redeem`: a line for each grant; 1 where one was not redeemed."""
    numbers = _numbers(grants)
    with ledger_of(project, "write") as ledger:
        done = [ledger.redeem(number, moment, by, reward) for number in numbers]
    columns = (
        Column("grant", number=True),
        Column("outcome"),
        Column("campaign"),
        Column("recipient"),
    )
    show(columns, [[str(one.number), one.outcome, *_of(one.identity)] for one in done])
    fine = all(one.outcome in ("redeemed", "already_redeemed") for one in done)
    return FINE if fine else FINDINGS


def expire(project: Settings, plan: Plan, moment: datetime) -> int:
    """`campaigner ledger expire`: a line for whatever has ended."""
    from ..compiler.plan.plan_json import digest
    from ..runtime.run.wallets import arrivals

    with ledger_of(project, "write") as ledger, firings_of(project, plan, ledger) as fires:
        done = arrivals.expire(plan, digest(plan), ledger, fires, moment)
        served = ledger.serve(plan, digest(plan), moment, fires)
    columns = (
        Column("grant", number=True),
        Column("campaign"),
        Column("recipient"),
        Column("reward"),
        Column("at"),
        Column("returned"),
        Column("lost", number=True),
    )
    rows = [
        [
            str(one.number),
            *_of(one.identity),
            one.reward,
            one.at.isoformat(),
            "yes" if one.returned else "no",
            str(one.lost),
        ]
        for one in done
    ]
    show(columns, rows)
    if served:
        speak(Phrase("settling.served", count=f"{len(served):,}"))
    return FINE


def _of(identity: Identity | None) -> list[str]:
    return ["", ""] if identity is None else [identity.campaign, identity.recipient]


def _numbers(grants: Sequence[str]) -> list[int]:
    numbers = [int(grant) for grant in grants if grant.isdecimal() and len(grant) < 19]
    if not numbers or len(numbers) != len(grants):
        raise incomplete(GRANT_NUMBERS)
    return numbers
