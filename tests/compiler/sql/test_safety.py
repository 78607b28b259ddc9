"""No input of an author becomes SQL: names, texts, places and labels of any kind."""

from dataclasses import replace
from decimal import Decimal

import pytest
import sqlglot
from campaigner.compiler.dialects.registry import dialect_of
from campaigner.compiler.plan import (
    Audience,
    Column,
    CustomerField,
    EventTable,
    LastWindow,
    Lifecycle,
    Plan,
    Share,
    Stage,
)
from campaigner.compiler.plan.due import Due
from campaigner.compiler.plan.expressions import Constant, EventValue, FeatureValue, Origin
from campaigner.compiler.plan.types import TEXT, TIMESTAMP, EnumType
from campaigner.compiler.sql.campaign import candidates_query, decisions
from campaigner.compiler.sql.comments import harmless
from sqlglot import exp

from ...warehouses import Warehouse, warehouse
from .plans import (
    aggregate,
    campaign,
    give,
    is_,
    of,
    on_order,
    op,
    plan,
    points,
    row,
)
from .shop import utc

HOSTILE = [
    "it's",
    'say "hi"',
    "*/ DROP TABLE customers; /*",
    "/* open",
    "-- the rest",
    "a;b",
    "back\\slash\\",
    "line\nbreak\r\n\ttab",
    "{{ jinja }} %s $1 ? :name",
    "新客 见面礼",
    "select",
    "*/ /* */",
    "/*/",
    "ends with *",
    "'); DROP TABLE customers; --",
    "\u2028\u2029 odd",
]


def hostile_plan(text: str) -> Plan:
    """The shop with everything that an author can name named so."""
    here = Origin(text, 3, 1, text)
    fields = (Column(text, text, TEXT, False, None, text, "C1", here),)
    customers = replace(
        plan(campaign(on_order(), None)).customers, table=_table(text), fields=fields
    )
    orders = EventTable(
        text,
        _table(text + "s"),
        f"key {text}",
        f"customer {text}",
        Column("at", f"at {text}", TIMESTAMP, False, None, None, "C1", here),
        (Column(text, f"field {text}", TEXT, False, None, None, "C1", here),),
        here,
    )
    field = CustomerField(f"customer.{text}", text, TEXT, False)
    seen = FeatureValue(field.id, TEXT, False, here)
    here_value = EventValue(text, TEXT, False, here)
    count = replace(
        aggregate(f"count {text}", "count", window=LastWindow(30, "day")),
        event=text,
        where=op("equal", replace(row("product"), field=text, optional=False), is_(text)),
        origin=here,
    )
    values = EnumType((text, "other"))
    stage = Lifecycle(text, text, (Stage(text, text, op("equal", seen, is_(text)), here),), here)
    member = Audience(text, text, op("in", here_value, is_(text), is_("x")), here)
    chosen = campaign(
        replace(on_order(op("contains", here_value, is_(text))), event=text),
        give(replace(points(of(count)), wallet=text)),
        stage=op("equal", Constant(values, text), Constant(values, text)),
        audience=op("starts_with", seen, is_(text)),
        shares=(Share(text, Decimal("0.5"), here),),
        holdout=Decimal("0.01"),
    )
    return replace(
        plan(replace(chosen, name=text, label=text, origin=here), field, count),
        customers=replace(customers, key=f"id {text}"),
        events=(orders,),
        audiences=(member,),
        lifecycles=(stage,),
    )


def _table(text: str) -> str:
    return text.replace(".", "")


AT = utc("2026-01-05T00:00+00:00").replace(tzinfo=None)


def opened(text: str, engine: str) -> Warehouse:
    house = warehouse(engine)
    house.clear()
    house.table(_table(text), {f"id {text}": "text", text: "text"}, [[text, text]])
    kinds = {f"{name} {text}": "text" for name in ("key", "customer", "at", "field")}
    kinds[f"at {text}"] = "timestamp"
    house.table(_table(text + "s"), kinds, [[text, text, AT, text]])
    return house


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_any_text_goes_there_and_back(text: str, engine: str) -> None:
    due = Due(utc("2026-01-01T00:00+00:00"), utc("2026-02-01T00:00+00:00"))
    hostile, house = hostile_plan(text), opened(text, engine)
    _, shown = house.decisions(decisions(hostile, text, due, engine))
    assert shown == [(text, "main", text, text, AT, text, 1, text)]
    (found,) = house.candidates(candidates_query(hostile, text, due, engine))
    assert found == (text, text, text, AT, False, 0, 0, 1)
    counted = exp.select(exp.Count(this=exp.Star())).from_(exp.table_(_table(text), quoted=True))
    assert house.ask(counted.sql(dialect_of(engine).sqlglot))[1] == [(1,)]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_the_statement_is_one_query(text: str) -> None:
    due = Due(utc("2026-01-01T00:00+00:00"), utc("2026-02-01T00:00+00:00"))
    (one,) = sqlglot.parse(decisions(hostile_plan(text), text, due), dialect="duckdb")
    assert isinstance(one, sqlglot.exp.Select)


@pytest.mark.parametrize("text", [*HOSTILE, "**//", "/**/", "*/*", "//**"])
def test_no_comment_ends_early(text: str) -> None:
    words = harmless(text)
    assert "*/" not in words
    assert "/*" not in words
    assert words.splitlines() in ([words], [])


def test_tables_in_a_schema_and_tables_that_are_called_as_we_call_ours() -> None:
    named = plan(campaign(on_order(), give(points(is_(3)))))
    named = replace(
        named,
        customers=replace(named.customers, table="main.reward"),
        events=tuple(replace(one, table="triggered") for one in named.events),
    )
    house = warehouse("duckdb")
    house.clear()
    house.table("reward", {"id": "text"}, [["ann"]])
    kinds = {"order_id": "text", "customer_id": "text", "at": "timestamp"}
    house.table("triggered", kinds, [["1", "ann", AT]])
    due = Due(utc("2026-01-01T00:00+00:00"), utc("2026-02-01T00:00+00:00"))
    assert len(house.ask(decisions(named, "gift", due))[1]) == 1
