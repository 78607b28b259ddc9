"""Lines of JSON as events: what is read as what, and why a line is none."""

import json
import os
from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
from campaigner.compiler.plan.types import (
    BOOLEAN,
    DATE,
    DECIMAL,
    INTEGER,
    TEXT,
    TIME,
    TIMESTAMP,
    EnumType,
)
from campaigner.dsl.diagnostics.diagnostic import Diagnostic
from campaigner.runtime.events.lines import LONGEST, Line, Lines
from campaigner.runtime.events.stream import ROOM, batches
from hypothesis import given
from hypothesis import strategies as st

from . import plans

LINE = {
    "event": "invest",
    "key": "i1",
    "customer": "ann",
    "at": "2026-01-10T10:00:00+08:00",
    "fields": {"amount": "100.50", "device": "phone"},
}
LINES = Lines(plans.plan(), "events.jsonl")


BEYOND = "`at` is not in the years 102 to 9898, in which decisions are taken"


def read(content, lines=LINES):
    return lines.read(Line(7, content))


def encoded(**changed):
    entries = {**LINE, **changed}
    return json.dumps({name: value for name, value in entries.items() if value != ...}).encode()


def test_an_event():
    event = read(encoded())
    assert (event.name, event.customer) == ("invest", "ann")
    assert event.row == {
        "amount": Decimal("100.50"),
        "device": "phone",
        "at": datetime(2026, 1, 10, 2, tzinfo=UTC),
        "key": "i1",
    }


def test_numbers_are_keys_too_and_what_is_optional_may_be_left_out():
    event = read(encoded(key=17, customer=4, fields={"amount": 3}))
    assert (event.row["key"], event.customer) == ("17", "4")
    assert (event.row["amount"], event.row["device"]) == (Decimal("3.00"), None)


def test_a_time_without_an_offset_is_in_utc_or_on_the_clock_of_the_column():
    assert read(encoded(at="2026-01-10 10:00")).row["at"].hour == 10
    at = plans.replace(plans.INVEST.at, zone="Asia/Shanghai")
    lines = Lines(plans.plan(events=[plans.replace(plans.INVEST, at=at)]), "x")
    assert read(encoded(at="2026-01-10 10:00"), lines).row["at"].hour == 2
    assert read(encoded(at="2026-01-10T10:00Z"), lines).row["at"].hour == 10


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"order o1 ann", "it is not JSON"),
        (b'{"event": "invest"', "it is not JSON"),
        (b'{"event": "\xff"}', "it is not in UTF-8"),
        ('{"event": "投资"}'.encode("gbk"), "it is not in UTF-8"),
        ("{}".encode("utf-16"), "it is not in UTF-8"),
        (b"[" * 100_000, "it is not JSON"),
        (b'["invest"]', "it is not an object, `{…}`"),
        (None, "it is longer than 1,000,000 bytes"),
        (encoded(key=...), "there is no `key` in it"),
        (encoded(customer=None), "there is no `customer` in it"),
        (encoded()[:-1] + b', "key": "i2"}', "`key` is in it twice"),
        (encoded().replace(b'"amount"', b'"device": "d", "amount"'), "`device` is in it twice"),
        (encoded(event="\ud800"), "the catalog has no event `?`"),
        (encoded(time="10:00"), "`time` does not belong there"),
        (encoded(event="invset"), "the catalog has no event `invset`"),
        (encoded(event=["invest"]), "`event` cannot be read as the name of an event"),
        (encoded(event={"card": 4}), "`event` cannot be read as the name of an event"),
        (b"1" * 5_000, "it is not an object, `{…}`"),
        (encoded(key=4)[:-1].replace(b"4", b"4" * 5_000) + b"}", "`key` cannot be read as a key"),
        (encoded(key=""), "`key` cannot be read as a key"),
        (encoded(at="9999-12-31T23:59:59Z"), "`at` cannot be read as a point in time"),
        (encoded(at="9999-12-30"), BEYOND),
        (encoded(at="0101-12-31T23:59:59Z"), BEYOND),
        (encoded(at="0001-01-01T00:00+14:00"), "`at` cannot be read as a point in time"),
        (encoded(key=True), "`key` cannot be read as a key"),
        (encoded(customer="a\0b"), "`customer` cannot be read as a key"),
        (encoded(customer="\ud800"), "`customer` cannot be read as a key"),
        (encoded(at="yesterday"), "`at` cannot be read as a point in time"),
        (encoded(at=20260110), "`at` cannot be read as a point in time"),
        (encoded(at="0001-01-01T00:00+08:00"), "`at` cannot be read as a point in time"),
        (encoded(fields=[1]), "it is not an object, `{…}`"),
        (encoded(fields={"amuont": 3}), "the event `invest` has no field `amuont`"),
        (encoded(fields={"amount": "a lot"}), "`amount` cannot be read as an amount in CNY"),
        (
            encoded(fields={}),
            "there is nothing in `amount`, which the catalog does not call optional",
        ),
    ],
)
def test_what_is_no_event(content, reason):
    problem = read(content)
    assert problem.code.id == "E744"
    assert problem.message() == f"line 7 of events.jsonl is no event: {reason}"
    assert problem.message("zh")


def test_the_nearest_name_is_offered():
    assert read(encoded(event="invset")).help() == "did you mean `invest`?"
    assert read(encoded(fields={"amuont": 3})).help() == "did you mean `amount`?"
    assert read(encoded(custmer="x")).help() == "did you mean `customer`?"


def test_a_name_without_end_is_cut_short():
    for changed in ({"event": "x" * 9_000}, {"fields": {"y" * 9_000: 1}}, {"z" * 9_000: 1}):
        assert "…`" in read(encoded(**changed)).message()
        assert len(read(encoded(**changed)).message()) < 200


