"""`pause when …`: what pauses a campaign by itself, and what of it could never do so."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from ...dsl import tree
from ...dsl.diagnostics.nearest import suggestions
from .. import plan
from ..check.context import Context, folded, origin
from ..codes import brakes as words
from ..codes import names
from ..rewards.payouts import Goods
from ..rewards.table import kind_of

FAILURES, SPEND = "failures", "spend"
_OWN = frozenset({"rewards", "alerts"})
"""Channels that carry no messages."""


def brakes(
    c: Context,
    node: tree.Campaign,
    gives: Sequence[plan.Reward | None],
    parts: Sequence[tree.Node],
) -> tuple[plan.Brake, ...]:
    """The brakes of a campaign, without those that have mistakes.

    Its steps give these rewards; `parts` are their rewards and messages.
    """
    clauses = [one for one in node.clauses if isinstance(one, tree.PauseWhen)]
    sent = (tree.Message, tree.Reward) if "rewards" in c.channels else tree.Message
    sends = any(isinstance(one, sent) for one in parts)
    found = (_brake(c, node, one, gives, sends=sends) for one in clauses)
    return tuple(one for one in found if one is not None)


def _brake(
    c: Context,
    node: tree.Campaign,
    clause: tree.PauseWhen,
    gives: Sequence[plan.Reward | None],
    *,
    sends: bool,
) -> plan.Brake | None:
    call = _call(c, clause)
    if isinstance(clause.over, tree.Number):
        return _of_events(c, clause, call)
    if clause.within is None:
        return _of_spend(c, node, clause, gives, call)
    return _of_failures(c, node, clause, call, sends=sends)


def _of_failures(
    c: Context,
    node: tree.Campaign,
    clause: tree.PauseWhen,
    call: plan.Call | None,
    *,
    sends: bool,
) -> plan.Brake | None:
    if clause.measure.text != FAILURES:
        _not_measured(c, clause, f"{FAILURES} over 5% within 10 minutes")
        return None
    if clause.over.value >= 100:
        c.report(words.NEVER_OVER, clause.over, over=folded(clause.over.span))
        return None
    least = 1 if clause.at_least is None else _count(c, clause.at_least, 1)
    within = _span(c, clause.within)
    if least is None or within is None:
        return None
    if not sends:
        c.report(words.NOTHING_SENT, clause, campaign=node.name.text)
    if clause.at_least is None:
        c.report(words.ONE_FAILURE, clause, clause=folded(clause.span))
    return plan.FailureBrake(_share(clause.over), least, within, origin(clause.span), call)


def _of_spend(
    c: Context,
    node: tree.Campaign,
    clause: tree.PauseWhen,
    gives: Sequence[plan.Reward | None],
    call: plan.Call | None,
) -> plan.Brake | None:
    if clause.measure.text != SPEND:
        _not_measured(c, clause, f"{SPEND} over 150% of yesterday")
        return None
    if clause.over.value == 0:
        c.report(words.PART_OF_NOTHING, clause.over, over=folded(clause.over.span))
        return None
    if not any(_costs(c, one) for one in gives):
        c.report(words.NOTHING_SPENT, clause, campaign=node.name.text)
    return plan.SpendBrake(_share(clause.over), origin(clause.span), call)


def _of_events(
    c: Context, clause: tree.PauseWhen, call: plan.Call | None
) -> plan.EventBrake | None:
    name = clause.measure.text
    if name not in c.events:
        known = suggestions(name, c.events)
        c.report(names.UNKNOWN_DECLARATION, clause.measure, kind=names.EVENT, name=name, **known)
    over = _count(c, clause.over, 0)
    within = _span(c, clause.within)
    if name not in c.events or over is None or within is None:
        return None
    return plan.EventBrake(name, over, within, origin(clause.span), call)


def _not_measured(c: Context, clause: tree.PauseWhen, form: str) -> None:
    name = clause.measure.text
    count = f"{name if name in c.events else 'EVENT'} over 20 within 1 hour"
    c.report(words.NO_SUCH_MEASURE, clause.measure, name=name, form=form, count=count)


def _share(over: tree.Percent | tree.Number) -> Decimal:
    return over.value / 100


def _count(c: Context, node: tree.Number | tree.Percent, least: int) -> int | None:
    """A whole number that is not too small; `None` after a report."""
    if node.value == node.value.to_integral_value() and node.value >= least:
        return int(node.value)
    c.report(words.NO_COUNT, node, number=folded(node.span), least=str(least))
    return None


def _span(c: Context, node: tree.Duration | None) -> plan.Span | None:
    if node is None:
        return None
    if node.count == 0:
        c.report(words.NO_WINDOW, node, window=folded(node.span))
        return None
    return plan.Span(node.count, node.unit)


def _call(c: Context, clause: tree.PauseWhen) -> plan.Call | None:
    if clause.call is None:
        return None
    staff = sorted(c.staff - _OWN)
    if not staff:
        c.report(words.NOBODY_TO_CALL, clause.call, name=clause.call.value)
        return None
    return plan.Call(clause.call.value, staff[0])


def _costs(c: Context, gives: plan.Reward | None) -> bool:
    """Whether a reward may cost anything."""
    goods = Goods(c.currency, c.benefits)
    branches = () if gives is None else gives.branches
    costs = (kind_of(line).cost(line, goods) for one in branches for line in one.lines)
    return any(cost is None or cost > 0 for cost in costs)
