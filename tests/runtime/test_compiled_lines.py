"""The compiled reader of lines gives what the plain one gives, for every line."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from campaigner.compiler.plan.types import (
    BOOLEAN,
    DATE,
    DECIMAL,
    DURATION,
    INTEGER,
    TEXT,
    TIME,
    TIMESTAMP,
    EnumType,
    MoneyType,
)
from campaigner.dsl.diagnostics.diagnostic import Diagnostic
from campaigner.runtime.events.engine import Event
from campaigner.runtime.events.lines import Line, Lines
from campaigner.runtime.events.lines.compiled import CompiledLines
from hypothesis import given
from hypothesis import strategies as st

from .. import strategies_lines as hostile_lines
from ..laws import at_most
from . import plans

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ZONES = (
    None,
    "UTC",
    "Asia/Shanghai",
    "America/New_York",
    "Australia/Lord_Howe",
    "Africa/Monrovia",
    "Pacific/Apia",
    "Etc/GMT+12",
)
WORDS = ("gold", "silver", "g" * 300)
TYPES = (
    BOOLEAN,
    DATE,
    DECIMAL,
    DURATION,
    INTEGER,
    TEXT,
    TIME,
    TIMESTAMP,
    EnumType(WORDS),
    MoneyType("CNY"),
    MoneyType("JPY"),
    MoneyType("KWD"),
)
RANGES = {
    INTEGER: ("0", "130"),
    DECIMAL: ("-1.5", "1000000"),
    MoneyType("CNY"): ("0.00", "100.50"),
    DATE: ("1990-01-01", "2026-12-31"),
}
NAMES = ("units", "at", "key", "customer", "event", "金额", "a b")
MOMENTS = hostile_lines.MOMENTS | st.builds(
    lambda local, offset: local.isoformat() + offset,
    # The years in which clocks of the zones above are set.
    st.datetimes(datetime(1880, 1, 1), datetime(2040, 1, 1))
    | st.sampled_from([datetime(2026, 3, 8, 2, 30), datetime(2026, 11, 1, 1, 30)]),
    st.sampled_from(["", "", "Z", "+08:00", "-05:30", "+00:00", "-00:00:30", "+23:59"]),
)


@st.composite
def fields(draw):
    """A field of a catalog, of any type, and perhaps with ends."""
    type_ = draw(st.sampled_from(TYPES))
    name = draw(st.sampled_from(NAMES))
    made = plans.column(
        name, type_, optional=draw(st.booleans()), zone=draw(st.sampled_from(ZONES))
    )
    low, high = draw(st.sampled_from([RANGES.get(type_, (None, None)), (None, None)]))
    return plans.replace(
        made,
        minimum=draw(st.sampled_from([low, None])),
        maximum=draw(st.sampled_from([high, None])),
    )


@st.composite
def plans_with_an_event(draw):
    """A plan with an event, some of whose fields are keys of a cap."""
    columns = draw(st.lists(fields(), max_size=4, unique_by=lambda field: field.name))
    at = plans.replace(plans.INVEST.at, zone=draw(st.sampled_from(ZONES)))
    kind = plans.replace(plans.INVEST, at=at, fields=tuple(columns))
    counted = draw(st.lists(st.sampled_from(NAMES), max_size=2, unique=True))
    accounts = [plans.account("c", name, "1", key=name) for name in counted]
    customers = plans.replace(plans.CUSTOMERS, fields=tuple(columns))
    return plans.plan(events=[kind], customers=customers, accounts=accounts)


VALUES = hostile_lines.RAW | MOMENTS.map(json.dumps) | st.sampled_from(["1", "0", '"1"'])
TEXTS = st.sampled_from(["", "phone", "安", '"', "\\", "\0", "\ud800", "😀", "k" * 255, "k" * 256])
NUMBERS = (
    st.decimals(-200, 200, places=3).map(str)
    | st.sampled_from(["-0.00", "-1.00", "100.50", "1e2", "0", "130", "131", "-1", "-2"])
    | st.sampled_from(
        ["9223372036854775808", "9" * 18 + ".99", "9" * 18 + ".995", "9" * 19 + ".00"]
    )
)
WHOLE = st.integers(-10, 140).map(str) | st.sampled_from([str(2**63 - 1), str(2**63), "7.0"])
FITTING = {
    BOOLEAN: st.sampled_from(["true", "false"]),
    DATE: st.dates().map(str).map(json.dumps) | st.just('"2026-03-01"'),
    INTEGER: WHOLE | WHOLE.map(json.dumps),
    TEXT: TEXTS.map(json.dumps),
    TIME: st.times().map(str).map(json.dumps),
    TIMESTAMP: MOMENTS.map(json.dumps),
    EnumType(WORDS): st.sampled_from(WORDS).map(json.dumps),
}


def fitting(type_):
    """Values that most fields of this type may have, as they are written."""
    return FITTING.get(type_, NUMBERS | NUMBERS.map(json.dumps))


@st.composite
def with_oddities(draw, entries):
    """The entries with up to one oddity: a value, a name, something left out or twice."""
    entries = list(draw(st.permutations(entries)))
    kinds = ["none"] * 6 + ["value", "value", "null", "gone", "twice", "more", "name"]
    match draw(st.sampled_from(kinds)) if entries else "more":
        case "none":
            pass
        case "value":
            entries[0] = (entries[0][0], draw(VALUES))
        case "null":
            entries[0] = (entries[0][0], "null")
        case "gone":
            entries.pop()
        case "twice":
            entries.append(draw(st.sampled_from(entries)))
        case "more":
            entries += draw(st.lists(st.tuples(st.sampled_from(NAMES), VALUES), max_size=1))
        case _:
            entries[0] = (draw(st.sampled_from(NAMES) | TEXTS), entries[0][1])
    return "{" + ", ".join(f"{json.dumps(name)}: {value}" for name, value in entries) + "}"


def unescaped(written):
    """The text with letters in place of their escapes."""
    halves = re.sub(r"\\u([0-9a-f]{4})", _letter, written)
    return halves.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def _letter(code):
    number = int(code[1], 16)
    return chr(number) if number >= 128 else code[0]


@st.composite
def lines(draw, columns):
    """A line that is an event, or hardly one, and perhaps with some other bytes."""
    inner = [(column.name, draw(fitting(column.type))) for column in columns]
    keys = st.sampled_from(['"k1"', "17", "-0", '"安"']) | TEXTS.map(json.dumps)
    entries = [
        ("event", '"invest"'),
        ("key", draw(keys)),
        ("customer", draw(st.just('"ann"') | keys)),
        ("at", json.dumps(draw(st.just("2026-02-28T10:00:00") | MOMENTS))),
        ("fields", draw(with_oddities(inner))),
    ]
    is_ascii = draw(st.booleans())
    written = draw(with_oddities(entries))
    line = (written if is_ascii else unescaped(written)).encode("utf-8", "surrogatepass")
    for _ in range(draw(st.sampled_from([0] * 8 + [1, 2]))):
        place = draw(st.integers(0, len(line)))
        line = line[:place] + draw(st.binary(max_size=2)) + line[place + draw(st.integers(0, 2)) :]
    return draw(
        st.just(line) | st.sampled_from([line, line + b" \r", line + b"x", b"\xef\xbb\xbf" + line])
    )


@at_most(300)
@given(st.data())
def test_both_readers_read_the_same(data):
    """Equal values, types, spellings of numbers, orders of names, and problems."""
    plan = data.draw(plans_with_an_event())
    content = data.draw(lines(plan.events[0].fields) | hostile_lines.hostile("invest"))
    same(readers(plan, data.draw(st.sampled_from([None, lambda: NOW]))), content)


@st.composite
def customer_fields(draw, plan):
    """The fields of a customer, with up to one oddity."""
    fields = [field for field in plan.customers.fields if field.name != "key"]
    return draw(with_oddities([(field.name, draw(fitting(field.type))) for field in fields]))


@at_most(150)
@given(st.data())
def test_both_read_the_same_customers(data):
    plan = data.draw(plans_with_an_event())
    written = data.draw(customer_fields(plan) | VALUES)
    key = data.draw(st.sampled_from(["ann", "ann", "ann", "", "a\0", "\ud800", "安", "k" * 256]))
    content = written.encode("utf-8", "surrogatepass")
    compiled, plain = readers(plan)
    assert as_text(compiled.customer(key, content)) == as_text(plain.customer(key, content))


@at_most(100)
@given(content=hostile_lines.hostile())
def test_of_a_catalog_with_every_type(content):
    kind = plans.replace(plans.INVEST, name="order", fields=EVERY)
    plan = plans.plan(events=[kind])
    same(readers(plan), content)


EVERY = tuple(
    plans.column(name, type_, optional=name in ("note", "friend"))
    for name, type_ in {
        "units": INTEGER,
        "rate": DECIMAL,
        "amount": plans.CNY,
        "gift": BOOLEAN,
        "note": TEXT,
        "grade": EnumType(("gold", "silver")),
        "born": DATE,
        "seen": TIMESTAMP,
        "clock": TIME,
        "friend": TEXT,
    }.items()
)


def as_text(read):
    """All that a reader says: `-0` and `0.0` are not `0`, and names have an order."""
    return read.message() + str(read.help()) if isinstance(read, Diagnostic) else repr(read)


@pytest.mark.parametrize(
    "line",
    [
        hostile_lines.good("k1", "ann"),
        hostile_lines.good("k1", "ann", note='面包 "拿铁" \\ \n'),
        hostile_lines.good("k1", "ann", units=7, rate=0.5, amount=100.5),
        hostile_lines.good("k1", "ann", note=None),
        hostile_lines.good("k1", "ann") + b"\r",
    ],
)
def test_good_lines_are_not_left_to_the_plain_reader(line):
    kind = plans.replace(plans.INVEST, name="order", fields=EVERY)
    compiled = CompiledLines([kind], plans.CUSTOMERS, frozenset({"note"}))
    assert isinstance(compiled.event(line), Event)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("day", [datetime(2026, 3, 7, 23), datetime(2026, 10, 31, 23)])
def test_clocks_that_are_set(zone, day):
    """Local times around a gap and a fold, every ten minutes."""
    at = plans.replace(plans.INVEST.at, zone=zone)
    both = readers(plans.plan(events=[plans.replace(plans.INVEST, at=at)]))
    for minutes in range(0, 6 * 60, 10):
        local = (day + timedelta(minutes=minutes)).isoformat()
        same(both, json.dumps({**LINE, "at": local, "fields": {"amount": 1}}).encode())


DIGITS = ["0", "00.00", "07.50", "7", "7.0", "7.5", "12.34", "12.345", "0.005", "0.004999", "1e3"]
DIGITS += ["1E-3", "1e400", "1e-400", "1e999999999999999999999", "0." + "9" * 5_000, "1_0.00"]
DIGITS += ["9" * 17, "9" * 18, "9" * 19, "9" * 5_000, str(2**63 - 1), str(2**63), "130", "131"]
DIGITS += ["9" * 17 + ".99", "9" * 18 + ".99", "9" * 18 + ".995", "9" * 18 + "." + "9" * 10]
DIGITS += [".5", "5.", "1,000.00", "٣.٥٠", "０", "100.50", "100.51", "1.5", "1.50000000001"]
NUMBERS_WRITTEN = [sign + digits for sign in ("", "-", "+", " ") for digits in DIGITS]
NUMBERS_WRITTEN += ["NaN", "Infinity", "-Infinity", "nan", "12.34 ", "12.34\n"]
TEXTS_WRITTEN = [
    "",
    "gold",
    "Gold",
    "安",
    "a\0",
    "\ud800",
    "\udc00b",
    "😀",
    "\ufeff",
    "\u2028",
    "\x7f",
]
TEXTS_WRITTEN += ["k" * 255, "k" * 256, "安" * 256, "g" * 300, "true", "null", '"', "\\u0000", "\t"]
DAYS = ["0001-01-01", "0001-01-02", "0101-12-31", "0102-01-01", "1989-12-31", "1990-01-01"]
DAYS += ["2026-03-08", "2026-12-31", "2026-02-29", "20260301", "2026-W10-3", "9898-12-31"]
DAYS += ["9898-12-31", "9899-01-01", "9999-12-31", "10000-01-01", "today"]
CLOCKS = [
    "",
    "T00:00:00",
    "T02:30",
    " 10",
    "T1000",
    "T24:00",
    "T23:59:59.999999",
    "T10:00:00,5",
    "T",
]
OFFSETS = ["", "Z", "z", "+08:00", "-0530", "+00:00", "-00:00", "+14:00", "-23:59:59.5", "+24:00"]
MOMENTS_WRITTEN = [day + clock + zone for day in DAYS for clock in CLOCKS for zone in OFFSETS]
MOMENTS_WRITTEN += [clock[1:] + zone for clock in CLOCKS for zone in OFFSETS]
WRITTEN = [
    *NUMBERS_WRITTEN,
    *map(json.dumps, NUMBERS_WRITTEN + TEXTS_WRITTEN + MOMENTS_WRITTEN[::50]),
    *(f'"{text}"' for text in TEXTS_WRITTEN),
    *("true", "false", "null", "[]", "{}", "[1]", '{"a": 1}', '{"a": 1, "a": 2}', "[" * 900),
]


NO_ENDS = (None, None)
CASES = [(type_, NO_ENDS, None) for type_ in TYPES]
CASES += [(type_, some, None) for type_, some in RANGES.items()]
CASES += [(TIMESTAMP, NO_ENDS, zone) for zone in ("America/New_York", "Pacific/Apia")]


@pytest.mark.parametrize(("type_", "ends", "zone"), CASES)
def test_any_value_in_a_field_of_any_type(type_, ends, zone):
    """As a field, and as one whose value is a key."""
    low, high = ends
    v = plans.replace(plans.column("v", type_, zone=zone), minimum=low, maximum=high)
    w = plans.replace(v, name="w", optional=True)
    kind = plans.replace(plans.INVEST, fields=(v, w))
    both = readers(plans.plan(events=[kind], accounts=[plans.account("c", "x", "1", key="w")]))
    moments = MOMENTS_WRITTEN if type_ in (DATE, TIME, TIMESTAMP) else ()
    for value in (*WRITTEN, *map(json.dumps, moments)):
        same(both, written(fields=f'{{"v": {value}}}'))
    for value in WRITTEN[:-1]:
        same(both, written(fields=f'{{"w": {value}, "v": {value}}}'))


@pytest.mark.parametrize("zone", [None, "America/New_York", "Pacific/Apia"])
def test_any_value_in_what_every_event_has(zone):
    at = plans.replace(plans.INVEST.at, zone=zone)
    both = readers(plans.plan(events=[plans.replace(plans.INVEST, at=at)]))
    for name in (*LINE, "fields"):
        for value in WRITTEN:
            same(both, written(**{"fields": '{"amount": 1}', name: value}))
    for moment in MOMENTS_WRITTEN:
        same(both, written(fields='{"amount": 1}', at=json.dumps(moment)))


@pytest.mark.parametrize("more", ["null", "1", '"x"', "{}", '{"amount": 1}'])
def test_a_name_too_many_or_missing(more):
    both = readers(plans.plan())
    whole = written(fields='{"amount": 1}')
    for name in (*LINE, "fields", "x"):
        for place in (b'{"event"', b'{"amount"'):
            many = place.replace(b"{", f'{{"{name}": {more}, '.encode())
            same(both, whole.replace(place, many))
            same(both, whole.replace(place, many).replace(b'"event":', b'"', 1))
    for name in LINE:
        same(both, re.sub(rb'"%s":[^,]*,' % name.encode(), b"", whole))


@pytest.mark.parametrize("key", ["ann", "", "a\0", "\ud800", "安", "k" * 255, "k" * 256])
def test_the_key_of_a_customer(key):
    compiled, plain = readers(plans.plan())
    content = b'{"city": "Jinan", "consent": true}'
    assert as_text(compiled.customer(key, content)) == as_text(plain.customer(key, content))


LINE = {"event": "invest", "key": 1, "customer": "ann", "at": "2026-02-28T10:00:00"}


def written(**values):
    entries = {name: json.dumps(value) for name, value in LINE.items()} | values
    text = "{" + ",".join(f'"{name}":{value}' for name, value in entries.items()) + "}"
    return text.encode("utf-8", "surrogatepass")


def readers(plan, now=None):
    """The compiled reader and the plain one."""
    return Lines(plan, "x", now), Lines(plan, "x", now, plain=True)


def same(both, content):
    """Both readers say the same of a line."""
    compiled, plain = (reader.read(Line(3, content)) for reader in both)
    assert as_text(compiled) == as_text(plain)
