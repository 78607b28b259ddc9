"""A small shop: its customers and events as DuckDB has them, and as the reference reads them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
from campaigner.runtime.reference import Rows

from .plans import CUSTOMERS, ORDER

SHANGHAI = ZoneInfo("Asia/Shanghai")

Row = dict[str, Any]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@dataclass(frozen=True)
class Shop:
    """Customers, orders and logins; instants aware, unknown is None."""

    customers: Sequence[Row]
    orders: Sequence[Row] = ()
    logins: Sequence[Row] = ()

    def connect(self) -> duckdb.DuckDBPyConnection:
        """As DuckDB would have it: orders' times on Shanghai's clocks, money as DOUBLE."""
        connection = duckdb.connect()
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(
            "CREATE TABLE customers (id VARCHAR, age INTEGER, city VARCHAR, consent BOOLEAN,"
            " vip BOOLEAN, wealth DOUBLE, rate DECIMAL(28, 10), registered_at TIMESTAMPTZ,"
            " born DATE)"
        )
        connection.execute(
            'CREATE TABLE orders (order_id VARCHAR, customer_id VARCHAR, "at" TIMESTAMP,'
            " amount DOUBLE, quantity BIGINT, product VARCHAR, friend VARCHAR)"
        )
        connection.execute(
            'CREATE TABLE logins (login_id VARCHAR, customer_id VARCHAR, "at" TIMESTAMP)'
        )
        fields = [field.name for field in CUSTOMERS.fields]
        for one in self.customers:
            values = [one["id"], *(one.get(field) for field in fields)]
            _insert(connection, "customers", values)
        for one in self.orders:
            clock = one["at"].astimezone(SHANGHAI).replace(tzinfo=None)
            seen = [one.get(field.name) for field in ORDER.fields]
            _insert(connection, "orders", [one["key"], one["customer"], clock, *seen])
        for one in self.logins:
            clock = one["at"].astimezone(UTC).replace(tzinfo=None)
            _insert(connection, "logins", [one["key"], one["customer"], clock])
        return connection

    def rows(self) -> Rows:
        """As the reference interpreter would have it."""
        customers = {
            one["id"]: {field.name: one.get(field.name) for field in CUSTOMERS.fields}
            for one in self.customers
        }
        orders: dict[str, list[Row]] = {}
        for one in self.orders:
            fields = {field.name: one.get(field.name) for field in ORDER.fields}
            orders.setdefault(one["customer"], []).append(
                {**fields, "key": one["key"], "at": one["at"]}
            )
        logins: dict[str, list[Row]] = {}
        for one in self.logins:
            logins.setdefault(one["customer"], []).append({"key": one["key"], "at": one["at"]})
        return Rows(customers, {"order": orders, "login": logins})


def _insert(connection: duckdb.DuckDBPyConnection, table: str, values: list[Any]) -> None:
    places = ", ".join("?" for _ in values)
    connection.execute(f"INSERT INTO {table} VALUES ({places})", values)


def day(text: str) -> date:
    return date.fromisoformat(text)


def person(key: str, **more: Any) -> Row:
    plain = {"id": key, "age": 30, "city": "Shanghai", "consent": True, "wealth": Decimal(6000)}
    return plain | more


def order(key: str, who: str, at: str, amount: str = "100.00", **more: Any) -> Row:
    plain = {"key": key, "customer": who, "at": utc(at), "amount": Decimal(amount), "quantity": 1}
    return plain | more


ANN, BOB, CAT = person("ann"), person("bob", age=None), person("cat", consent=False)
