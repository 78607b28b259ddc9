"""catalog.yaml: valid entries become tables of the plan, faulty ones are reported at their
place."""

from __future__ import annotations

import pytest
from campaigner.compiler.plan.types import DATE, INTEGER, TIMESTAMP, EnumType, MoneyType
from campaigner.compiler.project.catalog import Catalog, read_catalog
from campaigner.dsl.diagnostics.source import Place, SourceFile
from hypothesis import given
from hypothesis import strategies as st

GOOD = """\
customer:
  table: crm.customers
  key: customer_id
  zone: Asia/Shanghai
  fields:
    age:        {type: integer, range: [0, 130], optional: true}
    aum:        {type: money, currency: CNY, range: [0.50, ~], label: "上月日均"}
    segment:    {type: enum, values: [mass, yes, 3]}
    seen_at:    {type: timestamp, zone: UTC}
    joined_at:  {type: timestamp}
    birth_date: {type: date, optional: yes, range: [1900-01-01, 2030-12-31]}
    phone:      {type: text, sensitivity: C2, column: "Phone No"}
    ｎame:      {type: text}
events:
  invest:
    table: investments
    key: investment_id
    customer: customer_id
    at: {column: invested_at, zone: America/New_York}
    fields:
      paid_at: {type: timestamp}
  login:
    table: logins
    key: id
    customer: customer_id
    at: at
    zone: Asia/Shanghai
"""


def catalog(text: str) -> Catalog:
    return read_catalog(SourceFile("catalog.yaml", text))


def with_field(entry: str) -> str:
    return f"customer:\n  table: t\n  key: k\n  fields:\n    {entry}\n    other: {{type: text}}\n"


def underlined(text: str, place: Place) -> str:
    source = SourceFile("catalog.yaml", text)
    assert place.line == place.end_line
    return source.line(place.line)[place.column - 1 : place.end_column - 1]


def told(text: str) -> list[tuple[str, str, str]]:
    """Code, what is underlined, and the help of each mistake, in the order of the text."""
    found = []
    for one in sorted(catalog(text).diagnostics, key=lambda one: (one.place, one.code.id)):
        assert one.place is not None
        assert one.message("zh")
        found.append((one.code.id, underlined(text, one.place), one.help() or ""))
    return found


def test_what_is_right_becomes_the_tables_of_a_plan() -> None:
    found = catalog(GOOD)
    # The word `yes` of an enum is `yes` between backticks in a campaign.
    assert [one.code.id for one in found.diagnostics] == ["W151"]
    assert found.doubtful == frozenset()
    assert found.customers is not None
    assert (found.customers.table, found.customers.key) == ("crm.customers", "customer_id")
    fields = {column.name: column for column in found.customers.fields}
    assert list(fields) == sorted(fields)
    assert fields["age"].type == INTEGER
    assert (fields["age"].minimum, fields["age"].maximum, fields["age"].optional) == (
        "0",
        "130",
        True,
    )
    assert fields["aum"].type == MoneyType("CNY")
    assert (fields["aum"].minimum, fields["aum"].maximum) == ("0.5", None)
    assert fields["aum"].label == "上月日均"
    assert fields["segment"].type == EnumType(("mass", "yes", "3"))
    assert (fields["seen_at"].zone, fields["joined_at"].zone) == ("UTC", "Asia/Shanghai")
    assert (fields["birth_date"].type, fields["birth_date"].minimum) == (DATE, "1900-01-01")
    assert (fields["phone"].sensitivity, fields["phone"].column) == ("C2", "Phone No")
    assert fields["name"].column == "ｎame"
    assert (fields["age"].origin.line, fields["age"].origin.text) == (6, "age")


def test_events_have_a_time_and_a_zone_of_their_own() -> None:
    invest, login = catalog(GOOD).events
    assert (invest.at.column, invest.at.type, invest.at.zone) == (
        "invested_at",
        TIMESTAMP,
        "America/New_York",
    )
    assert invest.fields[0].zone is None
    assert (login.at.column, login.at.zone, login.fields) == ("at", "Asia/Shanghai", ())


