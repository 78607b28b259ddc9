"""The catalog of a generated project: fields of every type, events, zones, instants to hit.

Names are always the same, so that a project that shrinks stays readable. It is drawn which
of them may be unknown, and on which clock a column is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from campaigner.compiler.plan.calendar import at_clock
from hypothesis import strategies as st

Kind = Literal[
    "integer", "decimal", "money", "text", "enum", "boolean", "date", "timestamp", "time"
]

WORDS = ("mass", "gold", "vip")
"""The words of every enum."""


@dataclass(frozen=True)
class Past:
    """Where the past of a field is kept: its rows begin `at`, and end at `to`, if they do."""

    table: str
    at: Field
    to: Field | None = None


@dataclass(frozen=True)
class Field:
    """`zone`: of a timestamp's column; `column`: what the warehouse calls it.

    `aware`: the warehouse's column of a timestamp says its zone itself; `binary`: its column of a
    number is a float of so many bits. `past`: the customers' table does not have it.
    """

    name: str
    kind: Kind
    optional: bool = False
    zone: str | None = None
    column: str | None = None
    sensitivity: str = "C1"
    aware: bool = False
    binary: Literal[32, 64] | None = None
    past: Past | None = None

    @property
    def written(self) -> str:
        """The field as a campaign names it."""
        return f"`{self.name}`" if self.name in ("limit", "from", "today") else self.name

    def named_in(self, source: str) -> bool:
        """Whether a project names it; messages name fields without backticks."""
        name = re.escape(self.name)
        return bool(re.search(rf"`{name}`|(?:event|customer)\.{name}\b", source)) or (
            self.written == self.name and bool(re.search(rf"\b{name}\b", source))
        )


@dataclass(frozen=True)
class Event:
    """A kind of event; `at` is its time.

    `cancels`: the event that it cancels, by the key in its field `of`.
    """

    name: str
    table: str
    at: Field
    fields: tuple[Field, ...]
    cancels: str | None = None


@dataclass(frozen=True)
class Catalog:
    """Also the project's zone and currency, and the day around which everything happens.

    `since`: since when there is the customer, if the catalog says it.
    """

    zone: str
    currency: str
    focus: date
    customers: tuple[Field, ...]
    events: tuple[Event, ...]
    since: Field | None = None

    @property
    def places(self) -> int:
        """Digits after the point of the currency."""
        return {"JPY": 0, "BHD": 3}.get(self.currency, 2)


_CUSTOMER: tuple[tuple[str, Kind], ...] = (
    ("age", "integer"),
    ("score", "decimal"),
    ("balance", "money"),
    ("city", "text"),
    ("segment", "enum"),
    ("consent", "boolean"),
    ("born", "date"),
    ("joined", "timestamp"),
    ("wakes", "time"),
    ("limit", "integer"),
    ("城市", "text"),
)
_ORDER: tuple[tuple[str, Kind], ...] = (
    ("amount", "money"),
    ("qty", "integer"),
    ("rate", "decimal"),
    ("product", "text"),
    ("tier", "enum"),
    ("gift", "boolean"),
    ("ships", "date"),
    ("paid", "timestamp"),
    ("slot", "time"),
    ("friend", "text"),
)
_VISIT: tuple[tuple[str, Kind], ...] = (("page", "text"), ("minutes", "integer"), ("from", "text"))

_ALIASES: Mapping[str, tuple[str, ...]] = {
    "visit": ("visit", "visit", "visit", "triggered", "facts", "due", "客访", "customers"),
    "age": ("age", "age", "age", "moment", "today", "recipient", "customer_age"),
    "score": ("score", "score", "occurrence", "branch", "held_out"),
    "minutes": ("minutes", "minutes", "line", "visit_key"),
}
"""Names that queries may use for their own ends."""

ORDINARY = (
    date(2024, 2, 29),
    date(2025, 2, 28),
    date(2024, 3, 31),
    date(2024, 12, 31),
    date(2024, 1, 1),
    date(2024, 6, 30),
    date(2024, 5, 15),
)
CHANGES: Mapping[str, tuple[date, ...]] = {
    "America/New_York": (date(2024, 3, 10), date(2024, 11, 3)),
    "Africa/Cairo": (date(2024, 4, 26), date(2024, 11, 1)),
    "Australia/Lord_Howe": (date(2024, 4, 7), date(2024, 10, 6)),
}
"""Days on which clocks are changed; Cairo's at midnight, Lord Howe's by half an hour."""

ZONES = ("Asia/Shanghai", "UTC", *CHANGES, "Asia/Kathmandu")
STEADY = ("Asia/Shanghai", "UTC", "Asia/Kathmandu")
"""Zones whose clocks are never changed."""

WALLS = (
    time(10),
    time(0),
    time(2),
    time(2, 30),
    time(1, 30),
    time(0, 30),
    time(23, 59),
    time(9, 15),
)
_DAYS = (0, -1, 1, -2, -7, -30, -31, 7, -29, -90, -365, -366, 2, 30)
_GRAINS = (0, 0, 0, 1, -1, 1_000_000)
"""Microseconds before or after the instant that everybody aims at."""


@st.composite
def catalogs(draw: st.DrawFn, zones: tuple[str, ...] = ZONES, pasts: bool = True) -> Catalog:
    """A catalog, the zone, and the day; `pasts`: fields may have a history."""
    zone = draw(st.sampled_from(zones))
    focus = draw(st.sampled_from((*CHANGES.get(zone, ()), *ORDINARY)))
    currency = draw(st.sampled_from(("CNY", "CNY", "JPY", "BHD")))
    others = ("Asia/Shanghai", "America/New_York") if zones is ZONES else ("Asia/Shanghai",)
    column_zone = st.sampled_from((None, *others, zone))

    def field(name: str, kind: Kind, optional: bool) -> Field:
        zone = draw(column_zone) if kind == "timestamp" else None
        aware = kind == "timestamp" and zone is None and draw(st.booleans())
        floats: tuple[Literal[32, 64] | None, ...] = (None, None, 64, 32)
        binary = draw(st.sampled_from(floats)) if kind in ("decimal", "money") else None
        column = {"city": 'Wohn-"Ort"', "paid": "select"}.get(name)
        return Field(
            draw(st.sampled_from(_ALIASES.get(name, (name,)))),
            kind,
            optional,
            zone,
            column,
            aware=aware,
            binary=binary,
        )

    def fields(known: Iterable[tuple[str, Kind]]) -> tuple[Field, ...]:
        return tuple(field(name, kind, draw(st.booleans())) for name, kind in known)

    def at() -> Field:
        return field("at", "timestamp", False)

    device = Field("device", "text", draw(st.booleans()), sensitivity="C3")
    events = (
        Event("order", "orders", at(), (*fields(_ORDER), device)),
        Event(
            draw(st.sampled_from(_ALIASES["visit"])),
            draw(st.sampled_from(("visits", 'my "visits"', "order"))),
            at(),
            fields(_VISIT),
        ),
    )

    if draw(st.integers(0, 3)) == 3:
        of = field("order_ref", "text", draw(st.booleans()))
        events += (Event("refund", "refunds", at(), (of,), cancels="order"),)

    def with_past(one: Field) -> Field:
        if not pasts or draw(st.integers(0, 3)) != 3:
            return one
        to = replace(at(), name="to", optional=True) if draw(st.booleans()) else None
        return replace(one, optional=True, past=Past(f"past of {one.name}", at(), to))

    phone = Field("phone", "text", sensitivity="C3")
    since = replace(at(), name="since") if draw(st.integers(0, 4)) == 4 else None
    customers = tuple(with_past(one) for one in fields(_CUSTOMER))
    return Catalog(zone, currency, focus, (*customers, phone), events, since)


@st.composite
def instants(draw: st.DrawFn, catalog: Catalog) -> datetime:
    """An instant (aware, UTC) at which something begins or ends, or just before or after it."""
    day = catalog.focus + timedelta(days=draw(st.sampled_from((*(0,) * 8, -1, 1, *_DAYS))))
    shown = datetime.combine(day, draw(st.sampled_from(WALLS)))
    grain = timedelta(microseconds=draw(st.sampled_from(_GRAINS)))
    return at_clock(ZoneInfo(catalog.zone), shown) + grain


def days(catalog: Catalog) -> st.SearchStrategy[date]:
    """A date near the day, or on the day of another year."""
    near = [catalog.focus + timedelta(days=offset) for offset in _DAYS]
    far = [date(1990, 2, 28), date(2000, 2, 29), date(1970, 1, 1), date(1999, 12, 31)]
    return st.sampled_from((*near, *far, date(102, 3, 1), date(9898, 3, 1)))


# --- as files -----------------------------------------------------------------------------------


def settings_text(catalog: Catalog) -> str:
    """campaigner.toml."""
    return (
        "[project]\n"
        'name = "laws"\n'
        "language = 1\n"
        f'time_zone = "{catalog.zone}"\n'
        f'currency = "{catalog.currency}"\n'
        "[warehouse]\n"
        'url = "duckdb:///data.duckdb"\n'
        "[ledger]\n"
        'url = "sqlite:///ledger.db"\n'
        "[channels.sms]\n"
        'kind = "file"\n'
        'path = "sms.jsonl"\n'
        "[channels.push]\n"
        'kind = "file"\n'
        'path = "push.jsonl"\n'
        "[calendar.fair]\n"
        f'every_year = "{catalog.focus:%m-%d}"\n'
    )


def catalog_text(catalog: Catalog) -> str:
    """catalog.yaml."""
    lines = ["customer:", "  table: customers", "  key: customer_id"]
    if catalog.since is not None:
        lines.append(f"  since: {_at(catalog.since, 'since_when')}")
    lines.append("  fields:")
    lines += [_field(catalog, one) for one in catalog.customers]
    if not catalog.customers:
        lines[-1] = "  fields: {}"
    lines.append("events:")
    for event in catalog.events:
        lines += [
            f"  {event.name}:",
            f"    table: {event.table!r}",
            f"    key: {event.name}_id",
            "    customer: customer_id",
            f"    at: {_at(event.at, 'happened_at')}",
            *(
                f"    cancelled_by: {{event: {one.name}, field: order_ref}}"
                for one in catalog.events
                if one.cancels == event.name
            ),
            "    fields:" if event.fields else "    fields: {}",
        ]
        lines += [f"  {_field(catalog, one)}" for one in event.fields]
    return "\n".join(lines) + "\n"


def _at(field: Field, column: str) -> str:
    zone = f", zone: {field.zone}" if field.zone else ""
    return f"{{column: {column}{zone}}}"


def _past(past: Past) -> str:
    start = _at(past.at, "begins_at")
    times = f"from: {start}, to: {_at(past.to, 'ends_at')}" if past.to else f"at: {start}"
    return f'{{table: "{past.table}", customer: whose, {times}}}'


def _field(catalog: Catalog, field: Field) -> str:
    column = field.column and field.column.replace('"', '\\"')
    entries = [f"type: {field.kind}"]
    if field.kind == "money":
        entries.append(f"currency: {catalog.currency}")
    if field.kind == "enum":
        entries.append(f"values: [{', '.join(WORDS)}]")
    if field.optional:
        entries.append("optional: true")
    if field.zone:
        entries.append(f"zone: {field.zone}")
    if field.column:
        entries.append(f'column: "{column}"')
    if field.past is not None:
        entries.append(f"history: {_past(field.past)}")
    if field.sensitivity != "C1":
        entries.append(f"sensitivity: {field.sensitivity}")
    return f"    {field.name}: {{{', '.join(entries)}}}"


def on_clock(instant: datetime, zone: str | None) -> datetime:
    """An instant as a column on the clocks of a zone holds it."""
    return instant.astimezone(ZoneInfo(zone or "UTC")).replace(tzinfo=None, fold=0)


def utc(*parts: int) -> datetime:
    """An instant in UTC."""
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc]  # year, month, day and so on
