"""The customers who were exposed, as a relation of the warehouse.

A run hands them over as texts of a fixed layout in a table of one column, which every warehouse
takes. A statement for people reads the table `campaigner_exposures`, whose columns have their own
types.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlglot import exp

from ..dialects.common.dialect import Dialect
from ..dialects.common.terms import column, number
from ..plan.types import INTEGER, TIMESTAMP
from ..sql.ctes import Statement

TABLE = "campaigner_exposures"
"""The table that a statement for people reads."""

_UNIT, _CAMPAIGN, _VARIANT, _INSTANT = 10, 5, 3, 26


@dataclass(frozen=True, slots=True)
class Exposure:
    """A customer who was exposed, or held out, at an instant; `campaign` and `variant` by number.

    `begins` is the start of the time before. `untils` are the ends of the campaign's windows.
    """

    campaign: int
    variant: int
    customer: str
    begins: datetime
    at: datetime
    untils: tuple[datetime, ...]


def line_of(unit: int, one: Exposure, slots: int) -> str:
    """The text of an exposure; `unit` is its number."""
    ends = [*one.untils, *([one.at] * (slots - len(one.untils)))]
    instants = "".join(_text(moment) for moment in (one.begins, one.at, *ends))
    return f"{unit:010d}{one.campaign:05d}{one.variant:03d}{instants}{one.customer}"


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def names(slots: int) -> tuple[str, ...]:
    """The columns with instants."""
    return ("begins", "exposed_at", *(f"until_{one}" for one in range(1, slots + 1)))


def exposed(statement: Statement, slots: int, kept: str | None) -> str:
    """The CTE of the exposures: unit, campaign, variant, customer and the instants.

    `kept`: the table of texts; without it `campaigner_exposures` is read.
    """
    shown: list[exp.Expr]
    if kept is None:
        titles = ("unit", "campaign", "variant", "customer", *names(slots))
        shown = [column(one) for one in titles]
        select = exp.select(*shown).from_(exp.to_identifier(TABLE))
    else:
        select = exp.select(*_parsed(statement.dialect, slots))
        select = select.from_(exp.table_(kept, quoted=True))
    made = statement.add("exposed", select, "who was exposed, or held out, and when")
    statement.materialized[made] = True
    return made


def _parsed(dialect: Dialect, slots: int) -> list[exp.Expr]:
    at, shown = 1, []
    for name, length in (("unit", _UNIT), ("campaign", _CAMPAIGN), ("variant", _VARIANT)):
        part = exp.Cast(this=_part(at, length), to=dialect.type_of(INTEGER))
        shown.append(exp.alias_(part, name))
        at += length
    for name in names(slots):
        moment = exp.Cast(this=_part(at, _INSTANT), to=dialect.type_of(TIMESTAMP))
        shown.append(exp.alias_(moment, name))
        at += _INSTANT
    shown.append(exp.alias_(_part(at, None), "customer"))
    return shown


def _part(start: int, length: int | None) -> exp.Expr:
    sizes = {} if length is None else {"length": number(length)}
    return exp.Substring(this=column("occurrence"), start=number(start), **sizes)