FIELD_MISTAKES = [
    ("x: {type: intger}", "E163", "intger", "did you mean `integer`?"),
    ("x: {type: [a]}", "E162", "[a]", ""),
    ("x: {label: y}", "E161", "x", "add `type: text`"),
    ("x: text", "E162", "text", ""),
    ("x:", "E162", "x", ""),
    ("x: {type: text, colum: y}", "E160", "colum", "did you mean `column`?"),
    (
        "x: {type: text, range: [0, 1]}",
        "E160",
        "range",
        "it may have `column`, `history`, `label`, `optional`, `sensitivity`, `shared`, `type`",
    ),
    ("x: {type: money}", "E161", "x", "add `currency: CNY`"),
    ("x: {type: money, currency: cny}", "E165", "cny", "write `CNY`"),
    ("x: {type: money, currency: RMB}", "E165", "RMB", "write `CNY`"),
    ("x: {type: money, currency: UDS}", "E165", "UDS", "write `USD`"),
    ("x: {type: enum}", "E161", "x", "add `values: [one, another]`"),
    ("x: {type: enum, values: []}", "E162", "[]", ""),
    ("x: {type: enum, values: [a, b, a]}", "E156", "a", "keep one of the two"),
    ("x: {type: enum, values: [a, ~]}", "E162", "~", ""),
    ("x: {type: enum, values: [mass], labels: {mas: A}}", "E163", "mas", "did you mean `mass`?"),
    ("x: {type: enum, values: [mass], labels: {mass: ''}}", "E162", "''", ""),
    ("x: {type: text, optional: maybe}", "E162", "maybe", ""),
    ("x: {type: text, sensitivity: C4}", "E163", "C4", ""),
    ("x: {type: text, sensitivity: c3}", "E163", "c3", "did you mean `C3`?"),
    (
        "x: {type: timestamp, zone: Asia/Beijing}",
        "E164",
        "Asia/Beijing",
        "did you mean `Asia/Shanghai`?",
    ),
    ("x: {type: integer, range: [5, 1]}", "E167", "[5, 1]", "put the smaller of the two first"),
    ("x: {type: integer, range: [0, 1.5]}", "E167", "[0, 1.5]", "write `range: [0, 100]`"),
    ("x: {type: integer, range: 5}", "E167", "5", "write `range: [0, 100]`"),
    (
        "x: {type: integer, range: [0, 9223372036854775808]}",
        "E167",
        "[0, 9223372036854775808]",
        "write `range: [0, 100]`",
    ),
    (
        "x: {type: decimal, range: [0, 1e999999]}",
        "E167",
        "[0, 1e999999]",
        "write `range: [0, 1.5]`",
    ),
    (
        "x-y: {type: text}",
        "E168",
        "x-y",
        "name it `x_y`, with `column: x-y` for what the warehouse calls it",
    ),
    ("x: &a {type: text}", "E158", "&a", "write out what it stands for"),
    ("x: *a", "E158", "*a", "write out what it stands for"),
]


@pytest.mark.parametrize(("entry", "code", "at", "way_out"), FIELD_MISTAKES)
def test_a_mistake_in_a_field_is_one_message_at_its_place(
    entry: str, code: str, at: str, way_out: str
) -> None:
    assert told(with_field(entry)) == [(code, at, way_out)]
    customers = catalog(with_field(entry)).customers
    assert customers is not None
    assert "other" in {column.name for column in customers.fields}


def test_names_of_what_is_left_out_are_remembered() -> None:
    text = with_field("x: {type: money}")
    text += "events: {e: {table: t, key: k, customer: c, fields: {f: {type: text}}}}\n"
    found = catalog(text)
    assert [one.code.id for one in found.diagnostics] == ["E161", "E161"]
    assert found.doubtful == {"x", "e", "f"}


def test_a_field_twice_points_at_the_first() -> None:
    text = with_field("other: {type: boolean}")
    (twice,) = catalog(text).diagnostics
    assert twice.code.id == "E156"
    assert twice.place is not None
    assert (twice.place.line, twice.labels[0].place.line) == (6, 5)


def test_two_spellings_of_one_name_are_the_same_name() -> None:
    assert told(with_field("ｏther: {type: boolean}")) == [
        (
            "E157",
            "other",
            "give one of them another name; `column` says what the warehouse calls it",
        )
    ]


@pytest.mark.parametrize("name", ["at", "key", "customer"])
def test_a_field_of_an_event_cannot_have_a_name_that_every_event_has(name: str) -> None:
    text = (
        "customer: {table: t, key: k}\nevents:\n  e:\n    {table: t, key: k, customer: c, at: a, "
    )
    text += f"fields: {{{name}: {{type: text}}}}}}\n"
    assert [(code, at) for code, at, _ in told(text)] == [("E169", name)]


