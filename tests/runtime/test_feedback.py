"""Labels in a table of a server: written in one transaction, and only what changed."""

from datetime import UTC, datetime

import pytest
from campaigner.dsl.diagnostics.diagnostic import CannotRun
from campaigner.runtime.feedback.changes import changes
from campaigner.runtime.feedback.labels import Place
from campaigner.runtime.feedback.tables import in_postgresql

from ..on_postgresql import connected, new_schema
from ..warehouses import postgresql_url

NAMES = {("stage", "retail")}
MAY, JUNE = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)


def at(stage: str, *customers: str) -> dict[Place, str]:
    return {Place("stage", "retail", one): stage for one in customers}


@pytest.fixture
def schema() -> str:
    return new_schema()


def exported(schema: str, now: dict[Place, str], when: datetime, name: str = "labels"):
    with in_postgresql(postgresql_url(), schema, name) as table:
        changed = changes(table.read(), now, NAMES, when, name)
        table.write(changed)
    return changed.entered, changed.moved, changed.left, changed.stayed


def interrupted(schema: str) -> None:
    """Write that everybody left, and fail before the end."""
    with in_postgresql(postgresql_url(), schema, "labels") as table:
        table.write(changes(table.read(), {}, NAMES, JUNE, "labels"))
        raise ZeroDivisionError


def test_a_table_of_a_server(schema: str) -> None:
    odd = 'o"d%s? ; 王'
    first = {**at("new", "ann", odd), **at("loyal", "bob")}
    assert exported(schema, first, MAY) == (3, 0, 0, 0)
    assert exported(schema, first, MAY) == (0, 0, 0, 3)
    second = {**at("new", odd), **at("loyal", "ann", "cat")}
    assert exported(schema, second, JUNE) == (1, 1, 1, 1)
    with connected() as connection:
        connection.execute(f"SET search_path = {schema}")
        rows = connection.execute("SELECT customer, value, since FROM labels").fetchall()
        assert {(who, value, since[:7]) for who, value, since in rows} == {
            (odd, "new", "2026-05"),
            ("ann", "loyal", "2026-06"),
            ("cat", "loyal", "2026-06"),
        }
        connection.execute("CREATE TABLE other (a TEXT)")
    # An export that fails leaves the table as it was.
    with pytest.raises(ZeroDivisionError):
        interrupted(schema)
    assert exported(schema, second, JUNE) == (0, 0, 0, 3)
    with pytest.raises(CannotRun):
        exported(schema, first, JUNE, "other")
    with pytest.raises(CannotRun):
        exported(schema, first, MAY)
