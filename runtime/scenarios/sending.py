"""The messages of a scenario: each goes out the moment it may."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import datetime

from ...compiler.plan import Plan
from ...compiler.plan.demands import Index
from ...compiler.plan.expressions import Expression, conjuncts
from ..decide.facts import holds, named
from ..decide.reference import facts_of
from ..delivery.gate import Gate
from ..ledger.contract import Ledger
from ..ledger.outbox import OutboxRow
from .came import CameMessage
from .world import World

_ALL = 1_000


def sent(
    plan: Plan, ledger: Ledger, world: World, channels: Collection[str], until: datetime
) -> Iterator[CameMessage]:
    """Send what is due, row by row at the instant of each; yield the messages that went out.

    Compliance, consent, quiet hours and message caps are asked at that instant, as in a run.
    """
    names = sorted(name for name in ledger.waiting_channels(until) if name in channels)
    while names:
        found = [row for name in names for row in _waiting(ledger, name, until)]
        if not found:
            return
        first = min(row.deliver_at for row in found)
        for row in (one for one in found if one.deliver_at == first):
            yield from _sent(plan, ledger, world, row)


def _waiting(ledger: Ledger, channel: str, until: datetime) -> list[OutboxRow]:
    with ledger.outbox() as outbox:
        return outbox.waiting(channel, until, _ALL)


def _sent(plan: Plan, ledger: Ledger, world: World, row: OutboxRow) -> Iterator[CameMessage]:
    gate = Gate(plan, _allowed(plan, world, row.deliver_at), _consents(world))
    with ledger.outbox() as outbox:
        sifted = gate.sift(outbox, [row], lambda one: one.deliver_at)
        outbox.settle(sifted.going, sifted.stopped)
        outbox.move(sifted.later)
    for one in sifted.going:
        yield CameMessage(one.identity.recipient, one.channel, one.body, one.deliver_at)


def _allowed(plan: Plan, world: World, at: datetime) -> Callable[[str, Collection[str]], set[str]]:
    index = Index(plan)

    def ask(campaign: str, recipients: Collection[str]) -> set[str]:
        checks = [
            part
            for check in named(plan.campaigns, campaign).checks
            for part in conjuncts(check.condition)
            if _of_the_customer(index, part)
        ]
        there = [one for one in recipients if world.customer(one) is not None]
        return {
            one
            for one in there
            if all(holds(check, facts_of(plan, world.rows, one, at, None)) for check in checks)
        }

    return ask


def _of_the_customer(index: Index, condition: Expression) -> bool:
    """Whether the condition depends on the customer alone, not on an event or the ledger."""
    asks_event = any(kind == "event" for kind, _ in index.closure([condition]))
    return not asks_event and not index.asks_ledger(condition)


def _consents(world: World) -> Callable[[str, Collection[str]], set[str]]:
    def ask(field: str, recipients: Collection[str]) -> set[str]:
        rows = world.customers(recipients)
        return {name for name, row in rows.items() if row[field]}

    return ask
