"""Late events: older than what was run already, and looked at by no run yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice

from sqlglot import exp

from ..compiler.plan import EventTrigger, Plan
from ..compiler.sql.columns import key_text, table, typed
from ..compiler.types import TEXT
from .facts import named
from .ledger.contract import Ledger
from .periods import Period
from .warehouse import Warehouse

AT_ONCE = 10_000
"""Keys that are held in memory at a time."""


def event_of(period: Period) -> str | None:
    """The event that the campaign waits for; nothing for a schedule."""
    trigger = period.campaign.steps[0].trigger
    return trigger.event if isinstance(trigger, EventTrigger) else None


def late_keys(
    plan: Plan, warehouse: Warehouse, ledger: Ledger, periods: Sequence[Period]
) -> dict[str, list[str]]:
    """By campaign, the keys of its late events; no entry where there are none."""
    found: dict[str, list[str]] = {}
    waiting: dict[str, list[Period]] = {}
    for period in periods:
        event = event_of(period)
        if event is not None and _stretch(period) is not None:
            waiting.setdefault(event, []).append(period)
    for event, concerned in sorted(waiting.items()):
        stretches = {each.campaign.name: _stretch(each) for each in concerned}
        known = [stretch for stretch in stretches.values() if stretch is not None]
        first, last = min(start for start, _ in known), max(end for _, end in known)
        rows = _keys(plan, warehouse, event, first, last)
        for key, at in _unseen(rows, ledger.seen(event)):
            for name, stretch in stretches.items():
                if stretch is not None and stretch[0] <= at <= stretch[1]:
                    found.setdefault(name, []).append(key)
    return found


def mark_looked_at(
    plan: Plan,
    warehouse: Warehouse,
    ledger: Ledger,
    periods: Sequence[Period],
    late: Mapping[str, Sequence[str]],
) -> None:
    """Keeps the keys of all events that the run has looked at, so that only new ones are late."""
    looked: dict[str, list[Period]] = {}
    for period in periods:
        event = event_of(period)
        if event is not None:
            looked.setdefault(event, []).append(period)
    for event, concerned in sorted(looked.items()):
        first = min(period.start for period in concerned)
        last = max(period.end for period in concerned)
        if first <= last:
            rows = _keys(plan, warehouse, event, first, last)
            keys = (key for key, _ in rows)
            # One transaction each: a run that is cut off looks at all of them again anyway.
            while some := list(islice(keys, AT_ONCE)):
                ledger.mark_seen(event, some)
        older = {key for period in concerned for key in late.get(period.campaign.name, ())}
        if older:
            ledger.mark_seen(event, sorted(older))


def _stretch(period: Period) -> tuple[datetime, datetime] | None:
    """Where a late event of the campaign can lie: both ends in."""
    campaign = period.campaign
    if period.done is None or period.floor is None:
        return None
    end = period.done if campaign.active_to is None else min(period.done, campaign.active_to)
    return (period.floor, end) if period.floor <= end else None


def _keys(
    plan: Plan, warehouse: Warehouse, event: str, first: datetime, last: datetime
) -> Iterator[tuple[str, datetime]]:
    """The keys of an event in [first, last] with their instants, in the order of the keys."""
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
    """Those of the rows whose keys are not among the seen: both come in the order of the keys."""
    known = iter(seen)
    next_seen = next(known, None)
    for key, at in rows:
        while next_seen is not None and next_seen < key:
            next_seen = next(known, None)
        if key != next_seen:
            yield key, at
