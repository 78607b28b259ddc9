"""Half a year of some customers for the campaigns in `lifecycle/`, the same every time.

No two events come at the same second, so that their order is plain.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import duckdb

FIRST, LAST = datetime(2026, 1, 1), datetime(2026, 7, 1)
DAY = timedelta(days=1)
Row = dict[str, Any]

TABLES = {
    "customers": """customer_id VARCHAR, consent_marketing BOOLEAN, employee BOOLEAN, level INTEGER,
        birth_date DATE, matures_on DATE, email VARCHAR""",
    "vouchers": "voucher_id VARCHAR, customer_id VARCHAR, claimed_at TIMESTAMP, level INTEGER",
    "tiers": "change_id VARCHAR, customer_id VARCHAR, changed_at TIMESTAMP, new_tier INTEGER",
    "closings": "closing_id VARCHAR, customer_id VARCHAR, closed_at TIMESTAMP",
    "registrations": "registration_id VARCHAR, customer_id VARCHAR, registered_at TIMESTAMP",
    "investments": """investment_id VARCHAR, customer_id VARCHAR, invested_at TIMESTAMP,
        amount DECIMAL(18, 2), matures_on DATE, renews VARCHAR""",
    "checkins": "checkin_id VARCHAR, customer_id VARCHAR, checked_in_at TIMESTAMP",
    "helps": """help_id VARCHAR, customer_id VARCHAR, helped_at TIMESTAMP, bargain_id VARCHAR,
        owner_id VARCHAR""",
    "orders": """order_id VARCHAR, customer_id VARCHAR, ordered_at TIMESTAMP,
        amount DECIMAL(18, 2)""",
    "logins": "login_id VARCHAR, customer_id VARCHAR, logged_in_at TIMESTAMP",
    "refunds": """refund_id VARCHAR, customer_id VARCHAR, refunded_at TIMESTAMP, order_id VARCHAR,
        scope VARCHAR""",
    "complaints": """complaint_id VARCHAR, customer_id VARCHAR, complained_at TIMESTAMP,
        severity INTEGER""",
}


@dataclass(frozen=True, slots=True)
class Event:
    """An event; `row` has its fields."""

    key: str
    who: str
    at: datetime
    row: Row


@dataclass(slots=True)
class Lives:
    """The customers, and the events of each table."""

    random: Random
    customers: dict[str, Row] = field(default_factory=dict)
    events: dict[str, list[Event]] = field(default_factory=lambda: defaultdict(list))
    taken: set[datetime] = field(default_factory=set)

    def add(self, table: str, who: str, at: datetime, **row: object) -> Event:
        """Add an event at the first free second from this one on."""
        at = at.replace(microsecond=0)
        while at in self.taken:
            at += timedelta(seconds=1)
        self.taken.add(at)
        event = Event(f"{table[:3]}{len(self.events[table]):04}", who, at, row)
        self.events[table].append(event)
        return event

    def moment(self, start: datetime = FIRST, end: datetime = LAST) -> datetime:
        """A second between the two."""
        return start + timedelta(seconds=self.random.randrange(int((end - start).total_seconds())))

    def of(self, table: str, who: str | None = None) -> list[Event]:
        """The events of a table, or of one customer in it, in the order of time."""
        found = (one for one in self.events[table] if who is None or one.who == who)
        return sorted(found, key=lambda one: one.at)

    def reachable(self, who: str) -> bool:
        """Whether the customer is in the audience `reachable`."""
        return bool(self.customers[who]["consent_marketing"])

    def write(self, target: Path) -> None:
        """Write the warehouse."""
        target.parent.mkdir(parents=True, exist_ok=True)
        with duckdb.connect(str(target)) as warehouse:
            for table, columns in TABLES.items():
                warehouse.execute(f"CREATE TABLE {table} ({columns})")
                if table == "customers":
                    rows = [[key, *row.values()] for key, row in self.customers.items()]
                else:
                    rows = [[e.key, e.who, e.at, *e.row.values()] for e in self.events[table]]
                marks = ", ".join("?" for _ in rows[0])
                warehouse.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)


def lives(count: int = 60, seed: int = 12) -> Lives:
    """Draw the lives of so many customers."""
    made = Lives(Random(seed))
    draw = made.random
    names = [f"c{number:03}" for number in range(count)]
    for number, name in enumerate(names):
        born = date(1960, 1, 1) + timedelta(days=draw.randrange(15_000))
        made.customers[name] = {
            "consent_marketing": draw.random() < 0.85,
            "employee": draw.random() < 0.1,
            "level": draw.randint(1, 16) if draw.random() < 0.9 else None,
            "birth_date": date(1996, 2, 29) if number == 7 else born if number % 5 else None,
            "matures_on": None,
            "email": f"{name}@example.com" if number % 4 else None,
        }
    for name in names:
        _lifts(made, name)
        _registers(made, name)
        _invests(made, name)
        _orders(made, name)
        if draw.random() < 0.4:
            _checks_in(made, name)
    _bargains(made, names)
    _family(made)
    _logs_in(made, Random(seed + 1))
    return made


def _logs_in(made: Lives, draw: Random) -> None:
    """Some logins of everybody who buys, more after an order than later."""
    for order in [one for one in made.of("orders") if one.at >= FIRST]:
        for _ in range(draw.choice((0, 1, 2))):
            seconds = draw.randrange(20 * 86_400)
            made.add("logins", order.who, order.at + timedelta(seconds=seconds))


def _lifts(made: Lives, name: str) -> None:
    draw = made.random
    for _ in range(draw.choice((0, 1, 1, 2, 3))):
        level = draw.randint(1, 13)
        ticket = made.add("vouchers", name, made.moment(), level=level)
        for _ in range(draw.choice((0, 1, 2))):
            changed = made.moment(ticket.at - 3 * DAY, ticket.at + 70 * DAY)
            made.add("tiers", name, changed, new_tier=min(16, max(1, level + draw.randint(-1, 4))))
        if draw.random() < 0.2:
            made.add("closings", name, made.moment(ticket.at - 9 * DAY, ticket.at + 60 * DAY))


def _registers(made: Lives, name: str) -> None:
    draw = made.random
    for _ in range(draw.choice((0, 1, 1, 2))):
        joined = made.add("registrations", name, made.moment())
        if draw.random() < 0.5:
            soon = made.moment(joined.at, joined.at + 5 * DAY)
            made.add("investments", name, soon, amount=Decimal(50), matures_on=None, renews=None)


def _invests(made: Lives, name: str) -> None:
    draw = made.random
    for _ in range(draw.choice((0, 1, 2, 3))):
        at = made.moment()
        matures = at.date() + timedelta(days=draw.choice((5, 7, 30, 60, 90)))
        amount = Decimal(draw.randrange(1, 60_000_000)) / 100
        fund = made.add("investments", name, at, amount=amount, matures_on=matures, renews=None)
        if draw.random() < 0.3:
            later = made.moment(at, at + 60 * DAY)
            renewed = fund.key if draw.random() < 0.7 else "another"
            made.add("investments", name, later, amount=amount, matures_on=None, renews=renewed)


def _checks_in(made: Lives, name: str) -> None:
    """On most days of five weeks or so, now and then twice a day, and an investment on some."""
    draw = made.random
    day = made.moment(FIRST, FIRST + 90 * DAY).replace(hour=0, minute=0, second=0)
    for _ in range(draw.randrange(10, 40)):
        if draw.random() < 0.93:
            for _ in range(draw.choice((1, 1, 1, 2))):
                made.add("checkins", name, made.moment(day, day + DAY - timedelta(hours=1)))
        if draw.random() < 0.15:
            at = made.moment(day, day + DAY - timedelta(hours=1))
            amount = Decimal(draw.choice((99, 100, 5_000)))
            made.add("investments", name, at, amount=amount, matures_on=None, renews=None)
        day += DAY


def _orders(made: Lives, name: str) -> None:
    """Some buy often, some come back after months; some are angry."""
    draw = made.random
    at = made.moment(FIRST - 60 * DAY, FIRST + 20 * DAY)
    for _ in range(draw.randrange(12)):
        made.add("orders", name, at, amount=Decimal(draw.randrange(1, 100_000)) / 100)
        at += timedelta(hours=draw.choice((5, 30, 100, 200, 24 * 59, 24 * 61, 24 * 70)))
        if at >= LAST - DAY:
            break
        if draw.random() < 0.1:
            made.add("complaints", name, at - timedelta(hours=3), severity=draw.randint(1, 5))


def _bargains(made: Lives, names: list[str]) -> None:
    """Friends help for some days, many of them in a few hours; some help twice."""
    draw = made.random
    for number in range(16):
        owner = draw.choice(names[:6]) if number else "stranger"
        begun = made.moment(datetime(2026, 2, 27), datetime(2026, 3, 31))
        hours = draw.choice((5, 20, 40))
        for _ in range(draw.choice((5, 40, 60))):
            at = made.moment(begun, begun + timedelta(hours=hours))
            made.add("helps", draw.choice(names), at, bargain_id=f"b{number}", owner_id=owner)


def _family(made: Lives) -> None:
    """Six who share an address, whose fifth orders come as their products mature."""
    draw = made.random
    for number in range(6):
        name, fifth = f"f{number}", datetime(2026, 5, 4 + number, 12)
        made.customers[name] = {
            "consent_marketing": True,
            "employee": False,
            "level": None,
            "birth_date": date(1990, 5, 4 + number + 3),
            "matures_on": fifth.date() + 7 * DAY,
            "email": "family@example.com",
        }
        for back in (4, 3, 2, 1, 0):
            amount = Decimal(80) if number == 1 and not back else Decimal(draw.randrange(100, 900))
            order = made.add("orders", name, fifth - back * 3 * DAY, amount=amount)
        if number in (0, 3):
            scope = "full" if number == 0 else "part"
            made.add("refunds", name, order.at + DAY, order_id=order.key, scope=scope)
