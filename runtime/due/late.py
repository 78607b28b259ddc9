"""Late events, rows of histories and timers: older than the last run, and not yet seen by any run.

A trigger that waits for customers to enter something reads the events of its condition. It reads
as far back as a window reaches from the first instant that it ever decided.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from heapq import merge
from itertools import groupby, islice
from typing import Literal
from zoneinfo import ZoneInfo

from sqlglot import exp

from ...compiler.plan import (
    AllDoneTrigger,
    EnteringTrigger,
    EventAggregate,
    EventPick,
    EventTrigger,
    Plan,
    TimerTrigger,
)
from ...compiler.plan.calendar_ends import FIRST_DECIDED
from ...compiler.plan.demands import Index
from ...compiler.plan.steps import StepKey, kinds_read
from ...compiler.plan.types import TEXT
from ...compiler.sql.columns import key_text, table, typed
from ...compiler.sql.windows import earliest
from ..decide.braking.watchers import is_watching, watched
from ..decide.claimers import claims_from
from ..decide.facts import named
from ..decide.reversing.reversers import is_reversing
from ..ledger.contract import Ledger
from ..warehouse.contract import Answer, Warehouse
from ..warehouse.text_sets import Distinct
from .history_marks import history_marks
from .periods import Period
from .step_marks import comings, group_of_comings, later_steps
from .timer_marks import group_of_timers, key_of, marks, timed

AT_ONCE = 10_000
"""The most keys in memory at a time."""


Of = Literal["trigger", "claims", "entering", "reversals", "alarms"]


@dataclass(frozen=True, slots=True)
class Look:
    """The events of one kind that a run reads: for a step's trigger, claims, reversals or alarms.

    `entering`: for what customers enter or leave. Late events lie from `since` to `until`, both
    included; both are `None` if the run does not read late events. `past`: the rows of a field's
    history, of which the run reads those that hold at `start` too if `is_first`.
    """

    key: StepKey
    of: Of
    event: str
    start: datetime
    end: datetime
    since: datetime | None
    until: datetime | None
    past: bool = False
    is_first: bool = False

    @property
    def group(self) -> str:
        """The name of its late keys among those of all looks."""
        if self.of == "entering":
            return group_of_entering(self.key, self.event)
        return group_of(self.key, self.of, self.event)


def group_of(key: StepKey, of: Of, event: str) -> str:
    """The late keys of a kind of event, for a step's trigger, its claims, or its reversals."""
    return " ".join((*key, of, event))


def group_of_entering(key: StepKey, event: str) -> str:
    """The name of the late keys of one kind that say who enters something."""
    return " ".join((*key, "entering", event))


def looks(plan: Plan, periods: Sequence[Period]) -> Iterator[Look]:
    """Yield the looks of all campaigns."""
    index = Index(plan)
    for period in periods:
        campaign = period.campaign
        trigger, claims = period.step.trigger, claims_from(period.step)
        of_events = isinstance(trigger, EventTrigger | AllDoneTrigger)
        if of_events and period.step.follows is None:
            end, last = period.done, campaign.active_to
            until = min(end, last) if end is not None and last is not None else end
            for event in kinds_read(campaign, period.step):
                yield _look("trigger", event, period, period.floor, until)
        if isinstance(trigger, EnteringTrigger):
            yield from _looks_of_entering(index, period, trigger)
        if claims is not None:
            # A customer may claim an offer of the campaign's time after it.
            yield _look("claims", claims.event, period, period.claims, period.done)
        reversal = period.campaign.reversal
        if reversal is not None and is_reversing(period.campaign, period.step):
            # An event may take back a grant of the campaign's time after it.
            yield _look("reversals", reversal.event, period, period.claims, period.done)
        if is_watching(period.campaign, period.step):
            for event in watched(period.campaign):
                yield _look("alarms", event, period, period.claims, period.done)


def _looks_of_entering(index: Index, period: Period, trigger: EnteringTrigger) -> Iterator[Look]:
    """Yield the looks at the events that a condition reads.

    The first run up to an instant also reads, and so marks, the older ones that its windows hold.
    """
    zone = ZoneInfo(index.plan.time_zone)
    starts = instants_read(index, zone, trigger, period.floor or period.start)
    last = period.campaign.active_to
    until = period.done if last is None else min(period.done or last, last)
    for event, start in starts.items():
        first = min(start, period.start) if period.is_first else period.start
        look = _look("entering", event, period, start, until if period.done else None)
        past = index.events[event].past_of is not None
        yield replace(look, start=first, past=past, is_first=period.is_first)


def instants_read(
    index: Index, zone: ZoneInfo, trigger: EnteringTrigger, first: datetime
) -> dict[str, datetime]:
    """By event, the first instant of the events that say who enters something from `first` on."""
    following = trigger.instants(zone, index.plan.holidays, first, first + _FOLLOWING)
    at = next(following, first)
    asked = trigger.asked(zone, index.plan.holidays, (at,))[at]
    now = asked.before or asked.during[0]
    keys = index.closure([trigger.condition])
    features = [index.features[name] for kind, name in keys if kind == "feature"]
    events = index.plan.events
    cancelled = {one.name: one.cancelled_by for one in events if one.cancelled_by is not None}
    found: dict[str, datetime] = {}
    for event in index.events_read([trigger.condition]):
        # An event that cancels others changes what they say.
        counted = {event, *(name for name, one in cancelled.items() if one.event == event)}
        windows = [
            one.window
            for one in features
            if isinstance(one, EventAggregate | EventPick) and one.event in counted
        ]
        starts = [earliest((now, now), window) or FIRST_DECIDED for window in windows]
        found[event] = min(starts)
    # A row of a history counts as long as it holds, so those that hold at the instant are enough.
    return found | dict.fromkeys(index.pasts_read([trigger.condition]), now)


