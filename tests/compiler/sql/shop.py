"""A small shop: its customers and events as DuckDB has them, and as the reference reads them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from campaigner.runtime.decide.reference import Rows

from ...warehouses import Warehouse
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

    def load(self, into: Warehouse) -> None:
        """As a warehouse would have it: orders' times on Shanghai's clocks."""
        fields = [field.name for field in CUSTOMERS.fields]
        people = [[one["id"], *(one.get(field) for field in fields)] for one in self.customers]
        into.table(
            "customers",
            {
                "id": "text",
                "age": "integer",
                "city": "text",
                "consent": "boolean",
                "vip": "boolean",
                "wealth": "money",
                "rate": "decimal",
                "registered_at": "instant",
                "born": "date",
            },
            people,
        )
        seen = [field.name for field in ORDER.fields]
        orders = [
            [one["key"], one["customer"], _clock(one["at"], SHANGHAI), *map(one.get, seen)]
            for one in self.orders
        ]
        into.table(
            "orders",
            {
                "order_id": "text",
                "customer_id": "text",
                "at": "timestamp",
                "amount": "money",
                "quantity": "integer",
                "product": "text",
                "friend": "text",
            },
            orders,
        )
        logins = [[one["key"], one["customer"], _clock(one["at"], UTC)] for one in self.logins]
        into.table("logins", {"login_id": "text", "customer_id": "text", "at": "timestamp"}, logins)

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


def _clock(at: datetime, zone: tzinfo) -> datetime:
    return at.astimezone(zone).replace(tzinfo=None)


def day(text: str) -> date:
    return date.fromisoformat(text)


def person(key: str, **more: Any) -> Row:
    plain = {"id": key, "age": 30, "city": "Shanghai", "consent": True, "wealth": Decimal(6000)}
    return plain | more


def order(key: str, who: str, at: str, amount: str = "100.00", **more: Any) -> Row:
    plain = {"key": key, "customer": who, "at": utc(at), "amount": Decimal(amount), "quantity": 1}
    return plain | more


ANN, BOB, CAT = person("ann"), person("bob", age=None), person("cat", consent=False)
