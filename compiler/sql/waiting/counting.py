"""The events that count for a group or a pattern: which they are, and in which order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from ...dialects.common.context import SqlContext
from ...dialects.common.dialect import Dialect
from ...dialects.common.terms import Term, all_true, any_true, column, is_null, number
from ...operators.sql_time import shifted
from ...plan import Span
from ...plan.demands import Key
from ...plan.types import TEXT, TIMESTAMP
from ...plan.values import Length
from ..comments import place
from ..ctes import Script, Task, restricted
from ..translate import Scope, condition


@dataclass(frozen=True, slots=True)
class Columns:
    """The names that a CTE of events gives to their key, customer and moment.

    `occurrence`: in a journey, the events of each instance are counted by themselves.
    """

    key: str
    customer: str
    moment: str
    occurrence: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """All of them."""
        return (self.key, *self.whose, self.moment)

    @property
    def whose(self) -> tuple[str, ...]:
        """The columns that are the same for events that are counted together."""
        return (self.customer, *(() if self.occurrence is None else (self.occurrence,)))

    def of(self, relation: str | None = None) -> list[exp.Expr]:
        """All as columns of a relation."""
        return [column(name, relation) for name in self.names]

    def order(self, dialect: Dialect) -> exp.Order:
        """The order of events: by moment, then by key."""
        turns = [column(self.moment), dialect.ordered(column(self.key), TEXT)]
        return exp.Order(expressions=[exp.Ordered(this=one, nulls_first=False) for one in turns])

    def window(self, dialect: Dialect, function: exp.Expr, apart: Sequence[exp.Expr]) -> exp.Window:
        """A function over the events that are counted together, in their order.

        `apart`: further columns that are the same for these.
        """
        return exp.Window(
            this=function,
            partition_by=[*map(column, self.whose), *(one.copy() for one in apart)],
            order=self.order(dialect),
        )

    def highest_before(self, dialect: Dialect, name: str, apart: Sequence[exp.Expr]) -> exp.Window:
        """The highest value of a column over the earlier events; NULL for the first."""
        highest = self.window(dialect, exp.Max(this=column(name)), apart)
        # No column is NULL here, and BigQuery takes no NULLS LAST under an aggregate.
        for one in highest.find_all(exp.Ordered):
            one.set("nulls_first", True)
        before = exp.WindowSpec(
            kind="ROWS",
            start="UNBOUNDED",
            start_side="PRECEDING",
            end=number(1),
            end_side="PRECEDING",
        )
        highest.set("spec", before)
        return highest

    def not_after(self, dialect: Dialect, one: str, other: str) -> exp.Expr:
        """The condition that an event `other` is `one`, or comes before it."""
        at, now = column(self.moment, other), column(self.moment, one)
        key = dialect.ordered(column(self.key, other), TEXT)
        last = dialect.ordered(column(self.key, one), TEXT)
        same = all_true(
            exp.EQ(this=at.copy(), expression=now.copy()), exp.LTE(this=key, expression=last)
        )
        return exp.Paren(this=any_true(exp.LT(this=at, expression=now), same))


def counted(
    script: Script,
    events: str,
    columns: Columns,
    fields: Mapping[Key, Term],
    shown: Sequence[exp.Expr],
    known: Sequence[exp.Expr],
    also: Sequence[exp.Expr],
    what: str,
) -> str:
    """The CTE of the events that count, with columns of their own.

    `known` may not be NULL, `also` are further conditions, `what` begins the comment.
    """
    task = script.task
    trigger = task.jobs[0].step.trigger
    context = context_of(task, column(columns.moment, events))
    select = exp.select(*columns.of(events), *shown).from_(exp.to_identifier(events))
    asked: list[exp.Expr] = [exp.Not(this=is_null(one)) for one in known]
    asked += [*_active(task, context), *also]
    if trigger.where is not None:
        asked.append(condition(trigger.where, Scope(context, fields)))
    return script.add("counted", restricted(select, asked), f"{what}: {place(trigger.origin)}")


def context_of(task: Task, now: exp.Expr) -> SqlContext:
    """The context of an event from any time: not bounded by the period that is due."""
    return replace(task.context(now), nows=None)


def since(context: SqlContext, within: Span) -> exp.Expr:
    """The instant from which `within` looks back to, itself out."""
    now = Term(context.now.copy(), TIMESTAMP, optional=False)
    return shifted(context, now, Length(within.count, within.unit), -1)


def is_counted(cancelled: str, events: str, at: exp.Expr) -> exp.Expr:
    """The condition that an event of the CTE `events` is not cancelled by an instant.

    `cancelled` is the column with the instant from which on it is.
    """
    since = column(cancelled, events)
    return exp.Paren(this=any_true(is_null(since), exp.GT(this=since.copy(), expression=at.copy())))


def aliased(relation: str, alias: str) -> exp.Expr:
    """A CTE under another name."""
    return exp.alias_(exp.to_table(relation, quoted=None), alias, table=True)


def _active(task: Task, context: SqlContext) -> list[exp.Expr]:
    """The campaign's active period, which does not bind the later steps of a journey."""
    campaign, dialect = task.jobs[0].campaign, task.dialect
    found: list[exp.Expr] = []
    if task.jobs[0].is_later:
        return found
    if campaign.active_from is not None:
        first = dialect.timestamp(campaign.active_from)
        found.append(exp.GTE(this=context.now.copy(), expression=first))
    if campaign.active_to is not None:
        last = dialect.timestamp(campaign.active_to)
        found.append(exp.LTE(this=context.now.copy(), expression=last))
    return found
