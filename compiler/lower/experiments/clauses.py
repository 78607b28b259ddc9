"""Experiments: holdout and split, and what each arm gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from ....dsl import tree
from ....dsl.diagnostics.diagnostic import Label
from ... import plan
from ...check.context import Context, folded, origin
from ...check.scope import Scope
from ...check.symbols import repeated
from ...codes import logic as words
from ...codes import names
from ...plan.plan_json import amount
from ..budgets import percent
from ..declarations import once

FINEST = 4
"""The digits after the point of a percentage, at most. The hash has 4,295 places for a part of a
million."""

HUNDRED = 100


def experiment_of(c: Context, node: tree.Campaign) -> plan.Experiment | None:
    """The experiment of a campaign; what is wrong in it is reported."""
    clause = clause_of(node)
    if clause is None:
        return None
    once(c, clause.name.text, clause.statements)
    if not clause.statements:
        c.report(words.SAYS_NOTHING, clause, name=clause.name.text)
    holdout, split = holdout_of(clause), split_of(clause)
    held = Decimal(0) if holdout is None else _holdout(c, holdout)
    arms = () if split is None else _arms(c, clause.name.text, split, held)
    return plan.Experiment(clause.name.text, held, arms, origin(clause.span))


def asking_arms(scope: Scope, experiment: plan.Experiment | None) -> Scope:
    """The scope, in which a campaign may ask for the arm of its experiment."""
    return replace(scope, asks_arm=True, experiment=experiment)


def clause_of(node: tree.Campaign) -> tree.Experiment | None:
    """The clause `experiment NAME { … }` of a campaign."""
    return next((one for one in node.clauses if isinstance(one, tree.Experiment)), None)


def holdout_of(clause: tree.Experiment) -> tree.Holdout | None:
    """Its first holdout."""
    return next((one for one in clause.statements if isinstance(one, tree.Holdout)), None)


def split_of(clause: tree.Experiment) -> tree.Split | None:
    """Its first split."""
    return next((one for one in clause.statements if isinstance(one, tree.Split)), None)


def _holdout(c: Context, node: tree.Holdout) -> Decimal:
    _report_digits(c, node.percent)
    return percent(c, node.percent, 0, 99)


def _arms(c: Context, name: str, node: tree.Split, held: Decimal) -> tuple[plan.Arm, ...]:
    for one in repeated(arm.name for arm in node.arms):
        c.report(words.ARM_TWICE, one, name=one.text, experiment=name)
    for arm in node.arms:
        _report_digits(c, arm.percent)
        if not arm.percent.value:
            c.report(words.NO_SUCH_PART, arm.percent, text=folded(arm.percent.span))
    total = sum((arm.percent.value for arm in node.arms), Decimal(0))
    if len(node.arms) == 1:
        c.report(words.ONE_ARM, node, name=node.arms[0].name.text)
    elif total != HUNDRED:
        of_all = {"held": amount(held * HUNDRED)} if total == HUNDRED * (1 - held) else {}
        c.report(words.NOT_THE_WHOLE, node, total=amount(total), **of_all)
    return tuple(
        plan.Arm(arm.name.text, arm.percent.value / HUNDRED, origin(arm.span)) for arm in node.arms
    )


def _report_digits(c: Context, node: tree.Percent) -> None:
    exponent = node.value.normalize().as_tuple().exponent
    if isinstance(exponent, int) and -exponent > FINEST:
        c.report(words.NO_SUCH_PART, node, text=folded(node.span))


def report_shared(c: Context, campaigns: Mapping[str, tree.Campaign]) -> None:
    """Report an experiment that two campaigns write differently."""
    first: dict[str, tuple[str, tree.Experiment]] = {}
    for campaign, node in campaigns.items():
        clause = clause_of(node)
        if clause is None:
            continue
        owner, earlier = first.setdefault(clause.name.text, (campaign, clause))
        if _alike(earlier) != _alike(clause):
            label = Label(earlier.span.place, names.DECLARED_FIRST)
            values = {"name": clause.name.text, "campaign": owner, "right": _written(earlier)}
            c.report(words.SPLIT_OTHERWISE, clause, label, **values)


def _alike(clause: tree.Experiment) -> tuple[Decimal, tuple[tuple[str, Decimal], ...]]:
    holdout, split = holdout_of(clause), split_of(clause)
    arms = () if split is None else split.arms
    held = Decimal(0) if holdout is None else holdout.percent.value
    return held, tuple((arm.name.text, arm.percent.value) for arm in arms)


def _written(clause: tree.Experiment) -> str:
    return " ".join(folded(one.span) for one in clause.statements)
