"""The project of the events' benchmark: as many campaigns as wanted, and events that concern ten.

Ten kinds of event; of the campaigns that wait for one, ten at a time wait for the same product. So
from a hundred campaigns on, an event concerns ten of them, however many others there are. They
differ in bounds, segments and active periods, as campaigns that were copied and changed do.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from campaigner.compiler.compile import compile_project
from campaigner.compiler.plan import Plan
from campaigner.compiler.project.project import load_project
from campaigner.runtime.events.engine import Event

KINDS = tuple(f"event_{number}" for number in range(10))
SEGMENTS = ("mass", "affluent", "private")

SETTINGS = """
[project]
name = "bench"
language = 1
time_zone = "Asia/Shanghai"
currency = "CNY"
catalog = "catalog.yaml"
[warehouse]
url = "duckdb:///data.duckdb"
[ledger]
url = "sqlite:///ledger.db"
[channels.push]
kind = "file"
path = "push.jsonl"
"""

CUSTOMER = """
customer:
  table: customers
  key: customer_id
  fields:
    age:               {type: integer, range: [0, 130], optional: true}
    aum:               {type: money, currency: CNY}
    level:             {type: integer, range: [1, 16]}
    risk_level:        {type: integer, range: [1, 5], optional: true}
    city:              {type: text}
    segment:           {type: enum, values: [mass, affluent, private]}
    consent_marketing: {type: boolean}
    employee:          {type: boolean}
    registered_at:     {type: timestamp}
events:
"""

EVENT = """
  {kind}:
    table: {kind}s
    key: event_id
    customer: customer_id
    at: happened_at
    fields:
      amount:       {{type: money, currency: CNY}}
      product:      {{type: text}}
      product_risk: {{type: integer, range: [1, 5]}}
      channel:      {{type: text}}
"""

POLICY = """
policy rules {
  require consent_marketing because "no consent, no contact"
  require risk_level >= event.product_risk when event has product_risk
}
"""

CAMPAIGN = """
campaign {name} "Gift {name}" {{
  active   {first:%Y-%m-%d} to {last:%Y-%m-%d}
  audience consent_marketing and not employee and risk_level is known
           and level >= {level} and segment in ({segments}){past}
  trigger  on {kind} where product = "{product}" and amount >= {amount} CNY
                       and event.product_risk <= risk_level
  reward by {{
    when aum >= {aum} CNY: {more} points
    otherwise:             {less} points
  }}
  budget {{ stock 1_000_000 }}
  compliance {{ follows rules }}
}}
"""


@dataclass(frozen=True, slots=True)
class Rule:
    """A campaign's rules, as a peer's language needs them."""

    name: str
    kind: str
    product: str
    first: datetime
    last: datetime
    level: int
    segments: tuple[str, ...]
    amount: int
    aum: int
    more: int
    less: int

    @property
    def until(self) -> datetime:
        """The first instant after the active period."""
        return self.last + timedelta(days=1)


def rules(count: int) -> list[Rule]:
    """That many campaigns; the first ones are the same for every number."""
    return [_rule(number, max(1, count // 100)) for number in range(count)]


def _rule(number: int, products: int) -> Rule:
    chance = random.Random(number)
    first = datetime(2026, 1, 1) + timedelta(days=chance.randrange(0, 20))
    return Rule(
        name=f"gift_{number:05}",
        kind=KINDS[number % 10],
        product=f"p{(number // 10) % products}",
        first=first,
        last=first + timedelta(days=chance.randrange(100, 300)),
        level=chance.randrange(1, 13),
        segments=tuple(chance.sample(SEGMENTS, 2)),
        amount=chance.randrange(1, 60) * 100,
        aum=chance.randrange(1, 10) * 100_000,
        more=chance.randrange(50, 100),
        less=chance.randrange(1, 50),
    )


A_FILE = 1_000
"""Campaigns of a file: one of all 10,000 would be longer than a file may be."""


def compiled(wanted: list[Rule], *, history: bool = False) -> Plan:
    """The campaigns as a project, compiled; `history`: each asks about the last 30 days too."""
    events = "".join(EVENT.format(kind=kind) for kind in KINDS)
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "campaigner.toml").write_text(SETTINGS, "utf-8")
        (folder / "catalog.yaml").write_text(CUSTOMER + events, "utf-8")
        (folder / "rules.campaign").write_text(POLICY, "utf-8")
        for first in range(0, len(wanted), A_FILE):
            some = wanted[first : first + A_FILE]
            text = "".join(_text(rule, history=history) for rule in some)
            (folder / f"part{first}.campaign").write_text(text, "utf-8")
        made = compile_project(load_project(folder))
    if made.plan is None:
        raise RuntimeError(f"the project does not compile: {made.diagnostics[:3]}")
    return made.plan


def _text(rule: Rule, *, history: bool) -> str:
    facts = {name: getattr(rule, name) for name in Rule.__slots__}
    past = f"\n           and count({rule.kind} in last 30 days) >= 2" if history else ""
    return CAMPAIGN.format(**facts | {"segments": ", ".join(rule.segments), "past": past})


# --- data ---------------------------------------------------------------------------------------


def customers(count: int) -> dict[str, dict[str, Any]]:
    """Customers by key, as rows."""
    chance = random.Random(1)
    return {
        f"c{number}": {
            "age": chance.choice([None, *range(18, 80)]),
            "aum": Decimal(chance.randrange(0, 1_000_000)),
            "level": chance.randrange(1, 17),
            "risk_level": chance.choice([None, 1, 2, 3, 4, 5]),
            "city": chance.choice(["上海", "北京", "成都"]),
            "segment": chance.choice(SEGMENTS),
            "consent_marketing": chance.random() < 0.8,
            "employee": chance.random() < 0.05,
            "registered_at": datetime(2025, 1, 1, tzinfo=UTC),
        }
        for number in range(count)
    }


def events(count: int, campaigns: int, known: Mapping[str, Any]) -> list[Event]:
    """Events in the order of time, of products that campaigns are about."""
    chance = random.Random(2)
    keys, products = list(known), max(1, campaigns // 100)
    start = datetime(2026, 1, 25, tzinfo=UTC)
    return [
        Event(
            chance.choice(KINDS),
            chance.choice(keys),
            {
                "at": start + timedelta(minutes=number),
                "key": f"e{number}",
                "amount": Decimal(chance.randrange(0, 600_000)) / 100,
                "product": f"p{chance.randrange(products)}",
                "product_risk": chance.randrange(1, 6),
                "channel": "app",
            },
        )
        for number in range(count)
    ]


def facts(events_: list[Event], known: Mapping[str, dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The facts of each event for a peer: names to values that its language has."""
    for event in events_:
        row = {**known[event.customer], **event.row, "kind": event.name}
        yield {name: _plain(value) for name, value in row.items()}


def _plain(value: object) -> object:
    match value:
        case datetime():
            return int(value.timestamp())
        case Decimal():
            return float(value)
        case _:
            return value
