"""Late events and timers: older than the last run, and not yet seen by any run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from heapq import merge
from itertools import groupby, islice
from typing import Literal

from sqlglot import exp

from ...compiler.plan import EventTrigger, Plan
from ...compiler.plan.steps import StepKey
from ...compiler.plan.types import TEXT
from ...compiler.sql.columns import key_text, table, typed
from ..decide.claimers import claims_from
from ..decide.facts import named
from ..ledger.contract import Ledger
from ..warehouse.contract import Warehouse
from ..warehouse.text_sets import Distinct
from .periods import Period
from .timer_marks import group_of_timers, marks, timed

AT_ONCE = 10_000
"""The most keys in memory at a time."""


@dataclass(frozen=True, slots=True)
class Look:
    """The events of one kind that a run reads: for a step's trigger, or for claims of its offers.

    Late events lie from `since` to `until`, both included; both are `None` if the run does not
    read late events.
    """

    key: StepKey
    of: Literal["trigger", "claims"]
    event: str
    start: datetime
    end: datetime
    since: datetime | None
    until: datetime | None

    @property
    def group(self) -> str:
        """The name of its late keys among those of all looks."""
        return group_of(self.key, self.of)


def group_of(key: StepKey, of: Literal["trigger", "claims"]) -> str:
    """The name of the late keys of a step's trigger, or of its claims."""
    return " ".join((*key, of))


def looks(periods: Sequence[Period]) -> Iterator[Look]:
    """Yield the looks of all campaigns."""
    for period in periods:
        campaign = period.campaign
        trigger, claims = period.step.trigger, claims_from(period.step)
        if isinstance(trigger, EventTrigger):
            end, last = period.done, campaign.active_to
            until = min(end, last) if end is not None and last is not None else end
            yield _look("trigger", trigger.event, period, period.floor, until)
        if claims is not None:
            # What was offered in the campaign's time may be claimed after it.
            yield _look("claims", claims.event, period, period.claims, period.done)


def _look(
    of: Literal["trigger", "claims"],
    event: str,
    period: Period,
    since: datetime | None,
    until: datetime | None,
) -> Look:
    if since is None or until is None or since > until:
        since = until = None
    return Look(period.key, of, event, period.start, period.end, since, until)


def late_keys(
    plan: Plan, warehouse: Warehouse, ledger: Ledger, periods: Sequence[Period]
) -> Distinct:
    """By the groups of looks, the keys of their late events; of timers, the marks of late ones."""
    found = Distinct()
    for period in timed(periods):
        first, last = period.floor, period.done
        if first is not None and last is not None and first <= last:
            group = group_of_timers(period.key)
            known = ((mark, last) for mark in marks(plan, warehouse, period, first, last))
            found.add_all(group, (mark for mark, _ in _unseen(known, ledger.events_read(group))))
    waiting: dict[str, list[tuple[str, datetime, datetime]]] = {}
    for look in looks(periods):
        if look.since is not None and look.until is not None:
            waiting.setdefault(look.event, []).append((look.group, look.since, look.until))
    for event, stretches in sorted(waiting.items()):
        first = min(since for _, since, _ in stretches)
        last = max(until for _, _, until in stretches)
        rows = _keys(plan, warehouse, event, first, last)
        for key, at in _unseen(rows, ledger.events_read(event)):
            for name, since, until in stretches:
                if since <= at <= until:
                    found.add(name, key)
    return found


def mark_looked_at(
    plan: Plan,
    warehouse: Warehouse,
    ledger: Ledger,
    periods: Sequence[Period],
    late: Distinct,
) -> None:
    """Store the keys of all events and timers that the run has read: only others are late."""
    for period in timed(periods):
        group = group_of_timers(period.key)
        own = marks(plan, warehouse, period, period.start, period.end)
        _mark(ledger, group, own)
        _mark(ledger, group, late.in_order(group))
    looked: dict[str, list[Look]] = {}
    for look in looks(periods):
        looked.setdefault(look.event, []).append(look)
    for event, concerned in sorted(looked.items()):
        first = min(look.start for look in concerned)
        last = max(look.end for look in concerned)
        if first <= last:
            _mark(ledger, event, (key for key, _ in _keys(plan, warehouse, event, first, last)))
        older = merge(*(late.in_order(look.group) for look in concerned))
        _mark(ledger, event, (key for key, _ in groupby(older)))


def _mark(ledger: Ledger, event: str, keys: Iterator[str]) -> None:
    """Store keys in transactions of `AT_ONCE`. A run that is cut off reads all of them again."""
    while some := list(islice(keys, AT_ONCE)):
        ledger.mark_seen(event, some)


def _keys(
    plan: Plan, warehouse: Warehouse, event: str, first: datetime, last: datetime
) -> Iterator[tuple[str, datetime]]:
    """Yield the keys of an event in [first, last] with their instants, ordered by key."""
    kind = named(plan.events, event)
    dialect = warehouse.dialect
    at, key = typed(dialect, kind.at), key_text(dialect, kind.key)
    query = (
        exp.select(exp.alias_(key, "key"), exp.alias_(at, "moment"))
        .from_(table(kind.table))
        .where(
            exp.Between(this=at.copy(), low=dialect.timestamp(first), high=dialect.timestamp(last))
        )
        .order_by(dialect.ordered(key.copy(), TEXT))
    )
    for key, moment in warehouse.ask(query.sql(dialect.sqlglot)).rows():
        yield key, moment.replace(tzinfo=UTC)


def _unseen(
    rows: Iterable[tuple[str, datetime]], seen: Iterable[str]
) -> Iterator[tuple[str, datetime]]:
    """Yield the rows whose keys are not in `seen`; both are ordered by key."""
    known = iter(seen)
    next_seen = next(known, None)
    for key, at in rows:
        while next_seen is not None and next_seen < key:
            next_seen = next(known, None)
        if key != next_seen:
            yield key, at
