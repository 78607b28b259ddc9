"""Rows for a catalog: few customers, many coincidences, and instants at the edges of windows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from campaigner.compiler.plan.calendar import at_clock
from campaigner.runtime.decide.past_grants import Received, WalletMove
from hypothesis import strategies as st

from .laws.cases import Table
from .strategies_catalog import (
    WALLS,
    WORDS,
    Catalog,
    Event,
    Field,
    Past,
    days,
    instants,
    on_clock,
)

CUSTOMERS = ("ann", "bob", "陈", "a/b%", "o'x", "10", "9", "É")
GHOST = "nobody"
"""Has events, without being a customer."""

TEXTS = (
    "a",
    "ab",
    "A",
    "",
    "é",
    "上海",
    "o'x",
    'say "x"',
    "50%",
    "a_b",
    "🙂",
    "bob",
    "ann",
    "É",
    "ＡＢ",
    "a\\b",
    "e\u0301",
    "a\nb",
)
INTEGERS = (0, 1, 2, 3, 7, 30, -1, 2**31, 2**63 - 1, -(2**63))
DECIMALS = ("0", "0.5", "1", "3.3333333333", "-0.05", "2.5", "0.0000000001", "999999999999999999")
DOUBLES = (1.005, 0.145, 0.285, -1.005, 0.5, 123456789.123, 1e-7, 5e-11, 1e15, 0.0, 5.0, 10.0)
"""Most lie between two amounts, where the binary number is below the decimal that names it."""
REALS = (1.005, 0.145, 0.285, 2.675, -1.005, 0.5, 16777216.0, 1e-7, 0.0, 5.0, 10.0)
MONEYS = ("0", "5", "10", "100", "12.34", "0.05", "-3", "0.01", "99999999999", "1.25")


@st.composite
def tables(draw: st.DrawFn, catalog: Catalog, most: int = 8) -> dict[str, Table]:
    """Tables for all that the catalog names; at most so many events of a kind."""
    count = draw(st.sampled_from((3, *(5,) * 4, *(len(CUSTOMERS),) * 4, 1, 2, 0)))
    now = [one for one in catalog.customers if one.past is None]
    kinds = {"customer_id": "text"} | {_column(one): _kind(one) for one in now}
    if catalog.since is not None:
        kinds["since_when"] = _kind(catalog.since)
    rows = tuple(
        (
            key,
            *(draw(_values(catalog, one)) for one in now),
            *([draw(_beginnings(catalog, catalog.since))] if catalog.since is not None else []),
        )
        for key in CUSTOMERS[:count]
    )
    found = {"customers": Table(kinds, rows)}
    for field in catalog.customers:
        if field.past is not None:
            found[field.past.table] = draw(_pasts(catalog, field, field.past))
    for event in catalog.events:
        if event.cancels is None:
            found[event.table] = draw(_events(catalog, event, most))
    for event in catalog.events:
        if event.cancels is not None:
            of = next(one for one in catalog.events if one.name == event.cancels)
            found[event.table] = draw(_cancellations(catalog, event, of, found[of.table]))
    return found


@st.composite
def _cancellations(
    draw: st.DrawFn, catalog: Catalog, event: Event, of: Event, cancelled: Table
) -> Table:
    """Events that cancel others: before, with or after them, twice, of nobody, of somebody else."""
    kinds = {
        f"{event.name}_id": "text",
        "customer_id": "text",
        "happened_at": _kind(event.at),
        "order_ref": "text",
    }
    rows = []
    for number in range(draw(st.integers(0, 4)) if cancelled.rows else 0):
        row = draw(st.sampled_from(cancelled.rows))
        same = event.at.zone == of.at.zone and event.at.aware == of.at.aware
        at = row[2] if same and draw(st.booleans()) else draw(_moments(catalog, event.at))
        whose = draw(st.sampled_from((row[1], row[1], row[1], CUSTOMERS[0])))
        keys = (str(row[0]), str(row[0]), str(row[0]), "nothing")
        key = draw(st.sampled_from((*keys, None) if event.fields[0].optional else keys))
        rows.append((f"r{number}", whose, at, key))
    return Table(kinds, tuple(rows))


@st.composite
def _events(draw: st.DrawFn, catalog: Catalog, event: Event, most: int) -> Table:
    numbered = draw(st.booleans())
    kinds = {
        f"{event.name}_id": "integer" if numbered else "text",
        "customer_id": "text",
        "happened_at": _kind(event.at),
    } | {_column(one): _kind(one) for one in event.fields}
    whose = st.sampled_from((*CUSTOMERS[:3], *CUSTOMERS[:2], *CUSTOMERS, GHOST))
    # The keys are in no order of time, and as text in another one than as numbers.
    keys = draw(
        st.permutations(range(7, 7 + draw(st.sampled_from((*(most,) * 6, *(most // 2,) * 3, 0)))))
    )
    rows = tuple(
        (
            key if numbered else f"{event.name[0]}{key}",
            draw(whose),
            draw(_moments(catalog, event.at)),
            *(draw(_values(catalog, one)) for one in event.fields),
        )
        for key in keys
    )
    return Table(kinds, rows)


LONG_AGO = datetime(1990, 1, 1, tzinfo=UTC)


@st.composite
def _beginnings(draw: st.DrawFn, catalog: Catalog, field: Field) -> datetime:
    """Since when there is a customer: mostly for long."""
    if draw(st.booleans()):
        return LONG_AGO if field.aware else on_clock(LONG_AGO, field.zone)
    return draw(_moments(catalog, field))


@st.composite
def _pasts(draw: st.DrawFn, catalog: Catalog, field: Field, past: Past) -> Table:
    """Rows of which no two of a customer are true at once: one ends as the next begins, or before.

    Clocks that are put back show an instant as a later one, so the ends are taken as columns have
    them.
    """
    kinds = {"whose": "text", "begins_at": _kind(past.at)}
    if past.to is not None:
        kinds["ends_at"] = _kind(past.to)
    kinds[_column(field)] = _kind(field)
    rows: list[tuple[Any, ...]] = []
    for customer in (*CUSTOMERS, GHOST):
        drawn = draw(st.lists(instants(catalog), max_size=4))
        far = [LONG_AGO] if draw(st.booleans()) else []
        shown = {_seen(one, past.at): one for one in (*far, *drawn)}
        starts = [shown[at] for at in sorted(shown)]
        for start, later in zip(starts, [*starts[1:], None], strict=False):
            times = [_stored(start, past.at)]
            if past.to is not None:
                times.append(draw(_ends(start, later, past)))
            rows.append((customer, *times, draw(_values(catalog, field))))
    return Table(kinds, tuple(draw(st.permutations(rows))))


@st.composite
def _ends(draw: st.DrawFn, start: datetime, later: datetime | None, past: Past) -> datetime | None:
    """The end of a row: as the next one begins, sooner, or never."""
    assert past.to is not None
    if later is None and draw(st.booleans()):
        return None
    latest = start + timedelta(days=3) if later is None else _seen(later, past.at)
    soon = start + timedelta(hours=2)
    ends = [one for one in (soon, latest) if _seen(start, past.at) <= _seen(one, past.to)]
    known = [one for one in ends if later is None or _seen(one, past.to) <= _seen(later, past.at)]
    return _stored(draw(st.sampled_from(known or [latest])), past.to)


def _stored(instant: datetime, field: Field) -> datetime:
    return instant if field.aware else on_clock(instant, field.zone)


def _seen(instant: datetime, field: Field) -> datetime:
    """The instant that a reader takes from the column."""
    shown = _stored(instant, field)
    return shown if field.aware else at_clock(ZoneInfo(field.zone or "UTC"), shown)


def _column(field: Field) -> str:
    return field.column or field.name


def _kind(field: Field) -> str:
    if field.binary is not None:
        return "double" if field.binary == 64 else "real"
    return "instant" if field.aware else field.kind


@st.composite
def _moments(draw: st.DrawFn, catalog: Catalog, field: Field) -> datetime:
    """A value of a column of instants: often the same, and at the edges."""
    instant = draw(instants(catalog))
    return instant if field.aware else on_clock(instant, field.zone)


def _values(catalog: Catalog, field: Field) -> st.SearchStrategy[Any]:
    known = _known(catalog, field)
    return st.one_of(known, known, known, st.none()) if field.optional else known


def _known(catalog: Catalog, field: Field) -> st.SearchStrategy[Any]:
    if field.sensitivity == "C3":
        return st.sampled_from(("SECRET-1", "SECRET-2"))
    if field.binary is not None:
        return st.sampled_from(DOUBLES if field.binary == 64 else REALS)
    match field.kind:
        case "integer":
            return st.sampled_from(INTEGERS)
        case "decimal":
            return st.sampled_from([Decimal(one) for one in DECIMALS])
        case "money":
            grain = Decimal(1).scaleb(-catalog.places)
            return st.sampled_from([Decimal(one).quantize(grain) for one in MONEYS])
        case "text":
            return st.sampled_from(TEXTS)
        case "enum":
            return st.sampled_from(WORDS)
        case "boolean":
            return st.booleans()
        case "date":
            return days(catalog)
        case "timestamp":
            return _moments(catalog, field)
        case "time":
            return st.sampled_from(WALLS)


@st.composite
def periods(draw: st.DrawFn, catalog: Catalog) -> tuple[datetime, datetime]:
    """A closed period around the day: its whole days, or ends that something happens at."""
    zone = ZoneInfo(catalog.zone)
    first = catalog.focus - timedelta(days=draw(st.sampled_from((1, 0, 3))))
    last = catalog.focus + timedelta(days=draw(st.sampled_from((1, 0, 2))))
    start = at_clock(zone, datetime.combine(first, draw(st.sampled_from((WALLS[1], *WALLS)))))
    end = at_clock(zone, datetime.combine(last, draw(st.sampled_from((WALLS[6], *WALLS)))))
    return (start, end) if start <= end else (end, start)


@st.composite
def grants(draw: st.DrawFn, catalog: Catalog, campaigns: tuple[str, ...]) -> tuple[Received, ...]:
    """Earlier grants in a ledger, some of them bundles, some at one instant."""
    found: list[Received] = []
    for number in range(draw(st.integers(0, 3))):
        who, at = draw(st.sampled_from(CUSTOMERS[:3])), draw(instants(catalog))
        if found and draw(st.booleans()):
            at = found[-1].at
        campaign = draw(st.sampled_from(campaigns))
        lines = draw(st.sampled_from((("coffee",), ("ride",), (None,), ("coffee", "ride"))))
        key = f"before-{number}"
        found += [Received(campaign, "main", who, key, benefit, at) for benefit in lines]
    return tuple(found)


@st.composite
def moves(draw: st.DrawFn, catalog: Catalog) -> tuple[WalletMove, ...]:
    """Earlier changes of wallets, some at one instant, of one wallet that no rule asks about."""
    found: list[WalletMove] = []
    for _ in range(draw(st.integers(0, 4))):
        at = found[-1].at if found and draw(st.booleans()) else draw(instants(catalog))
        amount = draw(st.sampled_from((10, 3, 2_000_000_000, -3, -10)))
        wallet = draw(st.sampled_from(("points", "points", "growth")))
        found.append(WalletMove(draw(st.sampled_from(CUSTOMERS[:3])), wallet, amount, at))
    return tuple(found)
