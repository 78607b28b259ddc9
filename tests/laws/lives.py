"""A shop with everything that time moves on, and random lives of its customers."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import duckdb

from ..runtime.shops import Shop, shop

START = datetime(2026, 1, 1)
END = START + timedelta(days=40)
HOURS = (0, 0, 0, 1, 6, 6, 12, 18, 23, 24, 25, 48, 96)
"""Between two events: often none, so that many share an instant."""

JOURNEY = """
campaign {name} "{name}" {{
  active   2026-01-01 to 2026-03-31
  audience yes
  journey {{
{steps}
  }}
  budget {{ total 1_000_000 CNY }}
  compliance {{ forbid phrase "sure" }}
}}
"""
JOURNEYS = {
    "begun": """
    step begun on order where points >= 2
      reward 1 growth
    step second on order where points >= begun.points by 3 days after begun
    step third on pick
      reward 5 growth""",
    "bought": """
    step initial on order
      one at a time
    step more on order where points > initial.points by end of month 0 after initial
      reward 2 points
    step nudge 2 days after initial at 10:00 unless more
      reward 3 points
    step last_one after more on day 5 of month 1 after initial at 08:00 if more.points >= 3
      reward 9 points
    step done on pick by 40 days after initial""",
    "stays": """
    step here on order
      reward 1 points
    step soon 12 hours after here
      reward 1 points
    step later 3 days after here unless pick
      reward coffee
    step rich after here on order if count(received(coffee)) >= 1
      reward 2 growth
    leave on pick where channel = "app" """,
    "patterns": """
    step start on order
      reward 1 points
    step two after start on order reaching 2 times by 5 days after start
      reward 2 points
    step four after start on order reaching 6 of points by 5 days after start
      reward 4 points""",
    "nightly": """
    step listed every day at 06:00
    step came on pick by 2 days after listed
      reward 1 points
    step missed 1 day after listed unless came
      reward 1 growth""",
    "late_timer": """
    step waited 30 hours after order unless pick
      reward 1 points
    step next_one 1 day after waited
      reward 1 growth""",
}
CAMPAIGN = """
campaign {name} "{name}" {{
  active   2026-01-01 to 2026-03-31
  audience {audience}
  {does}
  budget {{ total 1_000_000 CNY {budget} }}
  compliance {{ forbid phrase "sure" }}
}}
"""
CAMPAIGNS = {
    "timer": ("yes", "trigger 24 hours after order unless pick\n  reward 1 points"),
    "filled": ("yes", "trigger when balance(growth) reaching 8\n  reward coffee"),
    "weekly": (
        "count(order in last 7 days) >= 3",
        "trigger every monday at 10:00\n  reward 4 points",
    ),
    "daily": (
        "count(received(coffee) in last 3 days) = 0 and has order in last 1 day",
        "trigger every day at 06:00\n  reward 1 points",
    ),
    "busier": ("yes", "trigger when entering audience busy, every day at 06:00\n  reward 7 points"),
    "gated": (
        "count(received(coffee) in last 10 days) >= 1",
        "trigger on order\n  reward 2 points",
    ),
    "later": ("yes", "trigger on pick\n  reward 3 stars deliver on day 5 of month 1 after event"),
    "starred": ("yes", "trigger when balance(stars) reaching 6\n  reward coffee"),
    "teas": (
        "yes",
        "trigger on order where points >= 4\n  reward tea limit 2 per customer",
    ),
    "visits": (
        "yes",
        """tasks {
    task visit daily on order reward 1 points
    task picks weekly on pick after visit reward 2 points
    task card on order every 3 times reward 3 points
    all done per week reward 5 points
  }""",
    ),
}
MORE = """
audience busy count(order in last 3 days) >= 2
benefit tea { kind coupon value 30 CNY stock 9 expires after 5 days returning to budget }
"""


class Happened(NamedTuple):
    """An event."""

    kind: str
    key: str
    customer: str
    at: datetime
    points: int


PROJECTS = (
    ("begun", "stays", "filled", "gated", "timer"),
    ("bought", "late_timer", "visits", "teas"),
    ("patterns", "nightly", "weekly", "busier"),
    ("later", "starred", "daily"),
)
"""Campaigns that are tried together, by their names."""


def text(names_: Sequence[str]) -> str:
    """The campaigns of these names."""
    made = [MORE]
    for name in names_:
        if name in JOURNEYS:
            made.append(JOURNEY.format(name=name, steps=JOURNEYS[name]))
            continue
        audience, does = CAMPAIGNS[name]
        budget = "when exhausted waitlist" if name == "teas" else ""
        made.append(CAMPAIGN.format(name=name, audience=audience, does=does, budget=budget))
    return "\n".join(made)


def lives(seed: int, customers: int, most: int = 9) -> list[Happened]:
    """The events of so many customers, in the order of (time, key)."""
    chance = random.Random(seed)
    found = []
    for who in names(customers):
        at = START + timedelta(hours=6 * chance.randrange(40))
        for _ in range(chance.randrange(most)):
            at += timedelta(hours=chance.choice(HOURS))
            kind, number = chance.choice(("order", "order", "pick")), len(found) * 7919 % 10_007
            found.append(Happened(kind, f"e{number:05}", who, at, chance.randrange(1, 6)))
    return sorted(found, key=lambda one: (one.at, one.key))


def names(customers: int) -> list[str]:
    """The customers' keys."""
    return [f"c{number:03}" for number in range(customers)]


def built(folder: Path, campaigns: Sequence[str], customers: int) -> Shop:
    """The shop, of which the warehouse has no events yet."""
    return shop(folder, text(campaigns), customers=names(customers))


def put(house: Shop, events: Sequence[Happened]) -> None:
    """Let the warehouse have these events."""
    orders = [[e.key, e.customer, e.at, e.points, None] for e in events if e.kind == "order"]
    picks = [[e.key, e.customer, e.at, None, channel(e)] for e in events if e.kind == "pick"]
    with duckdb.connect(str(house.folder / "shop.duckdb")) as connection:
        for name, rows in (("orders", orders), ("picks", picks)):
            if rows:
                connection.executemany(f"INSERT INTO {name} VALUES (?, ?, ?, ?, ?)", rows)


def channel(event: Happened) -> str:
    return "app" if event.points > 3 else "web"


def line(event: Happened) -> bytes:
    """The event as a message."""
    fields = {"points": event.points, "friend": None}
    if event.kind == "pick":
        fields = {"benefit": None, "channel": channel(event)}
    at = f"{event.at.isoformat()}+00:00"
    named = {"event": event.kind, "key": event.key, "customer": event.customer, "at": at}
    return json.dumps({**named, "fields": fields}).encode()
