"""Time in SQLite, as text of fixed width, where its own functions fall short.

They drop microseconds, so they get only the first 19 characters. They add a month to 31 January
as 3 March, and return NULL outside the years 0 to 9999. Arguments must be simple, since they are
repeated.
"""

from __future__ import annotations

from datetime import datetime

from sqlglot import exp

from ...plan.values import Length
from ..common.terms import column, number, text
from ..common.zones import changes

TITLES = ("begins", "clock_begins", "shift", "shift_back")
"""The columns of a zone's table."""

_MIDNIGHT = " 00:00:00.000000"


def timestamp_text(moment: datetime) -> str:
    """A zoneless timestamp as text."""
    return moment.isoformat(sep=" ", timespec="microseconds")


def rows(zone: str) -> list[list[exp.Expr]]:
    """A zone's changes: from which instant, from which clock on, and by how much."""
    return [
        [
            text(timestamp_text(one.begins)),
            text(timestamp_text(one.clock_begins)),
            text(f"{one.seconds:+d} seconds"),
            text(f"{-one.seconds:+d} seconds"),
        ]
        for one in changes(zone)
    ]


def clock(zone: str, instant: exp.Expr) -> exp.Expr:
    """The local time of the zone at an instant."""
    return _shifted(instant, _change(zone, "begins", "shift", instant))


def instant(zone: str, clock_: exp.Expr) -> exp.Expr:
    """The instant at which it shows this."""
    return _shifted(clock_, _change(zone, "clock_begins", "shift_back", clock_))


def _change(zone: str, by: str, wanted: str, moment: exp.Expr) -> exp.Expr:
    """The column `wanted` of the last zone change at or before the moment."""
    every = changes(zone)
    if len(every) == 1:
        seconds = every[0].seconds
        return text(f"{seconds if wanted == 'shift' else -seconds:+d} seconds")
    name = "_zone_" + "".join(one if one.isalnum() else "_" for one in zone.lower())
    table = exp.to_table(name)
    table.meta["zone"] = zone
    found = exp.select(column(wanted)).from_(table)
    found = found.where(exp.LTE(this=column(by), expression=moment.copy()))
    last = exp.Ordered(this=column(by), desc=True)
    return exp.Subquery(this=found.order_by(last).limit(1))


def _shifted(moment: exp.Expr, shift: exp.Expr) -> exp.Expr:
    """So much later; itself where the calendar ends."""
    return exp.Coalesce(this=_later(moment, shift), expressions=[moment.copy()])


def _later(moment: exp.Expr, *shifts: exp.Expr) -> exp.Expr:
    seconds = exp.func("SUBSTR", moment.copy(), number(1), number(19))
    moved_ = exp.Anonymous(this="DATETIME", expressions=[seconds, *shifts])
    return exp.DPipe(this=moved_, expression=exp.func("SUBSTR", moment.copy(), number(20)))


def moved(moment: exp.Expr, length: Length, sign: int) -> exp.Expr:
    """A timestamp so much later; the first or last moment of the calendar where it ends."""
    match length.unit:
        case "month" | "year":
            day = exp.func("SUBSTR", moment.copy(), number(1), number(10))
            time = exp.func("SUBSTR", moment.copy(), number(11))
            found: exp.Expr = exp.DPipe(this=_months(day, length, sign), expression=time)
        case _:
            found = _later(moment, text(_modifier(length, sign)))
    end = timestamp_text(datetime.max if sign > 0 else datetime.min)
    return exp.Coalesce(this=found, expressions=[_if_known(end, moment)])


def moved_date(day: exp.Expr, length: Length, sign: int) -> exp.Expr:
    """A date moved by a length; the calendar's ends are limits."""
    if length.unit in ("month", "year"):
        found = _months(day, length, sign)
    else:
        found = _date(day, _modifier(length, sign))
    end = (datetime.max if sign > 0 else datetime.min).date().isoformat()
    return exp.Coalesce(this=found, expressions=[_if_known(end, day)])


def _months(day: exp.Expr, length: Length, sign: int) -> exp.Expr:
    """The day so many months later, or that month's last where it has no such day."""
    count = sign * length.count * (12 if length.unit == "year" else 1)
    same = _date(day, f"{count:+d} months")
    last = _date(day, "start of month", f"{count + 1:+d} months", "-1 days")
    return exp.Anonymous(this="MIN", expressions=[same, last])


def _modifier(length: Length, sign: int) -> str:
    if length.unit == "week":
        return f"{sign * 7 * length.count:+d} days"
    return f"{sign * length.count:+d} {length.unit}s"


def _date(day: exp.Expr, *modifiers: str) -> exp.Expr:
    return exp.Anonymous(this="DATE", expressions=[day.copy(), *map(text, modifiers)])


def _if_known(end: str, moment: exp.Expr) -> exp.Expr:
    """The end of the calendar, or NULL with what was moved."""
    nothing = exp.func("SUBSTR", moment.copy(), number(1), number(0))
    return exp.DPipe(this=text(end), expression=nothing)


def truncated(unit: str, moment: exp.Expr) -> exp.Expr:
    """The first moment of its day, week, month, quarter or year."""

    def first(length: int) -> exp.Expr:
        return exp.func("SUBSTR", moment.copy(), number(1), number(length))

    match unit:
        case "day":
            return exp.DPipe(this=first(10), expression=text(_MIDNIGHT))
        case "week":
            return exp.DPipe(
                this=_date(first(10), "-6 days", "weekday 1"), expression=text(_MIDNIGHT)
            )
        case "month":
            return exp.DPipe(this=first(8), expression=text(f"01{_MIDNIGHT}"))
        case "year":
            return exp.DPipe(this=first(5), expression=text(f"01-01{_MIDNIGHT}"))
        case "quarter":
            month = exp.func("SUBSTR", moment.copy(), number(6), number(2))
            begun = exp.Case(this=month)
            for start in (1, 4, 7, 10):
                for one in range(start, start + 3):
                    begun = begun.when(text(f"{one:02}"), text(f"{start:02}-01{_MIDNIGHT}"))
            return exp.DPipe(this=first(5), expression=begun)
        case _:
            raise ValueError(f"{unit} is no unit of the calendar")