_FOLLOWING = timedelta(days=400)
"""Within it nearly every schedule comes again; if one does not, nothing is read less."""


def _look(
    of: Of,
    event: str,
    period: Period,
    since: datetime | None,
    until: datetime | None,
) -> Look:
    if since is None or until is None or since > until:
        since = until = None
    return Look(period.key, of, event, period.start, period.end, since, until)


@dataclass(frozen=True, slots=True)
class LateKeys:
    """By the groups of looks, the keys of their late events, and the time of the first of them."""

    keys: Distinct = field(default_factory=Distinct)
    firsts: dict[str, datetime] = field(default_factory=dict)

    def add(self, group: str, key: str, at: datetime) -> None:
        """Add an event."""
        self.keys.add(group, key)
        self.firsts[group] = min(at, self.firsts.get(group, at))


def late_keys(
    plan: Plan, warehouse: Warehouse, ledger: Ledger, periods: Sequence[Period]
) -> LateKeys:
    """By the groups of looks, the keys of their late events; of timers, the marks of late ones."""
    found = LateKeys()
    marked = [
        *((period, group_of_timers(period.key), marks) for period in timed(periods)),
        *((period, group_of_comings(period.key), comings) for period in later_steps(periods)),
    ]
    for period, group, marks_of in marked:
        first, last = period.floor, period.done
        if first is not None and last is not None and first <= last:
            known = ((mark, last) for mark in marks_of(plan, warehouse, period, first, last))
            unseen = _unseen(known, ledger.events_read(group))
            found.keys.add_all(group, (mark for mark, _ in unseen))
    waiting: dict[str, list[tuple[str, datetime, datetime]]] = {}
    for look in looks(plan, periods):
        if look.since is not None and look.until is not None:
            own = (look.group, look.since, look.until)
            if look.past:
                rows = history_marks(
                    plan, warehouse, ledger.hides(), look.event, *own[1:], before=True
                )
                for mark, at in _unseen(rows, ledger.events_read(look.event)):
                    found.add(look.group, mark, at)
            else:
                waiting.setdefault(look.event, []).append(own)
    for event, stretches in sorted(waiting.items()):
        first = min(since for _, since, _ in stretches)
        last = max(until for _, _, until in stretches)
        rows = _keys(plan, warehouse, event, first, last)
        for key, at in _unseen(rows, ledger.events_read(event)):
            for name, since, until in stretches:
                if since <= at <= until:
                    found.add(name, key, at)
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
    for period in later_steps(periods):
        group = group_of_comings(period.key)
        _mark(ledger, group, comings(plan, warehouse, period, period.start, period.end))
        _mark(ledger, group, late.in_order(group))
    looked: dict[str, list[Look]] = {}
    for look in looks(plan, periods):
        looked.setdefault(look.event, []).append(look)
    for event, concerned in sorted(looked.items()):
        first = min(look.start for look in concerned)
        last = max(look.end for look in concerned)
        if first <= last and concerned[0].past:
            before = any(look.is_first for look in concerned)
            rows = history_marks(plan, warehouse, ledger.hides(), event, first, last, before=before)
            _mark(ledger, event, (mark for mark, _ in rows))
        elif first <= last:
            # Their instants are not asked for, since making them takes as long as the keys.
            answer = _asked(plan, warehouse, event, first, last, with_moment=False)
            _mark(ledger, event, (key for (key,) in answer.rows()))
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
    answer = _asked(plan, warehouse, event, first, last, with_moment=True)
    for key, moment in answer.rows():
        yield key, moment.replace(tzinfo=UTC)


def _asked(
    plan: Plan,
    warehouse: Warehouse,
    event: str,
    first: datetime,
    last: datetime,
    *,
    with_moment: bool,
) -> Answer:
    """Ask for the keys of an event in [first, last], ordered by key."""
    kind = named(plan.events, event)
    dialect = warehouse.dialect
    at, key = typed(dialect, kind.at), key_text(dialect, kind.key)
    columns = [exp.alias_(key, "key"), exp.alias_(at, "moment")]
    query = (
        exp.select(*columns[: 1 + with_moment])
        .from_(table(kind.table))
        .where(
            exp.Between(this=at.copy(), low=dialect.timestamp(first), high=dialect.timestamp(last))
        )
        .order_by(dialect.ordered(key.copy(), TEXT))
    )
    return warehouse.ask(query.sql(dialect.sqlglot))


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


def groups_of(period: Period) -> list[str]:
    """Return the groups of a step's late events, one a kind, of its timers, or of its moments."""
    if isinstance(period.step.trigger, TimerTrigger):
        return [group_of_timers(period.key)]
    if period.step.follows is not None:
        return [group_of_comings(period.key)]
    kinds = kinds_read(period.campaign, period.step)
    return [group_of(period.key, "trigger", kind) for kind in kinds]


def keys_of(period: Period, late: Distinct, groups: Sequence[str]) -> Iterator[str]:
    """Return the keys of these groups, in order, each once."""
    keys = (key for key, _ in groupby(merge(*(late.in_order(group) for group in groups))))
    return map(key_of, keys) if isinstance(period.step.trigger, TimerTrigger) else keys
