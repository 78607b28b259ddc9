"""Rows of single customers in the warehouse, as typed values."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from types import MappingProxyType
from typing import Any

from sqlglot import exp

from ...compiler.dialects.common.terms import all_true, any_true
from ...compiler.plan import Column, Plan
from ...compiler.plan.types import TEXT, TIMESTAMP, TimestampType, TimeType, ValueType
from ...compiler.plan.values import Value
from ...compiler.sql.columns import key_text, table, typed
from ..decide.facts import Row, moment, named
from ..decide.patterns.cancelled import cancellations, seen_all
from .contract import Warehouse

_MORE: Mapping[str, ValueType] = MappingProxyType({"at": TIMESTAMP, "key": TEXT, "customer": TEXT})
"""The types of the columns that come with the fields."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Texts that a session of the warehouse keeps under this name (`Warehouse.keep`)."""

    name: str


BEGINNING = datetime.min.replace(tzinfo=UTC)
"""The instant before all others: a question that begins there has no lower bound."""


@dataclass(frozen=True, slots=True)
class PastQuestion:
    """The events of one kind since an instant (aware), and those with some keys, of customers.

    Without `since` only those with the keys. `fields` are wanted.
    """

    kind: str
    fields: tuple[str, ...]
    customers: Kept
    since: datetime | None
    keys: Kept | None


