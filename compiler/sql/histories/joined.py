"""Histories: what past events say of each candidate, one grouped CTE for each kind of event."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import assert_never

from sqlglot import exp

from ...dialects.common import numbers
from ...dialects.common.dialect import Dialect
from ...dialects.common.terms import WHOLE, Term, all_true, column, decimal_type, number, text
from ...operators import sql_bounds
from ...plan import (
    EventAggregate,
    EventPick,
    GrantCount,
    LedgerFeature,
    WalletBalance,
    Window,
)
from ...plan.demands import Key
from ...plan.expressions import Expression
from ...plan.types import INTEGER, IntegerType, ValueType
from ..columns import digits, renamed
from ..comments import places
from ..ctes import Relation, Script, Task, qualified
from ..sources import Past
from ..translate import Scope, condition, value
from ..windows import inside, reaching, with_bounds

History = EventAggregate | EventPick | LedgerFeature

GRANTS = "campaigner_grants"
"""The table of past grants that the readable SQL of `received(…)` looks at: a row a reward line."""

BALANCES = "campaigner_balances"
"""The table of changes of wallets that the readable SQL of `balance(…)` looks at."""

COUNT_WHOLE = 12
"""No table has 10^12 events of one customer."""


def with_histories(
    script: Script, relation: Relation, wanted: Sequence[History], pasts: Mapping[str, Past]
) -> Relation:
    """The relation with the values of these features, to be joined."""
    windows = [feature.window for feature in wanted if feature.window is not None]
    base = with_bounds(script, settled(script, relation), windows)
    joined = base
    for event in dict.fromkeys(one.event for one in wanted if not isinstance(one, LedgerFeature)):
        own = [one for one in wanted if not isinstance(one, LedgerFeature) and one.event == event]
        joined = joined.join(*_of_event(script, base, own, pasts[event]))
    grants = [one for one in wanted if isinstance(one, GrantCount)]
    if grants:
        joined = joined.join(*_of_grants(script, base, grants))
    wallets = [one for one in wanted if isinstance(one, WalletBalance)]
    return joined.join(*_of_wallets(script, base, wallets)) if wallets else joined


def settled(script: Script, relation: Relation) -> Relation:
    """The relation with what was to be joined to it in one CTE."""
    if not relation.joined:
        return relation
    return relation.after(script.add("facts", relation.select(script.task), "histories beside"), {})


def _grouped(
    task: Task, base: Relation, past: str, on: exp.Expr, new: Iterable[exp.Expr]
) -> exp.Select:
    """One row for each of the base, also where it has no past."""
    identity = [column(name, base.name) for name in task.identity]
    return (
        exp.select(*(one.copy() for one in identity), *new)
        .from_(exp.to_identifier(base.name))
        .join(exp.to_identifier(past), on=on, join_type="left")
        .group_by(*identity)
    )


def _common(conditions: Sequence[exp.Expr | None]) -> exp.Expr | None:
    """The condition of all of them, where all have the same."""
    first = conditions[0]
    return first if all(one == first for one in conditions) else None


# --- events -------------------------------------------------------------------------------------


def _of_event(
    script: Script, base: Relation, wanted: Sequence[EventAggregate | EventPick], past: Past
) -> tuple[str, dict[Key, Term]]:
    task, dialect = script.task, script.task.dialect
    own = {key: qualified(term, base.name) for key, term in base.terms.items()}
    rows = {
        ("row", field): renamed(term, term.expression.name, past.name)
        for field, term in past.fields.items()
    }
    context = task.context(column("moment", base.name), column("today", base.name))
    scope = Scope(context, {**own, **rows})
    filters = [looked_at(script, base, one.window, one.where, past, scope) for one in wanted]
    common = _common(filters)
    if common is not None:
        filters = [None] * len(wanted)
    aggregates: list[exp.Expr] = []
    terms: dict[Key, Term] = {}
    for feature, looked in zip(wanted, filters, strict=True):
        term = aggregated(feature, past, scope, looked)
        name = task.names.give(("feature", feature.id), feature.id)
        aggregates.append(exp.alias_(term.expression, name))
        terms["feature", feature.id] = renamed(term, name)
    if common is None:
        common = reaching(
            dialect, [one.window for one in wanted], base, column(past.moment, past.name)
        )
    on = all_true(
        past.is_of(base),
        exp.LTE(this=column(past.moment, past.name), expression=column("moment", base.name)),
        *([common.copy()] if common is not None else []),
    )
    select = _grouped(task, base, past.name, on, aggregates)
    event = wanted[0].event
    comment = f"history of {event}: {places(one.origin for one in wanted)}"
    return script.add(f"history_{task.index.events[event].word}", select, comment), terms


def looked_at(
    script: Script,
    base: Relation,
    window: Window | None,
    where: Expression | None,
    past: Past,
    scope: Scope,
) -> exp.Expr | None:
    """The condition that a past event belongs to a history; `None` if all do."""
    moment, key = column(past.moment, past.name), column(past.key, past.name)
    parts = [inside(script.task, window, base, moment, key)]
    if where is not None:
        parts.append(condition(where, scope))
    known = [part for part in parts if part is not None]
    return all_true(*known) if known else None


def _filtered(dialect: Dialect, aggregate: exp.Expr, looked: exp.Expr | None) -> exp.Expr:
    return aggregate if looked is None else dialect.filtered(aggregate, looked.copy())


def aggregated(
    feature: EventAggregate | EventPick, past: Past, scope: Scope, looked: exp.Expr | None
) -> Term:
    """The aggregate that a history is, over those of the past events."""
    if isinstance(feature, EventPick):
        return _picked(feature, past, scope, looked)
    dialect = scope.context.dialect
    term = value(feature.value, scope) if feature.value is not None else None
    if term is None:
        counted = exp.Count(this=column(past.moment, past.name))
        return Term(_filtered(dialect, counted, looked), INTEGER, False, COUNT_WHOLE)
    comparable = dialect.ordered(term.expression.copy(), term.type)
    match feature.function:
        case "count":
            counted = exp.Count(this=term.expression)
            return Term(_filtered(dialect, counted, looked), INTEGER, False, COUNT_WHOLE)
        case "count_distinct":
            counted = exp.Count(this=exp.Distinct(expressions=[comparable]))
            return Term(_filtered(dialect, counted, looked), INTEGER, False, COUNT_WHOLE)
        case "sum":
            return _sum(feature.type, term, dialect, looked)
        case "average":
            summed = _filtered(dialect, dialect.total(term.expression, term.type), looked)
            total = replace(term, expression=summed, whole=WHOLE)
            known = _filtered(dialect, exp.Count(this=term.expression.copy()), looked)
            count = Term(known, INTEGER, False, COUNT_WHOLE)
            return numbers.mean(scope.context, total, count).as_type(feature.type, optional=True)
        case "min":
            smallest = _filtered(dialect, exp.Min(this=comparable), looked)
            return replace(term, expression=smallest, optional=True)
        case "max":
            largest = _filtered(dialect, exp.Max(this=comparable), looked)
            return replace(term, expression=largest, optional=True)
        case _:
            assert_never(feature.function)


def _sum(type_of_sum: ValueType, term: Term, dialect: Dialect, looked: exp.Expr | None) -> Term:
    """0 of its unit over nothing; past the limits of its type, the limit."""
    total = _filtered(dialect, dialect.total(term.expression, term.type), looked)
    whole_number = isinstance(type_of_sum, IntegerType)
    nothing = number(0) if whole_number else dialect.decimal(Decimal(0).scaleb(-term.scale))
    known = exp.Coalesce(this=total, expressions=[nothing])
    if whole_number:
        type_, whole = dialect.type_of(INTEGER), digits(INTEGER)[0]
    else:
        type_, whole = decimal_type(WHOLE + term.scale, term.scale), WHOLE
    return sql_bounds.total(dialect, Term(known, type_of_sum, False, whole, term.scale), type_)


def _picked(feature: EventPick, past: Past, scope: Scope, looked: exp.Expr | None) -> Term:
    term = scope.terms["row", feature.field]
    dialect = scope.context.dialect
    order = [column(past.moment, past.name), column(past.key, past.name)]
    if feature.field == "at":
        kind = exp.Min if feature.which == "first" else exp.Max
        chosen = _filtered(dialect, kind(this=order[0]), looked)
    else:
        chosen = dialect.picked(feature.which, term, order, looked and looked.copy())
    return replace(term, expression=chosen, type=feature.type, optional=True)


# --- grants -------------------------------------------------------------------------------------


def _of_grants(
    script: Script, base: Relation, wanted: Sequence[GrantCount]
) -> tuple[str, dict[Key, Term]]:
    """Counts of past grants.

    For a campaign, grants are counted by decision, since a bundle is one. For a benefit, every row
    is counted.
    """
    task = script.task
    at = exp.column("at", table=GRANTS, quoted=True)
    occurrence = column("occurrence", GRANTS)
    counts: list[exp.Expr] = []
    terms: dict[Key, Term] = {}
    for feature in wanted:
        parts = [*_of_whom(feature), inside(task, feature.window, base, at.copy(), None)]
        one: exp.Expr = occurrence.copy()
        if _has_several(task, feature):
            one = task.dialect.joined(column("step", GRANTS), text("/"), one)
        counted = exp.Count(
            this=at.copy() if feature.of == "benefit" else exp.Distinct(expressions=[one])
        )
        looked = all_true(*(part for part in parts if part is not None))
        name = task.names.give(("feature", feature.id), feature.id)
        counts.append(exp.alias_(_filtered(task.dialect, counted, looked), name))
        terms["feature", feature.id] = Term(column(name), INTEGER, False, COUNT_WHOLE)
    on = all_true(
        exp.EQ(this=column("recipient", GRANTS), expression=column("customer", base.name)),
        exp.LTE(this=at, expression=column("moment", base.name)),
    )
    select = _grouped(task, base, GRANTS, on, counts)
    comment = f"past grants: {places(one.origin for one in wanted)}"
    return script.add("history_grants", select, comment), terms


def _of_whom(feature: GrantCount) -> list[exp.Expr | None]:
    """The conditions that a grant is of the benefit, or of the campaign and its step."""
    named = {"reward": feature.name} if feature.campaign is None else {"campaign": feature.campaign}
    if feature.step is not None:
        named["step"] = feature.step
    return [exp.EQ(this=column(one, GRANTS), expression=text(name)) for one, name in named.items()]


def _has_several(task: Task, feature: GrantCount) -> bool:
    """Whether several steps of the campaign may have grants of one occurrence."""
    campaigns = (one for one in task.plan.campaigns if one.name == feature.campaign)
    return feature.step is None and any(len(one.steps) > 1 for one in campaigns)


# --- wallets ------------------------------------------------------------------------------------


def _of_wallets(
    script: Script, base: Relation, wanted: Sequence[WalletBalance]
) -> tuple[str, dict[Key, Term]]:
    """Balances: of each wallet the sum of its changes up to the moment."""
    task = script.task
    at = exp.column("at", table=BALANCES, quoted=True)
    amount = Term(column("amount", BALANCES), INTEGER, False, digits(INTEGER)[0])
    sums: list[exp.Expr] = []
    terms: dict[Key, Term] = {}
    for feature in wanted:
        looked = exp.EQ(this=column("wallet", BALANCES), expression=text(feature.wallet))
        term = _sum(INTEGER, amount, task.dialect, looked)
        name = task.names.give(("feature", feature.id), feature.id)
        sums.append(exp.alias_(term.expression, name))
        terms["feature", feature.id] = renamed(term, name)
    on = all_true(
        exp.EQ(this=column("customer", BALANCES), expression=column("customer", base.name)),
        exp.LTE(this=at, expression=column("moment", base.name)),
    )
    select = _grouped(task, base, BALANCES, on, sums)
    comment = f"wallets: {places(one.origin for one in wanted)}"
    return script.add("history_wallets", select, comment), terms
