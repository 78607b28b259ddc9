"""Entering and leaving over months, and found late, against a plain model of states by day."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import zip_longest
from zoneinfo import ZoneInfo

from hypothesis import given, note
from hypothesis import strategies as st

from . import at_most
from .cases import Case, Table, compile_case, to_json
from .engines import duckdb_rows, reference
from .runs import House, house
from .test_entering import SETTINGS, ZONES

CATALOG = """customer:
  table: customers
  key: customer_id
  since: joined
  fields:
    level: {type: integer, optional: true, history: {table: levels, customer: owner, PAST}}
events:
  order:
    table: orders
    key: order_id
    customer: customer_id
    at: ordered_at
    fields: {}
"""
CAMPAIGN = """audience moved "moved" CONDITION
campaign card {
  active 2024-09-20 to 2025-02-10
  audience yes
  trigger  when VERB audience movedLASTING, every day at 06:00
  reward   5 points
  budget { total 0 CNY }
  compliance { forbid phrase "sure" }
}
"""
FIRST = datetime(2024, 9, 25, tzinfo=UTC)
DAYS = 130
CLOCK = time(6)
PEOPLE = ("ann", "bob")


@dataclass(frozen=True)
class Story:
    """One customer's orders, and each level with its first instant, in UTC."""

    joined: datetime
    orders: tuple[datetime, ...]
    levels: tuple[tuple[datetime, int | None], ...]

    def recent(self, at: datetime, since: datetime) -> int:
        return sum(since < one <= at for one in self.orders)

    def level(self, at: datetime) -> int | None:
        return max(
            (
                (start, -place, level)
                for place, (start, level) in enumerate(self.levels)
                if start <= at
            ),
            default=(None, 0, None),
        )[2]


def _days_ago(zone: ZoneInfo, at: datetime, days: int) -> datetime:
    return (at.astimezone(zone) - timedelta(days=days)).astimezone(UTC)


Holds = Callable[[Story, datetime, ZoneInfo], bool]
CONDITIONS: Mapping[str, Holds] = {
    "count(order in last 48 hours) >= 1": (
        lambda story, at, _: story.recent(at, at - timedelta(hours=48)) >= 1
    ),
    "no order in last 7 days": (
        lambda story, at, zone: story.recent(at, _days_ago(zone, at, 7)) == 0
    ),
    "level >= 2": lambda story, at, _: (story.level(at) or 0) >= 2,
    "count(order) >= 2 and no order in last 3 days": (
        lambda story, at, zone: (
            story.recent(at, datetime.min.replace(tzinfo=UTC)) >= 2
            and story.recent(at, _days_ago(zone, at, 3)) == 0
        )
    ),
}


@dataclass(frozen=True)
class Rule:
    condition: str
    leaving: bool
    days: int
    zone: ZoneInfo
    ends: bool
    """Whether rows of the history have an end, which is the beginning of the next one."""

    def instant(self, day: date) -> datetime:
        return datetime.combine(day, CLOCK, self.zone).astimezone(UTC)

    def is_in(self, story: Story, day: date) -> bool:
        at = self.instant(day)
        held = story.joined <= at and CONDITIONS[self.condition](story, at, self.zone)
        return held != self.leaving

    def enters(self, story: Story, day: date) -> bool:
        """In at the end of so many days, and out on the day before them."""
        held = [self.is_in(story, day - timedelta(days=ago)) for ago in range(self.days + 1)]
        return all(held) and not self.is_in(story, day - timedelta(days=self.days + 1))

    @property
    def text(self) -> str:
        lasting = {0: "", 1: " for 1 day"}.get(self.days, f" for {self.days} days")
        found = CAMPAIGN.replace("CONDITION", self.condition).replace("LASTING", lasting)
        return found.replace("VERB", "leaving" if self.leaving else "entering")


@st.composite
def _rules(draw: st.DrawFn, conditions: Sequence[str]) -> Rule:
    condition, leaving = draw(st.sampled_from(conditions)), draw(st.booleans())
    days, zone = draw(st.sampled_from((0, 0, 1, 3))), draw(st.sampled_from(ZONES))
    return Rule(condition, leaving, days, ZoneInfo(zone), draw(st.booleans()))


