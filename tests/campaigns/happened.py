"""Events at the generated bank, and the words in which tests ask about them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, time, timedelta
from hashlib import md5
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 1, 1, tzinfo=ZONE)
END = datetime(2026, 4, 1, tzinfo=ZONE)
MARCH = datetime(2026, 3, 1, tzinfo=ZONE)
DAY = timedelta(days=1)


class Happened(NamedTuple):
    """An event; `row` has its fields."""

    at: datetime
    key: str
    who: str
    row: dict[str, Any]


Events = Callable[[str], list[Happened]]
Given = list[dict[str, Any]]
Step = tuple[str, str, str, datetime]
"""The step, the customer, the occurrence and the instant of what was kept."""
Kept = dict[str, dict[str, set[Step]]]
"""The decisions of each campaign by their outcome."""
Sent = dict[str, list[datetime]]
"""The instants of the messages to each customer."""


def held_out(campaign: str, customer: str) -> bool:
    """Whether the customer is among the 5% held out: the hash of docs/language.md."""
    text = f"holdout/{campaign}/main/{customer}"
    return digits(text) < format(int(0.05 * 2**32), "08x")


def digits(text: str) -> str:
    return md5(text.encode(), usedforsecurity=False).hexdigest()[:8]


def of(grants: Given, campaign: str) -> Given:
    return [row for row in grants if row["campaign"] == campaign]


def who(grants: Given) -> list[tuple[str, str]]:
    """Recipient and occurrence of each decision, once, in order."""
    return list(dict.fromkeys((row["recipient"], row["occurrence"]) for row in grants))


def month(at: datetime) -> str:
    return at.astimezone(ZONE).strftime("%Y-%m")


def day(at: datetime) -> date:
    return at.astimezone(ZONE).date()


def completed(
    found: Iterable[Happened], field: str, count: int, hours: int
) -> Iterator[tuple[Happened, list[Happened]]]:
    """The event that completes each group, and what is in the group then."""
    groups: dict[str, list[Happened]] = defaultdict(list)
    done: set[str] = set()
    for event in found:
        value = event.row[field]
        if value is None or value in done:
            continue
        groups[value].append(event)
        since = event.at - timedelta(hours=hours)
        inside = [one for one in groups[value] if one.at > since]
        if len({one.who for one in inside}) >= count:
            done.add(value)
            yield event, inside


def capped(found: Iterable[Step], sent: dict[str, list[datetime]]) -> set[Step]:
    """Those that caps on messages kept back: the customer had two in the 7 days before."""
    return {
        one for one in found if sum(one[3] - 7 * DAY < at <= one[3] for at in sent[one[1]]) >= 2
    }


def by_customer(found: Iterable[Happened]) -> dict[str, list[Happened]]:
    grouped: dict[str, list[Happened]] = defaultdict(list)
    for one in found:
        grouped[one.who].append(one)
    return grouped


def at_ten(on: date) -> datetime:
    return datetime.combine(on, time(10), tzinfo=ZONE)


def months_on(at: datetime, months: int, number: int = 1) -> date:
    """That day of the month so many months after the one of an instant."""
    count = day(at).year * 12 + day(at).month - 1 + months
    return date(count // 12, count % 12 + 1, number)


def first_after(found: Iterable[Happened], at: datetime) -> Happened | None:
    return next((one for one in found if one.at > at), None)
