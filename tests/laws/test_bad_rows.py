"""Law 8 in the warehouse: good rows get the decisions that they get without the bad ones."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pytest
from campaigner.compiler.plan import Plan
from campaigner.runtime.due.periods import At, Between
from campaigner.runtime.warehouse.engines import open_warehouse
from campaigner.runtime.warehouse.survey import survey
from hypothesis import given
from hypothesis import strategies as st

from .. import strategies_hostile as hostile
from ..on_postgresql import new_schema, schema_url
from ..runtime import plans
from ..runtime.houses import House, at, new_house
from . import at_most

NOON = At(at("2026-01-10 12:00"))


def ranged(plan: Plan) -> Plan:
    """The plan with ages from 0 to 130, and amounts from 0 to 1000."""
    age, *others = plan.customers.fields
    (event,) = plan.events
    amount, *more = event.fields
    age, amount = (
        replace(age, minimum="0", maximum="130"),
        replace(amount, minimum="0", maximum="1000"),
    )
    return replace(
        plan,
        customers=replace(plan.customers, fields=(age, *others)),
        events=(replace(event, fields=(amount, *more)),),
    )


def decided(customers: list[str], events: list[str], schema: str | None) -> tuple[object, ...]:
    """The grants of a house with these rows among good ones, and the number of skipped rows."""
    with TemporaryDirectory() as folder:
        house: House = new_house(Path(folder), schema)
        house.bad_share = Decimal(1)
        house.plan = ranged(plans.plan([plans.campaign("thanks", plans.on("invest"))]))
        house.fill(
            "ALTER TABLE customers ALTER age TYPE TEXT",
            "ALTER TABLE investments ALTER amount TYPE DOUBLE",
        )
        house.invest("i1", "ann", "2026-01-10 10:00")
        house.invest("i2", "bob", "2026-01-10 11:00")
        house.fill(*(f"INSERT INTO customers VALUES {row}" for row in customers))
        house.fill(*(f"INSERT INTO investments VALUES {row}" for row in events))
        report = house.run(NOON)
        left_out = {one.table: one.count for one in report.left_out}
        with open_warehouse(house.url(), house.folder) as warehouse:
            surveyed = survey(warehouse, house.plan, house.bad_share)
        # What `check --warehouse` and `status` list is what the run left out.
        assert {one.table: one.count for one in surveyed.tables if one.count} == left_out
        listed = [one for one in surveyed.diagnostics if one.code.id in ("W702", "W704", "W705")]
        assert [one.message() for one in listed] == [one.message() for one in report.warnings]
        return house.given(), left_out


@pytest.mark.parametrize("engine", ["duckdb", "postgresql"])
@at_most(3)
@given(customers=hostile.customers(), events=hostile.events())
def test_good_rows_get_the_same_decisions(
    engine: str, customers: list[str], events: list[str]
) -> None:
    schema = new_schema() if engine == "postgresql" else None
    given, left_out = decided(customers, events, schema)
    alone, none = decided([], [], schema)
    assert (given, none) == (alone, {})
    assert given == [("ann", "i1"), ("bob", "i2")]
    bad = [row for row in events if "'nobody'" not in row]
    assert left_out.get("investments", 0) == sum(row.count("), (") + 1 for row in bad)
    assert left_out.get("customers", 0) == sum(row.count("), (") + 1 for row in customers)


@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
@at_most(3)
@given(
    customers=st.sets(hostile.keys(), min_size=1, max_size=4),
    events=st.lists(hostile.keys(), min_size=4, max_size=4, unique=True),
)
def test_a_key_is_kept_as_it_is_or_left_out(
    store: str, customers: set[str], events: list[str]
) -> None:
    """On both stores the same keys; a run that is repeated gives nothing twice."""
    with TemporaryDirectory() as folder:
        house = new_house(Path(folder))
        if store == "postgresql":
            house.ledger = schema_url(new_schema())
        house.bad_share = Decimal(1)
        house.plan = plans.plan([plans.campaign("thanks", plans.on("invest"))])
        house.invest("i1", "ann", "2026-01-10 10:00")
        house.invest("i2", "bob", "2026-01-10 11:00")
        asked = list(zip(sorted(customers), events, strict=False))
        with duckdb.connect(str(house.folder / "bank.duckdb")) as connection:
            for customer, key in asked:
                connection.execute(
                    "INSERT INTO customers VALUES (?, 30, 'Jinan', true)", [customer]
                )
                connection.execute(
                    "INSERT INTO investments VALUES (?, ?, '2026-01-10 10:30+08', 100, 'd')",
                    [key, customer],
                )
        kept = [one for one in asked if all(0 < len(key) < hostile.LONG for key in one)]
        for _ in range(2):
            house.run(Between(at("2026-01-10 00:00"), at("2026-01-11 00:00")))
            assert sorted(house.given()) == sorted([("ann", "i1"), ("bob", "i2"), *kept])
