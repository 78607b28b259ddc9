"""Time in MySQL: wall clocks from a table of a zone's changes, and the first days of units."""

from __future__ import annotations

from datetime import datetime

from sqlglot import exp

from ..common.terms import column, number, text
from ..common.zones import changes

TITLES = ("begins", "clock_begins", "shift")
"""The columns of a zone's table."""

FIRST = datetime(1, 1, 1)
"""The calendar begins here."""

MOMENT = exp.DataType(
    this=exp.DataType.Type.DATETIME, expressions=[exp.DataTypeParam(this=exp.Literal.number(6))]
)


def literal(moment: datetime) -> exp.Expr:
    """A zoneless timestamp."""
    return exp.Cast(this=text(moment.isoformat(sep=" ")), to=MOMENT.copy())


def timestamp_text(moment: exp.Expr, pattern: str) -> exp.Expr:
    """A timestamp as text."""
    return exp.Anonymous(this="DATE_FORMAT", expressions=[moment, text(pattern)])


def rows(zone: str) -> list[list[exp.Expr]]:
    """A zone's changes: from which instant, from which clock on, and by how many seconds."""
    return [
        [literal(one.begins), literal(one.clock_begins), number(one.seconds)]
        for one in changes(zone)
    ]


def clock(zone: str, instant: exp.Expr) -> exp.Expr:
    """The local time of the zone at an instant."""
    return _shifted(instant, zone, "begins", +1)


def instant(zone: str, clock_: exp.Expr) -> exp.Expr:
    """The instant at which it shows this."""
    return _shifted(clock_, zone, "clock_begins", -1)


def _shifted(moment: exp.Expr, zone: str, by: str, sign: int) -> exp.Expr:
    """So much later; itself where the calendar ends."""
    every = changes(zone)
    seconds: exp.Expr
    if len(every) == 1:
        if not every[0].seconds:
            return moment
        seconds = number(every[0].seconds)
    else:
        table = exp.to_table("_zone_" + "".join(c if c.isalnum() else "_" for c in zone.lower()))
        table.meta["zone"] = zone
        found = exp.select(column("shift")).from_(table)
        found = found.where(exp.LTE(this=column(by), expression=moment.copy()))
        last = exp.Ordered(this=column(by), desc=True)
        seconds = exp.Subquery(this=found.order_by(last).limit(1))
    step = exp.Anonymous(this="SEC_TO_TIME", expressions=[seconds])
    name = "ADDTIME" if sign > 0 else "SUBTIME"
    later = exp.Anonymous(this=name, expressions=[moment, step])
    return exp.Coalesce(this=later, expressions=[moment.copy()])


def first_day(unit: str, day: exp.Expr) -> exp.Expr:
    """The first date of its day, week (from Monday), month, quarter or year."""
    match unit:
        case "day":
            return day
        case "week":
            return _back(day, exp.Anonymous(this="WEEKDAY", expressions=[day.copy()]))
        case "month":
            ahead = exp.Sub(this=exp.Day(this=day.copy()), expression=number(1))
            return _back(day, ahead)
        case "quarter" | "year":
            year = exp.Anonymous(this="YEAR", expressions=[day.copy()])
            first = exp.Anonymous(this="MAKEDATE", expressions=[year, number(1)])
            if unit == "year":
                return first
            quarter = exp.Anonymous(this="QUARTER", expressions=[day.copy()])
            ends = exp.Mul(this=quarter, expression=number(3))
            months = exp.Paren(this=exp.Sub(this=ends, expression=number(3)))
            step = exp.Interval(this=months, unit=exp.Var(this="MONTH"))
            return exp.Add(this=first, expression=step)
        case _:
            raise ValueError(f"{unit} is no unit of the calendar")


def _back(day: exp.Expr, days: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this="SUBDATE", expressions=[day, days])
