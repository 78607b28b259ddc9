"""A shop's project for the audience benchmark: its tables, and campaigns drawn from a template.

A campaign is drawn as conditions that know how they are written in a campaign file. The peer reads
the same conditions in its own way (`audience_polars.py`). Everything follows from a seed.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

DAY = "2026-06-30"
ZONE = ZoneInfo("Asia/Shanghai")
CLOCKS = ("10:00", "10:00", "10:00", "18:00")
TABLES = {"order": 5, "visit": 9, "cart": 4, "ticket": 2}
"""Each kind of event and its part of twenty."""

SETTINGS = """\
[project]
name = "audience"
language = 1
time_zone = "Asia/Shanghai"
currency = "CNY"
catalog = "catalog.yaml"
"""

CATALOG = """\
customer:
  table: customers
  key: customer_id
  fields:
    age:           {type: integer, optional: true}
    balance:       {type: money, currency: CNY}
    city:          {type: text}
    segment:       {type: enum, values: [mass, affluent, private]}
    consent:       {type: boolean}
    employee:      {type: boolean}
    registered_at: {type: timestamp, zone: UTC}
events:
  order:
    table: orders
    key: order_id
    customer: customer_id
    at: {column: ordered_at, zone: UTC}
    fields:
      amount:   {type: money, currency: CNY}
      category: {type: text}
  visit:
    table: visits
    key: visit_id
    customer: customer_id
    at: {column: visited_at, zone: UTC}
    fields:
      channel: {type: text}
      minutes: {type: integer}
  cart:
    table: carts
    key: cart_id
    customer: customer_id
    at: {column: filled_at, zone: UTC}
    fields:
      amount: {type: money, currency: CNY}
  ticket:
    table: tickets
    key: ticket_id
    customer: customer_id
    at: {column: opened_at, zone: UTC}
    fields:
      topic: {type: text}
"""

COMMON = """\
lifecycle shopper "Shoppers" {
  stage prospect "Prospects" when no order
  stage regular  "Regular"   when has order in last 60 days and count(order) < 6
  stage loyal    "Loyal"     when has order in last 60 days and count(order) >= 6
  stage sleeping "Sleeping"  when has order and no order in last 60 days
}

audience reachable "May be written to" consent and not employee

policy shop "Shop" { forbid phrase "risk free" }
"""

CITIES = ("Shanghai", "Beijing", "Shenzhen", "Chengdu", "Hangzhou", "Wuhan", "Xi'an", "Nanjing")
CATEGORIES = ("books", "food", "toys", "garden", "phones")
CHANNELS = ("app", "web", "shop")
STAGES = ("prospect", "regular", "loyal", "sleeping")
WINDOWS = (3, 7, 14, 21, 30, 45, 60, 90, 120, 180)


@dataclass(frozen=True)
class Past:
    """An aggregate over a customer's events: of all of them, or of those of so many days."""

    event: str
    function: str
    field: str | None = None
    days: int | None = None
    only: tuple[str, str] | None = None

    def text(self) -> str:
        what = f"{self.event}.{self.field}" if self.field else self.event
        if self.function == "distinct":
            what = f"distinct {what}"
        asked = f' where {self.only[0]} = "{self.only[1]}"' if self.only else ""
        window = f" in last {self.days} days" if self.days else ""
        function = {"distinct": "count"}.get(self.function, self.function)
        return f"{function}({what}{asked}{window})"


@dataclass(frozen=True)
class History:
    """A comparison of what a customer did with a number (`>=`, `=` or `<`)."""

    past: Past
    operator: str
    bound: int
    money: bool = False

    def text(self) -> str:
        unit = " CNY" if self.money else ""
        return f"{self.past.text()} {self.operator} {self.bound}{unit}"


@dataclass(frozen=True)
class Field:
    """A condition on the customer's row: `kind` says which."""

    kind: str
    values: tuple[int | str, ...]

    def text(self) -> str:
        match self.kind:
            case "age":
                return f"age between {self.values[0]} and {self.values[1]}"
            case "balance":
                return f"balance >= {self.values[0]} CNY"
            case "city":
                return "city in ({})".format(", ".join(f'"{one}"' for one in self.values))
            case "segment":
                return f"segment = {self.values[0]}"
            case _:
                return f"registered_at within last {self.values[0]} days"


@dataclass(frozen=True)
class Campaign:
    """`gifts`: the points of those for whom the history holds, and of the others."""

    name: str
    clock: str
    stages: tuple[str, ...]
    conditions: tuple[Field | History, ...]
    branch: History | None
    gifts: tuple[int, int]

    def text(self) -> str:
        stages = ", ".join(f"shopper.{one}" for one in self.stages)
        stage = f"  stage {stages}\n" if stages else ""
        asked = "".join(f" and {one.text()}" for one in self.conditions)
        first, second = self.gifts
        reward = f"{first} points"
        if self.branch is not None:
            reward = (
                f"by {{ when {self.branch.text()}: {first} points  otherwise: {second} points }}"
            )
        return (
            f"campaign {self.name} {{\n{stage}"
            f"  audience reachable{asked}\n"
            f"  trigger every day at {self.clock}\n"
            f"  reward {reward}\n"
            "  budget { stock 10_000_000 }\n"
            "  compliance { follows shop }\n"
            "}\n"
        )


def campaigns(count: int, seed: int = 20260630) -> list[Campaign]:
    """So many of them: the first are the same whatever the count."""
    return [_campaign(Random(f"{seed}/{number}"), number) for number in range(count)]


