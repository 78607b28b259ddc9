"""Histories at an instant that is a literal: events are grouped by customer, then joined.

The ends of all windows are literals too, so events can be grouped before any customer is known.
`joined.py` has the windows and conditions that depend on the customer or the instant.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from sqlglot import exp

from ...dialects.common.terms import Term, all_true, column, is_null, number
from ...plan import EventAggregate, EventPick, Feature, LedgerFeature, SinceWindow
from ...plan.demands import Index, Key
from ...plan.types import IntegerType
from ..columns import renamed
from ..comments import places
from ..ctes import Relation, Script, Statement, restricted
from ..sources import Past
from ..translate import Scope
from ..windows import known_bounds
from .at_instant import Asking, reached, until
from .distinct import different, of_different
from .joined import aggregated, looked_at


def is_plain(index: Index, needed: Sequence[Key]) -> bool:
    """Whether all histories among these rest upon the instant and the events alone."""
    for kind, name in needed:
        feature = index.features[name] if kind == "feature" else None
        if isinstance(feature, LedgerFeature):
            return False
        if isinstance(feature, EventAggregate | EventPick):
            since = isinstance(feature.window, SinceWindow)
            if since or index.basis((kind, name)):
                return False
    return True


@dataclass(frozen=True, slots=True)
class Grouped:
    """The CTE of histories of one kind of event, each with its column.

    `words` are further integer columns, each with its value for customers without events.
    """

    name: str
    histories: Sequence[tuple[Asking, Term]]
    words: Mapping[str, int] = field(default_factory=dict)

    @property
    def event(self) -> str:
        """The kind of the events."""
        return self.histories[0][0].feature.event


def grouped(
    statement: Statement, groups: Iterable[Sequence[Asking]], pasts: Mapping[str, Past]
) -> list[Grouped]:
    """Aggregate each group, whose histories are of one kind of event."""
    made: list[Grouped] = []
    for some in groups:
        past = pasts[some[0].feature.event]
        values = {of_different(one) for one in some}
        if len(some) > 1 and len(values) == 1 and None not in values:
            name, terms = different(statement, some, past)
        else:
            name, terms = history(statement, some, past)
        made.append(Grouped(name, list(zip(some, terms, strict=True))))
    return made


def beside(
    statement: Statement,
    who: str,
    made: Iterable[Grouped],
    wanted: Collection[tuple[datetime, Key]] | None = None,
) -> tuple[str, dict[tuple[datetime, Key], Term]]:
    """The relation `who` joined with these histories, and the term of each.

    `wanted` limits the histories; `None` keeps all.
    """
    found: dict[tuple[datetime, Key], Term] = {}
    shown: list[exp.Expr] = [exp.Column(this=exp.Star(), table=exp.to_identifier(who))]
    select = exp.select().from_(exp.to_identifier(who))
    for some in made:
        same = exp.EQ(this=column("customer", some.name), expression=column("customer", who))
        select.join(exp.to_identifier(some.name), on=same, join_type="left", copy=False)
        for word, nobodys in some.words.items():
            value = exp.Coalesce(this=column(word, some.name), expressions=[number(nobodys)])
            shown.append(exp.alias_(value, word, copy=False))
        for one, term in some.histories:
            if wanted is None or (one.instant, one.key) in wanted:
                own = term.expression.name
                shown.append(exp.alias_(_or_nothing_done(one, term, some.name), own, copy=False))
                found[one.instant, one.key] = term
    select.set("expressions", shown)
    return statement.add("facts", select, "histories beside"), found


def history(statement: Statement, some: Sequence[Asking], past: Past) -> tuple[str, list[Term]]:
    """Histories of the customers with any event in reach."""
    rows = {("row", field): term for field, term in past.fields.items()}
    moment = column(past.moment)
    last = max(one.instant for one in some)
    shown: list[exp.Expr] = [exp.alias_(column(past.customer), "customer")]
    filters = [_condition(statement, one, past, rows, last) for one in some]
    looked_alike = filters[0] is not None and all(one == filters[0] for one in filters)
    stretch: list[exp.Expr | None] = [until(statement, moment, last)]
    if looked_alike:
        stretch.append(filters[0])
        filters = [None] * len(some)
    else:
        stretch.append(reached(statement, some, moment))
    terms: list[Term] = []
    for one, looked in zip(some, filters, strict=True):
        term = aggregated(one.feature, past, Scope(one.task.context(moment), rows), looked)
        name = one.task.name(one.key, one.feature.id)
        shown.append(exp.alias_(term.expression, name, copy=False))
        terms.append(renamed(term, name))
    select = exp.Select(expressions=shown).from_(exp.to_identifier(past.name), copy=False)
    select = restricted(select, (one for one in stretch if one is not None)).group_by(
        column(past.customer), copy=False
    )
    comment = f"history of {some[0].feature.event}: {places(one.feature.origin for one in some)}"
    word = some[0].task.index.events[some[0].feature.event].word
    return statement.add(f"history_{word}", select, comment), terms


def _condition(
    statement: Statement, one: Asking, past: Past, rows: Mapping[Key, Term], last: datetime
) -> exp.Expr | None:
    """The condition that an event belongs to a history; `None` if all do."""
    moment, window = column(past.moment), one.feature.window
    context = one.task.context(moment)
    bounds = {} if window is None else known_bounds(window, context)
    script, base = Script(one.task, statement), Relation("", bounds)
    looked = looked_at(script, base, window, one.feature.where, past, Scope(context, rows))
    if one.instant == last:
        return looked
    sooner = exp.LTE(this=moment, expression=context.now.copy())
    return sooner if looked is None else all_true(sooner, looked)


def nothing(feature: Feature) -> int | None:
    """The value of a history without events in reach; `None` if it is unknown."""
    if isinstance(feature, EventAggregate) and feature.function not in ("average", "min", "max"):
        return 0
    return None


def _or_nothing_done(one: Asking, term: Term, history: str) -> exp.Expr:
    """Its value, also of those who did nothing within reach."""
    found = column(term.expression.name, history)
    if isinstance(one.feature, EventPick) or nothing(one.feature) is None:
        return found
    if one.feature.function != "sum":
        return exp.Coalesce(this=found, expressions=[number(0)])
    # A sum that is too large is unknown, which is something else.
    whole = isinstance(one.feature.type, IntegerType)
    none = number(0) if whole else one.task.dialect.decimal(Decimal(0).scaleb(-term.scale))
    nobody = is_null(column("customer", history))
    return exp.Case().when(nobody, none, copy=False).else_(found, copy=False)
