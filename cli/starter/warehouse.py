"""The starter's warehouse: a few dozen customers and a quarter of their orders, always the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple, dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

from ...dsl.diagnostics.diagnostic import Language, Phrase, in_language
from ...dsl.words.catalogue import ENGLISH

FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = 90

_CITIES = (
    Phrase("starter.city_1"),
    Phrase("starter.city_2"),
    Phrase("starter.city_3"),
    Phrase("starter.city_4"),
)
_PRODUCTS = (
    Phrase("starter.product_1"),
    Phrase("starter.product_2"),
    Phrase("starter.product_3"),
    Phrase("starter.product_4"),
    Phrase("starter.product_5"),
)


@dataclass(frozen=True, slots=True)
class Customer:
    """A row of `customers`."""

    customer_id: str
    city: str
    age: int | None
    employee: bool
    consent_marketing: bool
    registered_at: datetime
    phone: str


@dataclass(frozen=True, slots=True)
class Order:
    """A row of `orders`."""

    order_id: str
    customer_id: str
    ordered_at: datetime
    amount: Decimal
    product: str


def customers(language: Language = ENGLISH) -> Iterator[Customer]:
    """60 customers: one in eight gave no age, one in five no consent, one in twenty works here."""
    chance = Random(1)  # noqa: S311  (examples, not secrets)
    for number in range(1, 61):
        joined = FIRST_DAY - timedelta(days=200 * chance.random(), hours=1)
        yield Customer(
            customer_id=f"c{number:03}",
            city=in_language(_CITIES[number % len(_CITIES)], language),
            age=None if number % 8 == 0 else 18 + int(60 * chance.random()),
            employee=number % 20 == 0,
            consent_marketing=number % 5 != 0,
            registered_at=joined.replace(microsecond=0),
            phone=f"1380000{number:04}",
        )


def orders(language: Language = ENGLISH) -> Iterator[Order]:
    """Their orders from January to March 2026; one customer in three stops after five weeks."""
    chance = Random(2)  # noqa: S311  (examples, not secrets)
    number = 0
    for place, customer in enumerate(customers()):
        if place % 7 == 6:
            continue
        until = DAYS * (0.4 if place % 3 == 0 else 1.0)
        day = 25 * chance.random()
        while day < until:
            number += 1
            cents = 900 + int(40_000 * chance.random() ** 2)
            yield Order(
                order_id=f"o{number:04}",
                customer_id=customer.customer_id,
                ordered_at=(FIRST_DAY + timedelta(days=day)).replace(microsecond=0),
                amount=Decimal(cents).scaleb(-2),
                product=in_language(_PRODUCTS[number % len(_PRODUCTS)], language),
            )
            day += 2 + 22 * chance.random()


def build(path: Path, language: Language = ENGLISH) -> None:
    """Write the DuckDB file, which must not exist yet, with its texts in `language`."""
    import duckdb

    with duckdb.connect(str(path)) as database:
        # One transaction: a commit for each row would take longer than all else.
        database.begin()
        database.execute(
            "CREATE TABLE customers (customer_id TEXT PRIMARY KEY, city TEXT NOT NULL, age INTEGER,"
            " employee BOOLEAN NOT NULL, consent_marketing BOOLEAN NOT NULL,"
            " registered_at TIMESTAMPTZ NOT NULL, phone TEXT NOT NULL)"
        )
        database.execute(
            "CREATE TABLE orders (order_id TEXT PRIMARY KEY, customer_id TEXT NOT NULL,"
            " ordered_at TIMESTAMPTZ NOT NULL, amount DECIMAL(18, 2) NOT NULL,"
            " product TEXT NOT NULL)"
        )
        database.executemany(
            "INSERT INTO customers VALUES (?, ?, ?, ?, ?, ?, ?)",
            [astuple(each) for each in customers(language)],
        )
        database.executemany(
            "INSERT INTO orders VALUES (?, ?, ?, ?, ?)",
            [astuple(each) for each in orders(language)],
        )
        database.commit()