def _campaign(random: Random, number: int) -> Campaign:
    stages = tuple(random.sample(STAGES, random.randint(1, 2))) if random.random() < 0.7 else ()
    fields = [_field(random) for _ in range(random.randint(0, 2))]
    histories = [_history(random) for _ in range(random.randint(2, 4))]
    conditions = tuple(dict.fromkeys([*fields, *histories]))
    branch = _history(random) if random.random() < 0.25 else None
    gifts = (random.randint(50, 99), random.randint(5, 49))
    return Campaign(f"c{number:04}", random.choice(CLOCKS), stages, conditions, branch, gifts)


def _field(random: Random) -> Field:
    match random.randrange(5):
        case 0:
            first = random.randint(18, 50)
            return Field("age", (first, first + random.randint(5, 20)))
        case 1:
            return Field("balance", (random.choice((1_000, 10_000, 50_000, 100_000)),))
        case 2:
            return Field("city", tuple(random.sample(CITIES, random.randint(1, 3))))
        case 3:
            return Field("segment", (random.choice(("mass", "affluent", "private")),))
        case _:
            return Field("registered", (random.choice((30, 90, 180, 365)),))


def _history(random: Random) -> History:
    days = random.choice(WINDOWS)
    match random.randrange(9):
        case 0:
            return History(Past("order", "count", None, days), ">=", max(2, days // 20))
        case 1:
            past = Past("order", "sum", "amount", days)
            return History(past, ">=", days * random.choice((10, 20, 40)), money=True)
        case 2:
            return History(Past("visit", "count", None, days), "=", 0)
        case 3:
            only = ("channel", random.choice(CHANNELS))
            return History(Past("visit", "count", None, days, only), ">=", max(2, days // 15))
        case 4:
            past = Past("visit", "sum", "minutes", days)
            return History(past, ">=", days * random.choice((2, 4)))
        case 5:
            past = Past("cart", "sum", "amount", days)
            return History(past, ">=", days * random.choice((10, 30)), money=True)
        case 6:
            return History(Past("ticket", "count", None, days), "=", 0)
        case 7:
            return History(Past("order", "distinct", "category", days), ">=", random.choice((2, 3)))
        case _:
            past = Past("order", "max", "amount", days)
            return History(past, ">=", random.choice((400, 800)), money=True)


def write(folder: Path, chosen: list[Campaign]) -> Path:
    """The project as files."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "campaigner.toml").write_text(SETTINGS)
    (folder / "catalog.yaml").write_text(CATALOG)
    (folder / "all.campaign").write_text(COMMON + "\n".join(one.text() for one in chosen))
    return folder


def fill(path: Path, customers: int) -> None:
    """The warehouse: so many customers, and twenty events for each of them, made in SQL.

    Events lie in the order of time over a year; some customers do far more than others.
    """
    import duckdb

    path.parent.mkdir(parents=True, exist_ok=True)
    making = path.with_name(f"{path.name}.part")
    making.unlink(missing_ok=True)
    with duckdb.connect(str(making)) as warehouse:
        cities = ", ".join("'" + one.replace("'", "''") + "'" for one in CITIES)
        warehouse.execute(f"""
            CREATE TABLE customers AS SELECT
              'c' || i AS customer_id,
              CASE WHEN hash(i * 7) % 20 > 0 THEN CAST(18 + hash(i * 11) % 60 AS INTEGER) END
                AS age,
              CAST(hash(i * 13) % 20000000 AS DECIMAL(18, 2)) / 100 AS balance,
              list_extract([{cities}], CAST(1 + hash(i * 17) % {len(CITIES)} AS INTEGER)) AS city,
              CASE hash(i * 19) % 20 WHEN 0 THEN 'private' WHEN 1 THEN 'affluent'
                WHEN 2 THEN 'affluent' WHEN 3 THEN 'affluent' ELSE 'mass' END AS segment,
              hash(i * 23) % 10 < 8 AS consent,
              hash(i * 29) % 100 = 0 AS employee,
              TIMESTAMP '2021-07-01' + to_seconds(CAST(hash(i * 31) % 157000000 AS BIGINT))
                AS registered_at
            FROM range({customers}) AS t(i)""")
        for number, (event, part) in enumerate(TABLES.items()):
            rows, random = customers * part, f"hash(i * 61 + {number}) / 1.8446744073709552e19"
            further = {
                "order": "CAST(500 + hash(i * 37) % 60000 AS DECIMAL(18, 2)) / 100 AS amount, "
                f"list_extract({list(CATEGORIES)}, CAST(1 + hash(i * 41) % 5 AS INTEGER)) "
                "AS category",
                "visit": f"list_extract({list(CHANNELS)}, CAST(1 + hash(i * 43) % 3 AS INTEGER)) "
                "AS channel, CAST(1 + hash(i * 47) % 30 AS INTEGER) AS minutes",
                "cart": "CAST(500 + hash(i * 53) % 90000 AS DECIMAL(18, 2)) / 100 AS amount",
                "ticket": "list_extract(['late', 'broken', 'other'], "
                "CAST(1 + hash(i * 59) % 3 AS INTEGER)) AS topic",
            }[event]
            at = {"order": "ordered", "visit": "visited", "cart": "filled", "ticket": "opened"}
            warehouse.execute(f"""
                CREATE TABLE {event}s AS SELECT
                  '{event[0]}' || i AS {event}_id,
                  'c' || CAST(floor({customers} * power({random}, 1.7)) AS BIGINT) AS customer_id,
                  TIMESTAMP '2025-07-01' + to_seconds(CAST(i * (365 * 86400 / {rows}) AS BIGINT))
                    AS {at[event]}_at,
                  {further}
                FROM range({rows}) AS t(i)""")
    making.rename(path)
