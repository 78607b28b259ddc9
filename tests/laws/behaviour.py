"""Customers and what they did, made up: few of them, many ties, cancelled and late events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from .cases import Case, Table

ZONES = ("Asia/Shanghai", "America/New_York", "UTC")
CHANNELS = ("app", "搜索", "o'x", "")
START = datetime(2025, 1, 30, tzinfo=UTC)
DAYS = 150
EVENTS = ("login", "order", "visit")

CAMPAIGNS = """
audience grown age >= 30
audience young age < 30
"""


@dataclass(frozen=True)
class Behaved:
    """A case, and since when customers are known if the catalog says so."""

    case: Case
    since: bool
    currency: str


@st.composite
def behaved(draw: st.DrawFn, customers: int = 12, events: int = 40, costs: bool = False) -> Behaved:
    """A project with a table of customers and three kinds of events, one of which is cancelled."""
    zone = draw(st.sampled_from(ZONES))
    since = draw(st.booleans())
    currency = draw(st.sampled_from(("CNY", "CNY", "CNY", "USD")))
    keys = [f"c{number}" for number in range(draw(st.integers(0, customers)))]
    tables = {"customers": _customers(draw, keys, since)}
    moments = draw(st.lists(_moments(), min_size=1, max_size=8))
    for name in EVENTS:
        tables[f"{name}s"] = _events(draw, name, keys, moments, events)
    orders = [row[0] for row in tables["orders"].rows]
    tables["refunds"] = _refunds(draw, keys, orders, moments)
    if costs:
        tables["costs"] = _costs(draw)
    settings = (
        f'[project]\nname = "made_up"\ntime_zone = "{zone}"\ncurrency = "CNY"\nlanguage = 1\n'
        'catalog = "catalog.yaml"\n'
    )
    at = draw(st.sampled_from((*moments, START + timedelta(days=DAYS))))
    catalog = _catalog(since=since, costs=f"spent, currency: {currency}" if costs else None)
    case = Case(settings, catalog, CAMPAIGNS, tables, START, at)
    return Behaved(case, since, currency)


def _moments() -> st.SearchStrategy[datetime]:
    """Instants, often at the turn of a day or a month on the clock of some zone."""
    hours = st.sampled_from((0, 4, 5, 16, 23))
    return st.builds(
        lambda day, hour, second: START + timedelta(days=day, hours=hour, seconds=second),
        st.integers(0, DAYS),
        hours,
        st.sampled_from((0, 0, 1, 3599)),
    )


def _customers(draw: st.DrawFn, keys: Sequence[str], since: bool) -> Table:
    kinds = {
        "customer_id": "text",
        "channel": "text",
        "age": "integer",
        "assets": "money",
        "vip": "boolean",
        "phone": "text",
    }
    kinds |= {"begun": "timestamp"} if since else {}
    rows = tuple(
        (
            key,
            draw(st.sampled_from((*CHANNELS, None))),
            draw(st.sampled_from((None, 20, 29, 30, 44, 60))),
            draw(st.sampled_from(("0", "12.34", "99999.5", "100"))),
            draw(st.booleans()),
            f"138{number:08d}",
            *((draw(_moments()).replace(tzinfo=None),) if since else ()),
        )
        for number, key in enumerate(keys)
    )
    return Table(kinds, tuple(_exact(row) for row in rows))


def _exact(row: tuple[object, ...]) -> tuple[object, ...]:
    return (*row[:3], Decimal(str(row[3])), *row[4:])


def _events(
    draw: st.DrawFn, name: str, keys: Sequence[str], moments: Sequence[datetime], most: int
) -> Table:
    kinds = {"event_id": "text", "customer_id": "text", "happened_at": "timestamp"}
    kinds |= {"amount": "money"} if name == "order" else {}
    whose = st.sampled_from((*keys, *keys[:3], "nobody"))
    when = st.one_of(st.sampled_from(moments), _moments())
    amounts = st.sampled_from((None, *map(Decimal, ("0", "0.01", "10", "12.34", "999.99", "-5"))))
    ids = draw(st.permutations(range(draw(st.integers(0, most)))))
    rows = tuple(
        (
            f"{name[0]}{number}",
            draw(whose),
            draw(when).replace(tzinfo=None),
            *((draw(amounts),) if name == "order" else ()),
        )
        for number in ids
    )
    return Table(kinds, rows)


def _refunds(
    draw: st.DrawFn, keys: Sequence[str], orders: Sequence[str], moments: Sequence[datetime]
) -> Table:
    kinds = {
        "event_id": "text",
        "customer_id": "text",
        "happened_at": "timestamp",
        "order_id": "text",
    }
    count = draw(st.integers(0, 6)) if keys and orders else 0
    rows = tuple(
        (
            f"r{number}",
            draw(st.sampled_from(keys)),
            draw(st.sampled_from(moments)).replace(tzinfo=None),
            draw(st.sampled_from(orders)),
        )
        for number in range(count)
    )
    return Table(kinds, rows)


def _costs(draw: st.DrawFn) -> Table:
    days = st.integers(-40, DAYS).map(lambda number: (START + timedelta(days=number)).date())
    amounts = st.sampled_from(tuple(map(Decimal, ("0", "0.5", "100", "33.33", "-10"))))
    rows: list[tuple[str, date, Decimal]] = [
        (draw(st.sampled_from(("app", "搜索", "radio"))), draw(days), draw(amounts))
        for _ in range(draw(st.integers(0, 20)))
    ]
    return Table({"channel": "text", "spent_on": "date", "spent": "money"}, tuple(rows))


def _catalog(*, since: bool, costs: str | None) -> str:
    """The catalog; `costs` is the column of the amount with its currency."""
    begun = "  since: begun\n" if since else ""
    spent = (
        f"costs: {{table: costs, channel: channel, day: spent_on, amount: {{column: {costs}}}}}\n"
        if costs
        else ""
    )
    events = "".join(
        f"  {name}:\n    table: {name}s\n    key: event_id\n    customer: customer_id\n"
        f"    at: happened_at\n{more}"
        for name, more in (
            ("login", ""),
            ("visit", ""),
            (
                "order",
                "    cancelled_by: {event: refund, field: order_id}\n    fields:\n"
                "      amount: {type: money, currency: CNY, optional: true}\n",
            ),
            ("refund", "    fields:\n      order_id: {type: text}\n"),
        )
    )
    return (
        f"customer:\n  table: customers\n  key: customer_id\n{begun}  fields:\n"
        "    channel: {type: text, optional: true}\n"
        "    age: {type: integer, optional: true}\n"
        "    assets: {type: money, currency: CNY}\n"
        "    vip: {type: boolean}\n"
        "    phone: {type: text, sensitivity: C2}\n"
        f"events:\n{events}{spent}"
    )