@st.composite
def _stories(draw: st.DrawFn, zone: ZoneInfo, days: int) -> Story:
    """Often to the second at which the schedule looks, or a microsecond of a rule's window."""

    def instants(most: int) -> tuple[datetime, ...]:
        found = []
        for _ in range(draw(st.integers(1, most))):
            day = FIRST.date() + timedelta(days=draw(st.integers(-5, days)))
            clock = draw(st.sampled_from((CLOCK, time(5, 59, 59), time(12), time(0, 30))))
            found.append(datetime.combine(day, clock, zone).astimezone(UTC))
        return tuple(found)

    starts = sorted(set(instants(6)))
    levels = tuple((start, draw(st.sampled_from((1, 2, 3, None)))) for start in starts)
    joined = FIRST + timedelta(days=draw(st.sampled_from((-10, 0, 3))), hours=7)
    return Story(joined, instants(8), levels)


def _case(rule: Rule, stories: Mapping[str, Story], start: datetime, end: datetime) -> Case:
    def local(at: datetime) -> datetime:
        return at.replace(tzinfo=None)

    orders = [(name, at) for name, one in stories.items() for at in one.orders]
    levels = [row for name, one in stories.items() for row in _rows(name, one)]
    tables = {
        "customers": Table(
            {"customer_id": "text", "joined": "timestamp"},
            tuple((name, local(one.joined)) for name, one in stories.items()),
        ),
        "orders": Table(
            {"order_id": "text", "customer_id": "text", "ordered_at": "timestamp"},
            tuple((f"o{n}", name, local(at)) for n, (name, at) in enumerate(orders)),
        ),
        "levels": Table(
            {"owner": "text", "since": "timestamp", "level": "integer", "until": "timestamp"},
            tuple(
                (name, local(at), level, None if until is None else local(until))
                for name, at, level, until in levels
            ),
        ),
    }
    catalog = CATALOG.replace("PAST", "from: since, to: until" if rule.ends else "at: since")
    return Case(SETTINGS.format(zone=rule.zone.key), catalog, rule.text, tables, start, end)


def _rows(name: str, story: Story) -> Iterator[tuple[str, datetime, int | None, datetime | None]]:
    """The rows of the history, each up to the next."""
    ends = (at for at, _ in story.levels[1:])
    for (at, level), until in zip_longest(story.levels, ends):
        yield name, at, level, until


def _days(rule: Rule, start: datetime, end: datetime) -> Iterator[date]:
    """The days whose instant lies in [start, end]."""
    day = start.date() - timedelta(days=2)
    while day <= end.date() + timedelta(days=2):
        if start <= rule.instant(day) <= end:
            yield day
        day += timedelta(days=1)


@at_most(15)
@given(st.data())
def test_who_enters_over_months_is_whom_the_days_say(data):
    rule = data.draw(_rules(list(CONDITIONS)))
    stories = {name: data.draw(_stories(rule.zone, DAYS)) for name in PEOPLE}
    case = _case(rule, stories, FIRST, FIRST + timedelta(days=DAYS))
    note(to_json(case))
    plan = compile_case(case)
    expected = {
        (name, rule.instant(day))
        for day in _days(rule, case.start, case.end)
        for name, story in stories.items()
        if rule.enters(story, day)
    }
    due = case.due(plan, "card")
    assert {(one.customer, one.at) for one in reference(plan, "card", case, due)} == expected
    assert {(row.recipient, row.at) for row in duckdb_rows(plan, "card", case, due)} == expected