@dataclass(frozen=True, slots=True)
class WarehouseRows:
    """`facts.CustomerRows` over an open warehouse."""

    warehouse: Warehouse
    plan: Plan

    def customer(self, key: str) -> Row | None:
        """The customer's current row; `None` if there is no such customer."""
        customers = self.plan.customers
        rows = self._rows(customers.table, customers.fields, (), (customers.key, key))
        return next(iter(rows), None)

    def events(self, event: str, customer: str) -> Sequence[Row]:
        """All of the customer's events of one kind, in the order of (at, key)."""
        cancels = cancellations(self.plan)
        return seen_all(cancels, event, self._events(event, customer), self._events_of(customer))

    def _events_of(self, customer: str) -> Callable[[str], Sequence[Row]]:
        return lambda event: self._events(event, customer)

    def _events(self, event: str, customer: str) -> Sequence[Row]:
        kind = named(self.plan.events, event)
        fields = (*kind.fields, kind.at)
        key = key_text(self.warehouse.dialect, kind.key)
        found = self._rows(kind.table, fields, [key], (kind.customer, customer))
        return sorted(
            ({**row, "at": row[kind.at.name]} for row in found),
            key=moment,
        )

    def alike(self, event: str, field: str, value: str) -> Sequence[tuple[str, Row]]:
        """All customers' events of one kind that have this value in a field."""
        kind = named(self.plan.events, event)
        dialect = self.warehouse.dialect
        keys = [key_text(dialect, kind.key), key_text(dialect, kind.customer)]
        fields, column = (*kind.fields, kind.at), named(kind.fields, field).column
        rows = self._rows(kind.table, fields, keys, (column, value))
        found: dict[str, list[Row]] = {}
        for row in rows:
            if row["customer"] is not None:
                found.setdefault(str(row["customer"]), []).append({**row, "at": row[kind.at.name]})
        cancels = cancellations(self.plan)
        return [
            (customer, row)
            for customer, own in found.items()
            for row in seen_all(cancels, event, own, self._events_of(customer))
        ]

    def customers(self, keys: Collection[str] | Kept) -> dict[str, Row]:
        """The rows of those customers that exist, by key."""
        customers = self.plan.customers
        key = key_text(self.warehouse.dialect, customers.key)
        query = self._selected(customers.fields, [key], customers.table, _among(key, keys))
        names = [*(field.name for field in customers.fields), "customer"]
        rows = self._answered(query, names, customers.fields)
        return {str(row.pop("customer")): row for row in rows}

    def events_of(
        self, event: str, column: str, values: Collection[str] | Kept, until: datetime
    ) -> Iterator[tuple[str, Row]]:
        """The events of one kind up to an instant (aware), each with its customer.

        Only events whose column has one of these values, as text, are returned. The rows do not
        say whether they are cancelled: the stream may know more of that.
        """
        kind, dialect = named(self.plan.events, event), self.warehouse.dialect
        owner, at = key_text(dialect, kind.customer), typed(dialect, kind.at)
        early = exp.LTE(this=at.copy(), expression=dialect.timestamp(until))
        there = all_true(_among(key_text(dialect, column), values), early)
        keys = [at, key_text(dialect, kind.key), owner]
        names = [*(field.name for field in kind.fields), "at", "key", "customer"]
        query = self._selected(kind.fields, keys, kind.table, there)
        for row in self._answered(query, names, kind.fields):
            customer = row.pop("customer")
            if customer is not None:
                yield str(customer), row

    def past(self, asked: PastQuestion) -> Iterator[list[tuple[Any, ...]]]:
        """The events that are asked for, in batches: customer, instant, key and fields of each.

        They come in any order. The instants have no zone, and are in UTC.
        """
        dialect = self.warehouse.dialect
        columns, there = self._past(asked)
        fields = [self._field(asked, name) for name in asked.fields]
        columns += (typed(dialect, field) for field in fields)
        table_ = table(named(self.plan.events, asked.kind).table)
        query = exp.select(*columns).from_(table_).where(there)
        converted = [
            (place, field.type)
            for place, field in enumerate(fields, 3)
            if isinstance(field.type, TimestampType | TimeType)
        ]
        for batch in self.warehouse.ask(query.sql(dialect.sqlglot)).batches:
            yield [_converted(row, converted) for row in batch] if converted else batch

    def past_in_order(self, asked: PastQuestion, limit: int | None) -> Mapping[str, Any]:
        """The events that are asked for, in order of customer, instant and key, as arrays.

        They are `owner`, `at`, `key`, and of each field, as text, `field_0` and so on. The
        warehouse must give arrays.
        """
        dialect = self.warehouse.dialect
        columns, there = self._past(asked)
        names = ["owner", "at", "key"]
        for number, name in enumerate(asked.fields):
            columns.append(exp.cast(typed(dialect, self._field(asked, name)), dialect.text_type()))
            names.append(f"field_{number}")
        aliased = [exp.alias_(each, name) for each, name in zip(columns, names, strict=True)]
        query = (
            exp.select(*aliased)
            .from_(table(named(self.plan.events, asked.kind).table))
            .where(there)
            .order_by(*(exp.Literal.number(place) for place in (1, 2, 3)))
        )
        answer = self.warehouse.ask(
            (query if limit is None else query.limit(limit)).sql(dialect.sqlglot)
        )
        assert answer.arrays is not None
        (found,) = answer.arrays()
        return found

    def _past(self, asked: PastQuestion) -> tuple[list[exp.Expr], exp.Expr]:
        """Return the owner, instant and key of past events, and which are asked for."""
        kind, dialect = named(self.plan.events, asked.kind), self.warehouse.dialect
        owner, key = key_text(dialect, kind.customer), key_text(dialect, kind.key)
        at = typed(dialect, kind.at)
        there: list[exp.Expr] = []
        if asked.since is not None and asked.since > BEGINNING:
            there.append(exp.GTE(this=at.copy(), expression=dialect.timestamp(asked.since)))
        if asked.keys is not None and (there or asked.since is None):
            there.append(_among(key, asked.keys))
        known = exp.Not(this=exp.Is(this=at.copy(), expression=exp.Null()))
        own = [_among(owner, asked.customers), known, *([any_true(*there)] if there else [])]
        return [owner, at, key], all_true(*own)

    def _field(self, asked: PastQuestion, name: str) -> Column:
        return named(named(self.plan.events, asked.kind).fields, name)

    def owners(self, event: str, keys: Collection[str] | Kept) -> Iterator[tuple[str, str]]:
        """The events of one kind with these keys, each with its customer."""
        kind, dialect = named(self.plan.events, event), self.warehouse.dialect
        key, owner = key_text(dialect, kind.key), key_text(dialect, kind.customer)
        query = exp.select(key, owner).from_(table(kind.table)).where(_among(key, keys))
        for found, customer in self.warehouse.ask(query.sql(dialect.sqlglot)).rows():
            if customer is not None:
                yield str(found), str(customer)

    def _selected(
        self, fields: Sequence[Column], more: Sequence[exp.Expr], name: str, there: exp.Expr
    ) -> exp.Select:
        columns = [typed(self.warehouse.dialect, field) for field in fields]
        return exp.select(*columns, *more).from_(table(name)).where(there)

    def _answered(
        self, query: exp.Select, names: Sequence[str], fields: Sequence[Column]
    ) -> Iterator[dict[str, Value | None]]:
        types = {**_MORE, **{field.name: field.type for field in fields}}
        # Only these come as something else than the runtime's values: most columns are left alone.
        converted = [
            (name, type_)
            for name in names
            if isinstance(type_ := types[name], TimestampType | TimeType)
        ]
        for row in self.warehouse.ask(query.sql(self.warehouse.dialect.sqlglot)).rows():
            found = dict(zip(names, row, strict=True))
            for name, type_ in converted:
                found[name] = from_warehouse(found[name], type_)
            yield found

    def _rows(
        self, name: str, fields: Sequence[Column], keys: Sequence[exp.Expr], where: tuple[str, str]
    ) -> list[Row]:
        """Yield the rows whose column, as text, has one of these values.

        `keys` adds those of the row and of its customer, as `key` and `customer`.
        """
        column, value = where
        dialect = self.warehouse.dialect
        columns = [typed(dialect, field) for field in fields]
        found = key_text(dialect, column).eq(exp.Literal.string(value))
        # A table of no fields has rows too, and no engine selects nothing.
        query = exp.select(*columns, *keys, exp.Literal.number(1)).from_(table(name)).where(found)
        names = [*(field.name for field in fields), *("key", "customer")[: len(keys)]]
        answer = self.warehouse.ask(query.sql(dialect.sqlglot))
        types = [*(field.type for field in fields), TEXT, TEXT]
        return [
            {
                name: from_warehouse(value, type_)
                for name, value, type_ in zip(names, row, types, strict=False)
            }
            for row in answer.rows()
        ]


def _among(column: exp.Expr, values: Collection[str] | Kept) -> exp.Expr:
    if isinstance(values, Kept):
        kept = exp.select("occurrence").from_(exp.table_(values.name, quoted=True))
        return column.copy().isin(query=kept)
    return column.copy().isin(*(exp.Literal.string(value) for value in sorted(values)))


def _converted(row: tuple[Any, ...], places: Sequence[tuple[int, ValueType]]) -> tuple[Any, ...]:
    found = list(row)
    for place, type_ in places:
        found[place] = from_warehouse(found[place], type_)
    return tuple(found)


def from_warehouse(value: Any, type_: ValueType) -> Value | None:  # noqa: ANN401  (what the driver gives)
    """Convert a value to the runtime's type.

    A warehouse's instants come without a zone, in UTC. A time of day comes as text from engines
    without such a type.
    """
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC)
    if isinstance(value, str) and isinstance(type_, TimeType):
        return time.fromisoformat(value)
    found: Value | None = value
    return found
