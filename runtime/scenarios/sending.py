"""The messages of a scenario: each goes out the moment it may."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime

from ...compiler.plan import Campaign, Plan
from ...compiler.plan.demands import Index
from ...compiler.plan.expressions import Expression, conjuncts
from ..decide.facts import holds
from ..decide.reference import facts_of
from ..delivery.gate import Gate
from ..ledger.contract import Ledger
from ..ledger.outbox import OutboxRow
from .came import CameMessage
from .world import World

_ALL = 1_000


def checks_of_customer(plan: Plan, campaign: Campaign) -> tuple[Expression, ...]:
    """The checks that are asked again when a message goes out: those of the customer alone."""
    index = Index(plan)
    return tuple(
        part
        for check in campaign.checks
        for part in conjuncts(check.condition)
        if _of_the_customer(index, part)
    )


def _of_the_customer(index: Index, condition: Expression) -> bool:
    """Whether the condition depends on the customer alone, not on an event or the ledger."""
    asks_event = any(kind == "event" for kind, _ in index.closure([condition]))
    return not asks_event and not index.asks_ledger(condition)


class Sender:
    """Sends the messages of one scenario; `checks` are those of `checks_of_customer`."""

    def __init__(
        self,
        plan: Plan,
        checks: Sequence[Expression],
        ledger: Ledger,
        world: World,
        channels: Collection[str],
    ) -> None:
        self._plan = plan
        self._checks = checks
        self._ledger = ledger
        self._world = world
        self._channels = channels
        self._gate = Gate(plan, self._allowed, self._consenting)
        self._now = datetime.min.replace(tzinfo=UTC)

    def sent(self, until: datetime) -> Iterator[CameMessage]:
        """Send what is due, row by row at the instant of each; yield the messages that went out.

        Compliance, consent, quiet hours and message caps are asked at that instant, as in a run.
        """
        waiting = self._ledger.waiting_channels(until)
        names = sorted(name for name in waiting if name in self._channels)
        while names:
            found = [row for name in names for row in self._waiting(name, until)]
            if not found:
                return
            first = min(row.deliver_at for row in found)
            for row in (one for one in found if one.deliver_at == first):
                yield from self._sent(row)

    def _waiting(self, channel: str, until: datetime) -> list[OutboxRow]:
        with self._ledger.outbox() as outbox:
            return outbox.waiting(channel, until, _ALL)

    def _sent(self, row: OutboxRow) -> Iterator[CameMessage]:
        self._now = row.deliver_at
        with self._ledger.outbox() as outbox:
            sifted = self._gate.sift(outbox, [row], lambda one: one.deliver_at)
            outbox.settle(sifted.going, sifted.stopped)
            outbox.move(sifted.later)
        for one in sifted.going:
            yield CameMessage(one.identity.recipient, one.channel, one.body, one.deliver_at)

    def _allowed(self, _: str, recipients: Collection[str]) -> set[str]:
        there = [one for one in recipients if self._world.customer(one) is not None]
        return {one for one in there if self._is_allowed(one)}

    def _is_allowed(self, customer: str) -> bool:
        facts = facts_of(self._plan, self._world.rows, customer, self._now, None)
        return all(holds(check, facts) for check in self._checks)

    def _consenting(self, field: str, recipients: Collection[str]) -> set[str]:
        rows = self._world.customers(recipients)
        return {name for name, row in rows.items() if row[field]}
