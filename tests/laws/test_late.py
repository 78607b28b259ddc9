"""`run --at`, twice, with events that come after the run that they should have been in.

The first run decides on the events so far. The second decides on newer events, and on late ones
at their own time. Earlier decisions are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from campaigner.compiler.plan import Campaign, EventTrigger, Pattern, Plan, TimerTrigger
from campaigner.compiler.plan.data import SINCE
from campaigner.compiler.plan.steps import step_of
from campaigner.compiler.plan.types import DATE, TIMESTAMP
from campaigner.runtime.decide.decisions import Decision, Identity
from campaigner.runtime.decide.reference import Rows
from campaigner.runtime.due.schedule import due
from hypothesis import given, note
from hypothesis import strategies as st

from ..strategies import Wanted, cases
from . import at_most
from .cases import LATE, Case, compile_case, to_json
from .engines import reference
from .runs import house
from .timing import all_timers

INSTANT = timedelta(microseconds=1)


def without(plan: Plan, case: Case, keys: frozenset[str]) -> Case:
    """The case before these events have come."""
    tables = dict(case.tables)
    for event in plan.events:
        if event.past_of is not None:
            continue
        table = tables[event.table]
        place = list(table.kinds).index(event.key)
        kept = tuple(row for row in table.rows if str(row[place]) not in keys)
        tables[event.table] = replace(table, rows=kept)
    return replace(case, tables=tables)


def start_of_day(plan: Plan, instant: datetime) -> datetime:
    zone = ZoneInfo(plan.time_zone)
    day = instant.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return day.astimezone(instant.tzinfo)


def late_of(
    campaign: Campaign, rows: Rows, keys: frozenset[str], between: tuple[datetime, datetime]
) -> frozenset[str]:
    """Those events of the campaign that the first run should have seen."""
    trigger = step_of(campaign).trigger
    assert isinstance(trigger, EventTrigger)
    return frozenset(
        str(row["key"])
        for history in rows.histories[trigger.event].values()
        for row in history
        if str(row["key"]) in keys and between[0] <= row["at"] <= between[1]
    )


def corrected(draw: Callable[..., Any], plan: Plan, case: Case) -> Case:
    """The case with other dates in some fields, which are to be corrected later."""
    tables = dict(case.tables)
    owners = [(plan.customers.table, plan.customers.fields)]
    owners += [(one.table, one.fields) for one in plan.events if one.past_of is None]
    for name, fields in owners:
        table = tables[name]
        for field in fields:
            if field.type not in (DATE, TIMESTAMP) or field.name == SINCE:
                continue
            place = list(table.kinds).index(field.column)
            values = draw(st.permutations([row[place] for row in table.rows]))
            rows = (
                (*row[:place], value, *row[place + 1 :])
                for row, value in zip(table.rows, values, strict=True)
            )
            table = replace(table, rows=tuple(rows))
        tables[name] = table
    return replace(case, tables=tables)


def expected(
    plan: Plan, early: Case, case: Case, keys: frozenset[str], first: datetime, last: datetime
) -> Iterator[Decision]:
    rows = case.rows(plan)
    for campaign in plan.campaigns:
        name, floor = campaign.name, start_of_day(plan, first)
        late = frozenset[str]()
        if isinstance(step_of(campaign).trigger, TimerTrigger):
            floor = campaign.active_from or floor
            between = (floor, first)
            every = (early.rows(plan), rows)
            seen, known = (all_timers(plan, campaign, one, between) for one in every)
            marked = {(one.at, one.key) for one in seen}
            late = frozenset(one.key for one in known if (one.at, one.key) not in marked)
        elif isinstance(step_of(campaign).trigger, EventTrigger):
            floor = campaign.active_from or floor
            end = first if campaign.active_to is None else min(first, campaign.active_to)
            late = late_of(campaign, rows, keys, (floor, end))
        if floor <= first:
            yield from reference(plan, name, early, due(plan, name, floor, first))
        table = LATE if late else None
        since = due(plan, name, first + INSTANT, last, table, late_since=floor)
        yield from reference(plan, name, replace(case, late=late), since)


def enter(plan: Plan, decided: dict[Identity, Decision], one: Decision) -> None:
    """Enter a decision that is new, for those multiples of a sum that no other has."""
    if one.identity in decided:
        return
    if one.times is not None:
        campaign = next(each for each in plan.campaigns if each.name == one.identity.campaign)
        pattern = step_of(campaign).trigger.pattern
        assert pattern is not None
        held = {number for each in decided.values() for number in multiples(each, one, pattern)}
        mine = set(multiples(one, one, pattern))
        left = len(mine - held)
        if not left:
            return
        lines = tuple(
            replace(line, amount=line.amount * left // one.times) if line.by_times else line
            for line in one.lines
        )
        one = one._replace(lines=lines)
    decided[one.identity] = one


def multiples(one: Decision, other: Decision, pattern: Pattern) -> list[Decimal]:
    """The multiples that a decision crossed, if it is of the same card as another."""
    *card, occurrence = one.identity
    *cards, others = other.identity
    period, _, last = occurrence.rpartition(" ")
    if card != cards or period != others.rpartition(" ")[0] or one.times is None:
        return []
    return [Decimal(last) - number * pattern.amount for number in range(one.times)]


@at_most(8)
@given(cases(Wanted(campaigns=2, depth=1, ledger=False, timers=2), late=False), st.data())
def test_late_events_are_decided_when_they_come(case, data):
    note(to_json(case))
    plan = compile_case(case)
    keys = sorted(
        {
            str(row["key"])
            for histories in case.rows(plan).histories.values()
            for history in histories.values()
            for row in history
        }
    )
    withheld = frozenset(data.draw(st.lists(st.sampled_from(keys), max_size=4)) if keys else ())
    first = data.draw(
        st.datetimes(case.start.replace(tzinfo=None), case.end.replace(tzinfo=None))
    ).replace(tzinfo=case.start.tzinfo)
    early = without(plan, corrected(data.draw, plan, case), withheld)
    decided: dict[Identity, Decision] = {}
    for one in expected(plan, early, case, withheld, first, case.end):
        enter(plan, decided, one)
    with house(early, plan) as lived:
        lived.carry_out_at(first)
        lived.holds(case)
        lived.carry_out_at(case.end)
        whole = lived.kept()
        lived.carry_out_at(case.end)
        assert lived.kept() == whole
        with lived.opened() as (_, ledger):
            assert all(ledger.decision(identity) is not None for identity in decided)
    grants, outcomes = whole
    assert sum(outcomes.values()) == len(decided)
    for grant in grants:
        identity = Identity(grant.campaign, grant.step, grant.recipient, grant.occurrence)
        told = decided[identity]
        lines = {line.reward: line.amount for line in (*told.lines, *told.fallback)}
        assert grant.reward in lines, identity
        # What is taken from a wallet is no more than there is in it.
        assert grant.currency != plan.currency or grant.amount == lines[grant.reward], identity
