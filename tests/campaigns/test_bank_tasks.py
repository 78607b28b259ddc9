"""The tasks of the bank, worked out in plain Python from its tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from .happened import ZONE, Events, Given, Happened, day, held_out, of

FIRST, LAST = date(2026, 3, 2), date(2026, 3, 29)

Step = tuple[str, str, str, datetime]
"""The step, the customer, the occurrence and the instant of a grant."""


def week(event: Happened) -> date:
    return day(event.at) - timedelta(days=day(event.at).weekday())


def taking_part(
    found: Iterable[Happened], customers: dict[str, dict[str, Any]], campaign: str
) -> list[Happened]:
    """The events of those who may take part, in order."""
    return sorted(
        one
        for one in found
        if FIRST <= day(one.at) <= LAST
        and (row := customers.get(one.who)) is not None
        and row["segment"] == "affluent"
        and row["consent_marketing"]
        and not row["employee"]
        and not held_out(campaign, one.who)
    )


def suits(event: Happened, customers: dict[str, dict[str, Any]]) -> bool:
    level = customers[event.who]["risk_level"]
    return level is not None and level >= event.row["product_risk"]


def firsts(step: str, found: Iterable[tuple[Happened, str]]) -> dict[tuple[str, str], Step]:
    """The first event of each customer and occurrence."""
    done: dict[tuple[str, str], Step] = {}
    for event, name in found:
        done.setdefault((event.who, name), (step, event.who, name, event.at))
    return done


def given(grants: Given, campaign: str) -> set[Step]:
    return {
        (
            row["step"],
            row["recipient"],
            row["occurrence"],
            datetime.fromisoformat(row["at"]).astimezone(ZONE),
        )
        for row in of(grants, campaign)
    }


def test_each_task_is_paid_at_the_event_that_did_it(
    grants: Given, customers: dict[str, dict[str, Any]], events: Events
) -> None:
    name = "spring_tasks"
    logins = taking_part(events("logins"), customers, name)
    deals = taking_part(events("investments"), customers, name)
    deals = [one for one in deals if suits(one, customers)]
    visits = firsts("visit", ((one, str(day(one.at))) for one in logins))
    days: dict[tuple[str, date], set[date]] = defaultdict(set)
    twice = []
    for one in logins:
        seen = days[one.who, week(one)]
        if day(one.at) not in seen and len(seen) == 1:
            twice.append((one, str(week(one))))
        seen.add(day(one.at))
    began: dict[tuple[str, date], datetime] = {}
    for _, who, _, at in sorted(visits.values(), key=lambda step: step[3]):
        monday = at.astimezone(ZONE).date()
        began.setdefault((who, monday - timedelta(days=monday.weekday())), at)
    after = (
        (one, str(week(one)))
        for one in deals
        if one.row["amount"] >= 1_000
        and (one.who, week(one)) in began
        and began[one.who, week(one)] < one.at
    )
    expected = {
        *visits.values(),
        *firsts("twice", twice).values(),
        *firsts("try_it", after).values(),
        *firsts("start", ((one, "once") for one in deals)).values(),
    }
    assert {step for step, *_ in expected} == {"visit", "twice", "try_it", "start"}
    assert given(grants, name) == expected


def test_a_week_in_which_all_was_done_is_paid_once(
    grants: Given, customers: dict[str, dict[str, Any]], events: Events
) -> None:
    name = "spring_week"
    logins = taking_part(events("logins"), customers, name)
    deals = [
        one for one in taking_part(events("investments"), customers, name) if suits(one, customers)
    ]
    seen = firsts("seen", ((one, str(week(one))) for one in logins))
    deal = firsts("deal", ((one, str(week(one))) for one in deals))
    whole = {
        ("all_done", *key, max(seen[key][3], deal[key][3])) for key in seen.keys() & deal.keys()
    }
    assert whole
    assert given(grants, name) == {*seen.values(), *deal.values(), *whole}
