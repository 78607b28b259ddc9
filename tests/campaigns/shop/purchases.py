"""Purchases in the form of the file of CDNOW, made up or real, and what tests ask of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import NamedTuple

FIRST, LAST = date(1997, 1, 1), date(1998, 6, 30)
DAY = timedelta(days=1)


class Order(NamedTuple):
    """A purchase; it counts from the first moment of its day."""

    at: datetime
    key: str
    who: str
    discs: int
    amount: Decimal

    @property
    def day(self) -> date:
        return self.at.date()


def at(day: date, hour: int = 0) -> datetime:
    return datetime.combine(day, time(hour))


def read(path: Path, every: int = 1) -> dict[str, list[Order]]:
    """The orders of each customer whose number is divisible, in the order of time and key."""
    found: dict[str, list[Order]] = defaultdict(list)
    for number, line in enumerate(path.read_text("utf-8").splitlines()):
        if number == 0:
            continue
        who, day, discs, amount = line.split()
        if int(who) % every == 0:
            when = datetime.strptime(day, "%Y%m%d")
            order = Order(when, f"o{number:05d}", who, int(discs), Decimal(amount))
            found[who].append(order)
    return {who: sorted(orders) for who, orders in sorted(found.items())}


def made_up(target: Path, count: int = 240, seed: int = 1997) -> None:
    """Write purchases of so many customers: some once, some often, some gone and back again."""
    draw = Random(seed)
    lines = [
        " customer_id  date number_of_cds  dollar_value",
        " 00001 19970313  1   6.79",  # two of one moment, and the second is the larger
        " 00001 19970313  1  14.96",
    ]
    for number in range(2, count + 1):
        day = FIRST + draw.randrange(85) * DAY
        large = draw.choice((3, 15, 15, 40, 90))
        for gap in _gaps(draw):
            day += gap * DAY
            if day > LAST:
                break
            discs = draw.choice((1, 1, 2, 3, 7))
            amount = round(draw.expovariate(1 / large), 2) if draw.random() < 0.98 else 0
            lines.append(f" {number:05d} {day:%Y%m%d} {discs:2d} {amount:6.2f}")
    target.write_bytes("\r\n".join([*lines, ""]).encode())


def _gaps(draw: Random) -> Iterator[int]:
    """Days between the orders of a customer, the first 0."""
    yield 0
    match draw.randrange(5):
        case 0:
            return
        case 1:
            yield from (
                draw.choice((0, 3, 20, 29, 30, 31, 60, 61)) for _ in range(draw.randint(1, 3))
            )
        case 2:
            yield from (draw.choice((1, 8, 14, 25, 40)) for _ in range(draw.randint(4, 25)))
        case 3:
            yield from (draw.choice((5, 40, 62, 75, 95)) for _ in range(draw.randint(2, 8)))
        case _:
            yield from (draw.choice((4, 20)) for _ in range(draw.randint(0, 4)))
            yield draw.choice((182, 190, 215, 250))
            yield from (draw.choice((0, 2, 5, 9)) for _ in range(draw.randint(0, 6)))


def upto(orders: Iterable[Order], when: datetime) -> list[Order]:
    return [one for one in orders if one.at <= when]


def is_genuine(orders: Iterable[Order]) -> bool:
    return any(one.amount >= 8 for one in orders)


def total(orders: Iterable[Order]) -> Decimal:
    return sum((one.amount for one in orders), Decimal(0))


def days(start: date, end: date = LAST) -> Iterator[date]:
    """Each day between the two, both ends in."""
    day = start
    while day <= end:
        yield day
        day += DAY


def months_on(day: date, months: int, number: int = 1) -> date:
    """That day of the month so many months later."""
    count = day.year * 12 + day.month - 1 + months
    return date(count // 12, count % 12 + 1, number)


def stages(orders: list[Order], day: date) -> list[str]:
    """The stages of the lifecycle that hold on a day, each asked by itself."""
    if not orders:
        return []
    recent = (day - orders[-1].day).days
    count, spent = len(orders), total(orders)
    regular = (orders[-1].day - orders[0].day).days <= 45 * (count - 1)
    found = {
        "trial": recent <= 90 and count == 1,
        "growing": recent <= 90 and 2 <= count <= 4,
        "stable": recent <= 90 and count >= 5 and (spent < 250 or not regular),
        "mature": recent <= 90 and count >= 5 and spent >= 250 and regular,
        "declining": 91 <= recent <= 180,
        "lost": recent > 180,
    }
    return [name for name, holds in found.items() if holds]


def is_gold(orders: Iterable[Order], when: datetime) -> bool:
    year = [one for one in orders if when - 365 * DAY < one.at <= when]
    return total(year) >= 300
