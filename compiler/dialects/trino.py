"""Trino (the session's zone is UTC).

Decimals have 38 digits; overflow is an error, which TRY turns into NULL. An instant is a
`TIMESTAMP(6)`, since a plain TIMESTAMP keeps no microseconds.
"""

# The methods are documented in `Dialect`.
# ruff: noqa: ARG002, D102

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from decimal import Decimal

from sqlglot import exp

from ..plan.types import IntegerType, TimestampType, TimeType, ValueType
from ..plan.values import Length
from .common import plain
from .common.clocks import first_shown_by_offsets
from .common.parameters import name_of
from .common.terms import WIDEST, Term, decimal_type, is_simple, number, text
from .standard import Standard

_KIND = exp.DataType.Type
_MICROSECONDS = exp.DataTypeParam(this=exp.Literal.number(6))
_LARGEST = 2**63 - 1
_SEEDS = "campaigner_seeds"


def _of_six(kind: exp.DType) -> exp.DataType:
    return exp.DataType(this=kind, expressions=[_MICROSECONDS.copy()])


@dataclass(frozen=True, slots=True)
class Trino(Standard):
    """See `Dialect`."""

    name: str = "trino"
    sqlglot: str = "trino"
    joins_using: bool = False
    least_is_strict: bool = True

    # --- types and literals ---------------------------------------------------------------------

    def type_of(self, type_: ValueType) -> exp.DataType:
        if isinstance(type_, TimestampType):
            return _of_six(_KIND.TIMESTAMP)
        if isinstance(type_, TimeType):
            return _of_six(_KIND.TIME)
        return Standard.type_of(self, type_)

    def text_type(self) -> exp.DataType:
        return exp.DataType(this=_KIND.VARCHAR)

    def read(self, column: exp.Expr, type_: ValueType) -> exp.Expr:
        if not isinstance(type_, TimestampType):
            return Standard.read(self, column, type_)
        # What has a zone of its own would be cast to what clocks of that zone show.
        aware = exp.cast(column, _of_six(_KIND.TIMESTAMPTZ))
        return self._as_text("UTC", aware)

    def timestamp(self, instant: datetime) -> exp.Expr:
        shown = instant.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ")
        return exp.cast(text(shown), _of_six(_KIND.TIMESTAMP))

    def time(self, clock: time) -> exp.Expr:
        return exp.cast(text(clock.isoformat()), _of_six(_KIND.TIME))

    def decimal(self, value: Decimal) -> exp.Expr:
        if value == int(value) and abs(value) > _LARGEST:
            return exp.cast(text(format(value, "f")), decimal_type(WIDEST, 0))
        return Standard.decimal(self, value)

    def instant_text(self, instant: exp.Expr) -> exp.Expr:
        shown = exp.cast(instant, self.text_type())
        joined = exp.func("REPLACE", shown, text(" "), text("T"))
        return exp.DPipe(this=joined, expression=text("Z"))

    def value_text(self, value: exp.Expr, type_: ValueType) -> exp.Expr:
        shown = exp.cast(value, self.text_type())
        if isinstance(type_, TimeType):
            return exp.func("REPLACE", shown, text(".000000"), text(""))
        return shown

    def seed(self, number: int) -> exp.Expr:
        # A `?` has no name, so each is asked for once, in the first CTE.
        return exp.select(name_of(number)).from_(_SEEDS).subquery()

    def finished(self, query: exp.Select) -> exp.Select:
        names = {
            found.expressions[0].name
            for found in query.find_all(exp.Select)
            if isinstance(found.args.get("from_"), exp.From) and found.args["from_"].name == _SEEDS
        }
        if names:
            given = [
                exp.alias_(exp.cast(exp.Placeholder(), self.text_type()), name)
                for name in sorted(names, key=lambda name: (len(name), name))
            ]
            seeds = exp.CTE(
                this=exp.select(*given), alias=exp.TableAlias(this=exp.to_identifier(_SEEDS))
            )
            query.args["with_"].expressions.insert(0, seeds)
        return Standard.finished(self, query)

    # --- the shape of a query -------------------------------------------------------------------

    def let(
        self, values: Mapping[str, exp.Expr], body: Callable[[Sequence[exp.Expr]], exp.Expr]
    ) -> exp.Expr:
        bound = {name: value for name, value in values.items() if not is_simple(value)}
        if not bound:
            return body(tuple(values.values()))
        variable = "_" + "_".join(bound)
        if len(bound) == 1:
            whole = next(iter(bound.values()))
            seen: dict[str, exp.Expr] = {name: exp.column(variable) for name in bound}
        else:
            whole = exp.Struct(expressions=list(bound.values()))
            seen = {name: _part(exp.column(variable), place) for place, name in enumerate(bound)}
        written = body([seen.get(name, value) for name, value in values.items()])
        each = exp.Lambda(this=written, expressions=[exp.to_identifier(variable)])
        listed = exp.Transform(this=exp.Array(expressions=[whole]), expression=each)
        return _part(listed, 0)

    def picked(
        self, which: str, value: Term, order: Sequence[exp.Expr], looked: exp.Expr | None
    ) -> exp.Expr:
        kind = exp.ArgMin if which == "first" else exp.ArgMax
        row = exp.Struct(expressions=list(order))
        chosen: exp.Expr = kind(this=value.expression, expression=row)
        return chosen if looked is None else self.filtered(chosen, looked)

    def earliest(self, instants: Sequence[exp.Expr]) -> exp.Expr:
        if len(instants) == 1:
            return instants[0]
        never = self.timestamp(datetime.max.replace(tzinfo=UTC))
        return self.least(plain.known_or(instants, never))

    # --- numbers --------------------------------------------------------------------------------

    def total(self, value: exp.Expr, type_: ValueType) -> exp.Expr:
        wide = self.wide_integer(value) if isinstance(type_, IntegerType) else value
        return exp.Sum(this=wide)

    def cast_or_unknown(self, value: exp.Expr, type_: exp.DataType) -> exp.Expr:
        return exp.TryCast(this=value, to=type_)

    def integer_or_unknown(self, operation: exp.Expr) -> exp.Expr:
        return exp.Try(this=operation)

    def decimal_or_unknown(self, value: exp.Expr, type_: exp.DataType) -> exp.Expr:
        return exp.Try(this=exp.cast(value, type_))

    def round_even(self, value: exp.Expr, scale: int) -> exp.Expr:
        return self.wide_decimal(plain.rounded_by_rest(self, value, scale), scale)

    def wide_integer(self, value: exp.Expr) -> exp.Expr:
        return exp.cast(value, decimal_type(WIDEST, 0))

    def whole_quotient(self, left: exp.Expr, right: exp.Expr) -> exp.Expr:
        return plain.exact_quotient(left, right)

    def least(self, values: Sequence[exp.Expr]) -> exp.Expr:
        return exp.Least(this=values[0], expressions=list(values[1:]))

    def greatest(self, values: Sequence[exp.Expr]) -> exp.Expr:
        return exp.Greatest(this=values[0], expressions=list(values[1:]))

    # --- time -----------------------------------------------------------------------------------

    def _as_text(self, zone: str, aware: exp.Expr) -> exp.Expr:
        there = exp.AtTimeZone(this=aware, zone=text(zone))
        return exp.cast(there, _of_six(_KIND.TIMESTAMP))

    def clock(self, zone: str, instant: exp.Expr) -> exp.Expr:
        return self._as_text(zone, exp.func("WITH_TIMEZONE", instant, text("UTC")))

    def instant(self, zone: str, clock: exp.Expr, overlaps: Sequence[int]) -> exp.Expr:
        return first_shown_by_offsets(self, zone, clock)

    def moved(self, timestamp: exp.Expr, length: Length, sign: int) -> exp.Expr:
        unit = exp.Var(this=length.unit.upper())
        return exp.DateAdd(this=timestamp, expression=number(sign * length.count), unit=unit)

    def moved_date(self, day: exp.Expr, length: Length, sign: int) -> exp.Expr:
        return self.moved(exp.cast(day, _KIND.DATE), length, sign)

    def days_between(self, start: exp.Expr, end: exp.Expr) -> exp.Expr:
        return exp.DateDiff(this=end, expression=start, unit=exp.Var(this="DAY"))

    def midnight(self, day: exp.Expr) -> exp.Expr:
        return exp.cast(day, _of_six(_KIND.TIMESTAMP))

    def md5(self, text: exp.Expr) -> exp.Expr:
        bytes_ = exp.Encode(this=text, charset=exp.Literal.string("utf-8"))
        return exp.LowerHex(this=exp.MD5Digest(this=bytes_))


def _part(row: exp.Expr, place: int) -> exp.Expr:
    return exp.Bracket(this=row, expressions=[number(place)])
