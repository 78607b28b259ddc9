"""Days in a row of events that can be cancelled. Meaning: `PatternWatch` of the runtime."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlglot import exp

from ...dialects.common.terms import column, number
from ...plan import Pattern
from ..ctes import Script, restricted
from .counting import Columns, aliased

EPOCH = date(1970, 1, 1)
OTHER_DAY, PLACE, LENGTH = "other_day", "place", "length"
STREAK, ENOUGH, BEFORE = "streak", "enough", "before"


@dataclass(frozen=True, slots=True)
class Streaks:
    """The CTEs of the streaks of a pattern; `day` is the column with the day of an event."""

    script: Script
    pattern: Pattern
    columns: Columns
    day: str

    def long_enough(self, firsts: str, counted: str, up_to: exp.Expr) -> str:
        """The first events of the days on which a streak is long enough for once more.

        `firsts`: the CTE of the first event of each day. `up_to`: which events of the CTE
        `counted`, called `other`, count with `one` of those.
        """
        dialect = self.script.task.dialect
        lengths = self._lengths(self._days_before(firsts, counted, up_to))
        day = dialect.days_between(dialect.date(EPOCH), column(self.day))
        place = self.columns.window(dialect, exp.RowNumber(), [])
        streak = exp.Sub(this=exp.Paren(this=day), expression=place)
        name = self._with(lengths, streak, STREAK, "streaks", "days in a row have the same number")
        name = self._with(name, self._multiples(), ENOUGH, "enough_days", "how often it is enough")
        before = self.columns.highest_before(dialect, ENOUGH, [column(STREAK)])
        name = self._with(name, before, BEFORE, "rising", "and was before")
        was = exp.Coalesce(this=column(BEFORE), expressions=[number(0)])
        rises = exp.GT(this=column(ENOUGH), expression=was)
        select = restricted(exp.select(exp.Star()).from_(exp.to_identifier(name)), [rises])
        return self.script.add("reaching", select, "only these")

    def _with(self, name: str, value: exp.Expr, title: str, wish: str, comment: str) -> str:
        """A CTE with one more column."""
        select = exp.select(exp.Star(), exp.alias_(value, title)).from_(exp.to_identifier(name))
        return self.script.add(wish, select, comment)

    def _days_before(self, firsts: str, counted: str, up_to: exp.Expr) -> str:
        """The days that count with the first event of each day, the latest first."""
        names, one, other = self.columns.names, "one", "other"
        own = [column(name, one) for name in (*names, self.day)]
        select = exp.select(*own, exp.alias_(column(self.day, other), OTHER_DAY)).distinct()
        select = select.from_(aliased(firsts, one))
        select = select.join(aliased(counted, other), on=up_to)
        name = self.script.add("days_before", select, "the days that count with each")
        latest = exp.Order(
            expressions=[exp.Ordered(this=column(OTHER_DAY), desc=True, nulls_first=False)]
        )
        place = exp.Window(
            this=exp.RowNumber(), partition_by=[column(one) for one in names], order=latest
        )
        return self._with(name, place, PLACE, "turns", "the latest day first")

    def _lengths(self, days: str) -> str:
        """How many of the latest days follow one another without a gap."""
        dialect = self.script.task.dialect
        gap = dialect.days_between(column(OTHER_DAY), column(self.day))
        after = exp.Sub(this=column(PLACE), expression=number(1))
        follows = exp.Case().when(exp.EQ(this=gap, expression=after), number(1)).else_(number(0))
        own = [column(one) for one in (*self.columns.names, self.day)]
        select = exp.select(*(one.copy() for one in own), exp.alias_(exp.Sum(this=follows), LENGTH))
        select = select.from_(exp.to_identifier(days)).group_by(*own)
        return self.script.add("lengths", select, "how long the streak is")

    def _multiples(self) -> exp.Expr:
        """How many multiples of the amount a length holds; without `every` at most one."""
        amount, length = number(int(self.pattern.amount)), column(LENGTH)
        if self.pattern.every:
            return self.script.task.dialect.whole_quotient(length, amount)
        is_enough = exp.GTE(this=length, expression=amount)
        return exp.Case().when(is_enough, number(1)).else_(number(0))