@dataclass(frozen=True)
class Late:
    """Orders and levels that come after the run up to `first`, by their instants.

    The first run was on the day of `begin`. `withheld` are those that the rule asks for.
    `corrected` are levels that were others then.
    """

    rule: Rule
    stories: Mapping[str, Story]
    withheld: Mapping[str, frozenset[datetime]]
    corrected: Mapping[str, Mapping[datetime, int | None]]
    begin: datetime
    first: datetime
    last: datetime

    @property
    def early(self) -> dict[str, Story]:
        """The stories as far as the first runs know them."""
        return {
            name: replace(
                one,
                orders=tuple(at for at in one.orders if at not in self.withheld[name]),
                levels=tuple(
                    (at, self.corrected[name].get(at, level))
                    for at, level in one.levels
                    if at not in self.withheld[name]
                ),
            )
            for name, one in self.stories.items()
        }

    @property
    def days(self) -> list[date]:
        """The days of the first runs."""
        midnight = self.begin.astimezone(self.rule.zone).replace(hour=0, minute=0)
        return list(_days(self.rule, midnight, self.first))

    def granted(self) -> set[tuple[str, date]]:
        """The enterings by what the first runs know."""
        return {
            (name, day)
            for day in self.days
            for name, story in self.early.items()
            if self.rule.enters(story, day)
        }

    def found(self) -> Iterator[tuple[str, date]]:
        """Further enterings by what the last run knows: later ones, or ones that are late."""
        granted = self.granted()
        for name, story in self.stories.items():
            for day in _days(self.rule, self.first + timedelta(microseconds=1), self.last):
                if self.rule.enters(story, day):
                    yield name, day
            others = {
                at for at, level in self.early[name].levels if (at, level) not in story.levels
            }
            unread = self.withheld[name] | others
            late = min((at for at in unread if at <= self.first), default=None)
            for day in self.days:
                known = late is not None and late <= self.rule.instant(day)
                if known and self.rule.enters(story, day):
                    following = self._while_in(story, day)
                    if not any((name, one) in granted for one in following):
                        yield name, day

    def _while_in(self, story: Story, day: date) -> Iterator[date]:
        while self.rule.is_in(story, day) and self.rule.instant(day) <= self.first:
            yield day
            day += timedelta(days=1)

    def cases(self) -> tuple[Case, Case]:
        """The case before and after all have come; orders keep their keys."""
        whole = _case(self.rule, self.stories, self.begin, self.last)
        early = _case(self.rule, self.early, self.begin, self.last)
        table = whole.tables["orders"]
        rows = tuple(
            row for row in table.rows if row[2].replace(tzinfo=UTC) not in self.withheld[row[1]]
        )
        known = {**early.tables, "orders": replace(table, rows=rows)}
        return replace(whole, tables=known), whole


@st.composite
def _lates(draw: st.DrawFn, conditions: Sequence[str] = tuple(CONDITIONS)) -> Late:
    rule = draw(_rules(conditions))
    stories = {name: draw(_stories(rule.zone, 25)) for name in PEOPLE}
    withheld = {
        name: frozenset(draw(st.lists(st.sampled_from(_instants(rule, one)), max_size=3)))
        for name, one in stories.items()
    }
    levels = st.sampled_from((1, 2, 3, None))
    corrected = {
        name: {
            at: draw(levels)
            for at, _ in one.levels
            if "level" in rule.condition and draw(st.booleans())
        }
        for name, one in stories.items()
    }
    times = (FIRST + timedelta(days=days, hours=9) for days in (2, 18, 26))
    return Late(rule, stories, withheld, corrected, *times)


def _instants(rule: Rule, story: Story) -> tuple[datetime, ...]:
    return story.orders if "order" in rule.condition else tuple(at for at, _ in story.levels)


@at_most(12)
@given(_lates())
def test_who_entered_is_found_when_events_and_rows_come_late(late):
    _hold(late)


@at_most(15)
@given(_lates(("level >= 2",)))
def test_who_entered_is_found_when_values_were_corrected(late):
    _hold(late)


def _hold(late: Late) -> None:
    known, whole = late.cases()
    note(f"withheld {late.withheld}\n{to_json(whole)}")
    plan, granted = compile_case(whole), late.granted()
    with house(known, plan) as lived:
        for instant in (late.begin, late.first):
            lived.carry_out_at(instant)
        assert _granted(lived, late.rule) == granted
        lived.holds(whole)
        for _ in range(2):
            lived.carry_out_at(late.last)
            assert _granted(lived, late.rule) == granted | set(late.found())


def _granted(lived: House, rule: Rule) -> set[tuple[str, date]]:
    grants, _ = lived.kept()
    return {(one.recipient, one.at.astimezone(rule.zone).date()) for one in grants}