TEXTS = [
    ("", "E161", ""),
    ("# only a comment", "E161", "#"),
    ("- a", "E162", "- a"),
    ("text", "E162", "text"),
    ("customer:\n\ttable: x", "E155", "\t"),
    ("customer: {table: t, key: k}\n---\na: b", "E155", "---"),
    ("customer：\n  table: t", "E155", "："),
    ("customer:\n  table： t\n  key: k", "E155", "："),
    ("customer: 'x", "E155", ""),
    ("customer: \x07", "E155", "\x07"),
    ("a: " + "[" * 5000, "E159", "["),
    ("a: " + "{b: " * 5000, "E159", "b"),
    ("customer: {table: t, key: k, fields: []}", "E162", "[]"),
    ("customer: {tabel: t, key: k}", "E160", "tabel"),
    ("customer: {table: a..b, key: k}", "E170", "a..b"),
    ("customer: {table: t}", "E161", "customer"),
    ("customer: {table: t, key: k}\nevents: []", "E162", "[]"),
    ("customer: {table: t, key: k}\nevent: {}", "E160", "event"),
    ("customer: {table: t, key: k}\n? [a]\n: b", "E160", "[a]"),
]


@pytest.mark.parametrize(("text", "code", "at"), TEXTS)
def test_a_mistake_in_the_whole_is_one_message(text: str, code: str, at: str) -> None:
    assert [(found, where) for found, where, _ in told(text)] == [(code, at)]


@pytest.mark.parametrize("opened", ["[", "{b: ", "- ", "? ", "[{b: ", "[? "])
@given(
    depth=st.integers(40, 3000),
    before=st.sampled_from(["", "a: ", "customer:\n  table: t\n  key: "]),
)
def test_nesting_of_any_kind_and_depth_is_one_message(opened: str, depth: int, before: str) -> None:
    text = before + ("\n  " if before and opened in "- ? " else "") + opened * depth
    assert [code for code, _, _ in told(text)] == ["E159"]


def test_all_mistakes_are_told_in_one_run() -> None:
    text = """\
customer:
  tabel: customers
  key: customer_id
  fields:
    age: {type: integer, range: [130, 0], optional: maybe}
    aum: {type: money}
    phone: {type: text, sensitivity: c3}
events:
  invest:
    table: t
    key: k
    at: {colum: invested_at, zone: Foo}
"""
    assert [code for code, _, _ in told(text)] == [
        "E160",
        "E167",
        "E162",
        "E161",
        "E163",
        "E161",
        "E160",
        "E164",
    ]


CANCELLED = """customer: {table: c, key: id}
events:
  order:
    {table: o, key: order_id, customer: c, at: t, cancelled_by: WRITTEN, fields: {of: {type: text}}}
  refund: {table: r, key: id, customer: c, at: t, fields: {of: {type: text}, sum: {type: integer}}}
  undone: {table: u, key: id, customer: c, at: t, cancelled_by: {event: refund, field: of}}
"""


def test_an_event_names_the_one_that_cancels_it() -> None:
    found = catalog(CANCELLED.replace("WRITTEN", "{event: refund, field: of}"))
    assert not found.diagnostics
    cancelled = {one.name: one.cancelled_by for one in found.events}
    assert cancelled["order"] is not None
    assert (cancelled["order"].event, cancelled["order"].field) == ("refund", "of")
    assert cancelled["refund"] is None


@pytest.mark.parametrize(
    ("written", "code", "marked", "help_"),
    [
        ("{event: refnd, field: of}", "E860", "refnd", "did you mean `refund`?"),
        ("{event: refund, field: off}", "E861", "off", "did you mean `of`?"),
        ("{event: refund, field: sum}", "E862", "sum", "name the field of `refund`"),
        ("{event: order, field: of}", "E863", "order", "name the event that cancels it"),
        ("{event: undone, field: of}", "E864", "undone", "take `cancelled_by` out of `undone`"),
        ("{event: refund}", "E161", "cancelled_by", "add `field: order_id`"),
        ("{event: refund, field: of, filed: x}", "E160", "filed", "did you mean `field`?"),
        ("refund", "E162", "refund", ""),
        ("{event: [refund], field: of}", "E162", "[refund]", ""),
    ],
)
def test_each_mistake_in_what_cancels_an_event_is_told(
    written: str, code: str, marked: str, help_: str
) -> None:
    ((found, at, said),) = told(CANCELLED.replace("WRITTEN", written))
    assert (found, at) == (code, marked)
    assert help_ in said


def test_a_mistake_in_the_event_that_cancels_is_told_once() -> None:
    text = CANCELLED.replace("WRITTEN", "{event: refund, field: of}")
    spoiled = text.replace("refund: {table: r,", "refund: {")
    assert [code for code, _, _ in told(spoiled)] == ["E161"]
