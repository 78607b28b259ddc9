"""The parameters of a run, and the deliveries at its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from ...compiler.plan import Plan
from ...compiler.plan.chance import NO_SEEDS, Seeds
from ..delivery import Channel, Delivered, Gate, deliver
from ..ledger.brakes.ended import Watched
from ..ledger.contract import Ledger
from ..warehouse.bad_rows import STANDARD_SHARE, Sound
from ..warehouse.contract import Warehouse
from ..warehouse.laid_over import Lacking, nothing_lacking
from .addresses import addresses, consents, longest_order
from .permission import still_allowed


@dataclass(frozen=True, slots=True)
class Work:
    """The parameters of a run. `digest` names the plan; `channels` are the project's, by name.

    `bad_share` is the share of a table's rows that may be left out; `None` stops at the first bad
    row. `seeds` are those of the plan's draws. `only`: the one campaign that is carried out.
    `observes`: the report has every new grant, and no reasons; without `explains` it has neither.
    `plain`: each decision is asked everything by itself, for comparison.
    `lacking`: events that count, though the warehouse may not have them yet. `sound`: the rows of
    the warehouse if they were looked through before; `None`: the run does.
    """

    plan: Plan
    digest: str
    warehouse: Warehouse
    ledger: Ledger
    channels: Mapping[str, Channel] = field(default_factory=dict)
    bad_share: Decimal | None = STANDARD_SHARE
    seeds: Seeds = NO_SEEDS
    only: str | None = None
    observes: bool = False
    explains: bool = True
    plain: bool = False
    lacking: Lacking = nothing_lacking
    sound: Sound | None = None


def deliver_due(work: Work, until: datetime) -> Delivered:
    """Deliver what is due, then alert of rewards that should have been delivered and were not."""
    try:
        done = _sent(work, until)
    finally:
        # A channel that cannot be used is when an alert is needed: the next run sends it.
        alerts = work.ledger.alert_overdue(work.plan, until)
    if alerts:
        done.add(_sent(work, until))
    return done


def _sent(work: Work, until: datetime) -> Delivered:
    waiting = work.ledger.waiting_recipients(until)
    allowed = still_allowed(work.plan, work.warehouse, until, waiting)
    gate = Gate(work.plan, allowed, consents(work.plan, work.warehouse))
    where = addresses(work.plan, work.warehouse)
    watched = Watched(work.plan, until)

    def once() -> Delivered:
        return deliver(work.ledger, work.channels, until, gate, where, watched=watched)

    done = once()
    # A message that failed on one channel may wait on the next by now, and so on.
    for _ in range(longest_order(work.plan) - 1):
        done.add(once())
    return done
