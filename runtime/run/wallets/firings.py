"""The campaigns that wallets fire, decided by the reference over rows of the warehouse.

The ledger asks in the middle of a transaction, about one customer at a time. So the rows of those
whom a batch may concern are read before it, together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from ....compiler.plan import Campaign, Plan
from ....compiler.plan.calendar import WallClock
from ....compiler.plan.chance import NO_SEEDS, Seeds
from ....compiler.plan.steps import step_of
from ....compiler.plan.triggers import is_open
from ...decide.active import is_active
from ...decide.deciding import Occasion, decision_of
from ...decide.decisions import Decision, Result
from ...decide.facts import CustomerFacts, Row, moment, named
from ...decide.grant_gate import GrantGate
from ...decide.patterns.cancelled import cancellations, cancelled_at, seen
from ...decide.wallets.reached import Reached, thresholds
from ...ledger.contract import Ledger
from ...ledger.draws.revealed import Revealed


class FiringRows(Protocol):
    """The reads of a warehouse that firing needs; see `WarehouseRows`."""

    @property
    def plan(self) -> Plan:
        """The plan whose tables they are."""

    def customer(self, key: str) -> Row | None:
        """The customer's current row; `None` if there is no such customer."""

    def customers(self, keys: Collection[str]) -> dict[str, Row]:
        """The rows of those customers that exist, by key."""

    def events_of(
        self, event: str, column: str, values: Collection[str], until: datetime
    ) -> Iterator[tuple[str, Row]]:
        """The events of one kind up to an instant whose column has one of these values."""


Fresh = Callable[[str, str], Iterable[Row]]
"""Returns events (of a kind, of a customer) that the warehouse may not have yet."""


def nothing_fresh(_: str, __: str) -> Iterable[Row]:
    """Return no events: the warehouse has all of them."""
    return ()


@dataclass(slots=True)
class _Known:
    """The rows of some customers: events of a kind are read for all of them on first use."""

    rows: FiringRows
    fresh: Fresh
    until: datetime
    customers: Mapping[str, Row]
    events: dict[str, Mapping[str, Sequence[Row]]] = field(default_factory=dict)

    def of_kind(self, kind: str) -> Mapping[str, Sequence[Row]]:
        """The events of a kind, by customer."""
        if kind not in self.events:
            found = self._read(kind)
            by = cancellations(self.rows.plan).get(kind)
            if by is not None:
                others = self.of_kind(by.event)
                for owner, own in found.items():
                    instants = cancelled_at(by, others.get(owner, ()))
                    found[owner] = [seen(row, instants) for row in own]
            self.events[kind] = found
        return self.events[kind]

    def _read(self, kind: str) -> dict[str, list[Row]]:
        """Read the events of a kind, by customer."""
        found: dict[str, list[Row]] = defaultdict(list)
        column = named(self.rows.plan.events, kind).customer
        names = sorted(self.customers)
        for owner, row in self.rows.events_of(kind, column, names, self.until):
            found[owner].append(row)
        for owner in names:
            known = {moment(row) for row in found[owner]}
            more = (row for row in self.fresh(kind, owner) if moment(row) not in known)
            found[owner].extend(more)
        return found


@dataclass(frozen=True, slots=True)
class _Histories(Mapping[str, Sequence[Row]]):
    """A customer's events by kind."""

    known: _Known
    customer: str

    def __getitem__(self, kind: str) -> Sequence[Row]:
        return self.known.of_kind(kind).get(self.customer, ())

    def __iter__(self) -> Iterator[str]:
        return iter(one.name for one in self.known.rows.plan.events)

    def __len__(self) -> int:
        return len(self.known.rows.plan.events)


class WalletFirings:
    """The `Firings` of a plan over a warehouse.

    `taken` has the decisions that `drain` has not returned yet. `notes` is called with each.
    """

    def __init__(
        self,
        plan: Plan,
        ledger: Ledger,
        rows: FiringRows,
        seeds: Seeds = NO_SEEDS,
        fresh: Fresh = nothing_fresh,
    ) -> None:
        self.taken: list[tuple[Decision, Result]] = []
        self.notes: Callable[[Decision], None] | None = None
        self._plan = plan
        self._rows = rows
        self._seeds = seeds
        self._fresh = fresh
        self._zone = ZoneInfo(plan.time_zone)
        self._gate = GrantGate(plan, ledger)
        self._revealed = Revealed(plan, ledger)
        self._known: _Known | None = None
        self._wallets = thresholds(plan)
        fired = {one.key.campaign for some in self._wallets.values() for one in some}
        self._is_timed = any(_is_timed(one) for one in plan.campaigns if one.name in fired)

    @property
    def is_timed(self) -> bool:
        """Whether anything that fires ends or is delivered by itself later."""
        return self._is_timed

    def may_be_timed(self, asked: object) -> bool:
        """Whether a decision may fire something that ends or is delivered by itself later."""
        return (
            isinstance(asked, Decision)
            and self._is_timed
            and any(line.reward in self._wallets for line in (*asked.lines, *asked.fallback))
        )

    def prepare(self, customers: Collection[str], until: datetime) -> None:
        """See `Firings.prepare`."""
        found = self._rows.customers(customers)
        self._known = _Known(self._rows, self._fresh, until, found)

    def begin(self) -> None:
        """See `Firings.begin`."""
        self.taken = []

    def took(self, decision: Decision, result: Result) -> None:
        """See `Firings.took`."""
        self.taken.append((decision, result))
        if self.notes is not None:
            self.notes(decision)

    def drain(self) -> list[tuple[Decision, Result]]:
        """Return what was taken since the last call."""
        taken, self.taken = self.taken, []
        return taken

    def decision(self, reached: Reached) -> Decision | None:
        """See `Firings.decision`."""
        key, at = reached.threshold.key, reached.at
        campaign = named(self._plan.campaigns, key.campaign)
        step = step_of(campaign, key.step)
        if not (is_active(campaign, at) and is_open(self._zone, step.trigger.opening, at)):
            return None
        known = self._known_of(reached.customer, at)
        row = known.customers.get(reached.customer)
        if row is None:
            return None
        clock = WallClock(at, self._zone)
        histories = _Histories(known, reached.customer)
        own = CustomerFacts(self._plan, row, histories, None, clock, tuple)
        facts = self._gate.facts(key, reached.occurrence, reached.customer, own)
        occasion = Occasion(reached.customer, reached.occurrence, facts, self._rows.customer)
        found = decision_of(self._plan, campaign, step, occasion, self._seeds)
        return None if found is None or self._revealed.refuses(found) else found

    def _known_of(self, customer: str, at: datetime) -> _Known:
        """Return rows with this customer in them, read now if nobody expected the customer."""
        known = self._known
        if known is None or customer not in known.customers or at > known.until:
            found = self._rows.customers([customer])
            return _Known(self._rows, self._fresh, at, found)
        return known


def _is_timed(campaign: Campaign) -> bool:
    """Whether a campaign grants what ends or is delivered later, or is a journey that goes on."""
    if campaign.steps[1:]:
        return True
    rewards = (step.reward for step in campaign.steps)
    return any(one is not None and (one.expires_after or one.deliver_on) for one in rewards)