def test_no_value_is_shown():
    for changed in ({"at": "hunter2"}, {"fields": {"amount": "hunter2"}}, {"key": ["hunter2"]}):
        assert "hunter2" not in read(encoded(**changed)).message()


WRONG = ...


@pytest.mark.parametrize(
    ("type_", "given_", "value"),
    [
        (INTEGER, "7", 7),
        (INTEGER, "7.0", 7),
        (INTEGER, '"-7"', -7),
        (INTEGER, "7.5", WRONG),
        (INTEGER, "9223372036854775808", WRONG),
        (INTEGER, "true", WRONG),
        (DECIMAL, "0.1", Decimal("0.1000000000")),
        (DECIMAL, '"1e3"', WRONG),
        (DECIMAL, "NaN", WRONG),
        (DECIMAL, "1e400", WRONG),
        (DECIMAL, "1e999999999", WRONG),
        (DECIMAL, "-1e999999999999999999999", WRONG),
        (DECIMAL, "1e-999999999999999999999", WRONG),
        (DECIMAL, "1e-400", Decimal("0.0000000000")),
        (DECIMAL, "9" * 5_000, WRONG),
        (INTEGER, "1e999999999", WRONG),
        (INTEGER, "1e999999999999999999999", WRONG),
        (INTEGER, "9" * 5_000, WRONG),
        (plans.CNY, "19.999", Decimal("20.00")),
        (plans.CNY, "0.005", Decimal("0.01")),
        (plans.CNY, "-0.001", Decimal("0.00")),
        (DECIMAL, "-0", Decimal("0.0000000000")),
        (plans.CNY, "1e18", WRONG),
        (BOOLEAN, "true", True),
        (BOOLEAN, '"yes"', WRONG),
        (TEXT, '"上海"', "上海"),
        (TEXT, "7", WRONG),
        (EnumType(("mass", "affluent")), '"mass"', "mass"),
        (EnumType(("mass", "affluent")), '"Mass"', WRONG),
        (DATE, '"2026-02-28"', date(2026, 2, 28)),
        (DATE, '"2026-02-29"', WRONG),
        (TIMESTAMP, '"2026-02-28T10:00:00.5Z"', datetime(2026, 2, 28, 10, 0, 0, 500_000, UTC)),
        (TIME, '"10:00"', time(10)),
        (TIME, '"10:00+08:00"', WRONG),
    ],
)
def test_what_is_read_as_what(type_, given_, value):
    kind = plans.replace(plans.INVEST, fields=(plans.column("v", type_),))
    lines = Lines(plans.plan(events=[kind]), "x")
    content = encoded(fields=...)[:-1] + f', "fields": {{"v": {given_}}}}}'.encode()
    found = read(content, lines)
    if value is WRONG:
        assert isinstance(found, Diagnostic)
        return
    assert found.row["v"] == value
    if isinstance(value, Decimal):
        assert found.row["v"].as_tuple() == value.as_tuple()


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_an_event_or_told(content):
    assert isinstance(read(content), Diagnostic)


# --- the stream ---------------------------------------------------------------------------------


def piped(*pieces):
    """The batches of what is written to a pipe that is closed then."""
    reads, writes = os.pipe()
    for piece in pieces:
        os.write(writes, piece)
    os.close(writes)
    try:
        return list(batches(reads, 3))
    finally:
        os.close(reads)


def test_lines_are_counted_and_come_in_batches():
    found = piped(b"a\nb\n\n  \nc\n", b"d\ne")
    assert [[(line.number, line.content) for line in batch] for batch in found] == [
        [(1, b"a"), (2, b"b"), (5, b"c")],
        [(6, b"d"), (7, b"e")],
    ]
    assert piped() == []


def test_what_waits_is_decided_when_the_sender_falls_silent():
    reads, writes = os.pipe()
    os.write(writes, b"a\nb\n")
    found = batches(reads, 1_000, silence=0.01)
    assert [line.content for line in next(found)] == [b"a", b"b"]
    os.write(writes, b"c\n")
    os.close(writes)
    assert [line.content for line in next(found)] == [b"c"]
    os.close(reads)


def test_full_batches_that_are_there_come_together():
    reads, writes = os.pipe()
    os.write(writes, b"".join(b"%d\n" % number for number in range(25)))
    found = batches(reads, 4, silence=60, ahead=3)
    assert [len(next(found)) for _ in range(2)] == [12, 12]
    os.write(writes, b"25\n26\n27\n28\n")
    # One batch is full, and nobody waits for a second one, though the sender is still there.
    assert [line.number for line in next(found)] == [25, 26, 27, 28]
    os.close(writes)
    assert [line.content for batch in found for line in batch] == [b"28"]
    os.close(reads)


def test_a_line_that_is_too_long_is_passed_over(tmp_path):
    (tmp_path / "long").write_bytes(b"a\n" + b"x" * (3 * LONGEST) + b"\nb\n")
    with (tmp_path / "long").open("rb") as file:
        (found,) = batches(file.fileno(), 10)
    assert [(line.number, line.content) for line in found] == [(1, b"a"), (2, None), (3, b"b")]


def test_a_batch_of_long_lines_is_cut_short(tmp_path):
    line = b"x" * (LONGEST - 1) + b"\n"
    (tmp_path / "long").write_bytes(line * 40 + b"y\n" * 5)
    with (tmp_path / "long").open("rb") as file:
        found = list(batches(file.fileno(), 1_000))
    sizes = [sum(len(line.content) for line in batch) for batch in found]
    assert len(found) == 3
    assert max(sizes) <= ROOM + LONGEST
    assert [line.number for batch in found for line in batch] == list(range(1, 46))
