"""The arms of an experiment, each with something to get."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ....dsl import tree
from ....dsl.diagnostics.diagnostic import names_listed
from ... import plan
from ...check.context import Context
from ...codes import logic as words
from ...plan.experiments import asks_arm
from ...plan.expressions import Constant, Expression, Operation
from ...plan.values import decode
from .clauses import clause_of, split_of


def with_experiment(
    c: Context,
    node: tree.Campaign,
    campaign: plan.Campaign,
    experiment: plan.Experiment | None,
) -> plan.Campaign:
    """The campaign with its experiment; the larger holdout counts, of that and of policies."""
    if experiment is None:
        return campaign
    held = max(campaign.holdout, experiment.holdout)
    whole = replace(campaign, experiment=experiment, holdout=held)
    _report_unserved(c, node, whole)
    return whole


def _report_unserved(c: Context, node: tree.Campaign, campaign: plan.Campaign) -> None:
    """Report an arm to which a reward gives nothing, and an experiment that tells none apart."""
    clause, experiment = clause_of(node), campaign.experiment
    if clause is None or experiment is None or not experiment.arms:
        return
    split = split_of(clause)
    at = clause if split is None else split
    for step in campaign.steps:
        _report_step(c, at, campaign, experiment, step)
    arms = _names(experiment)
    if len(arms) > 1 and not any(map(asks_arm, _asked(campaign))):
        c.report(words.NO_ARM_DIFFERS, at, arms=names_listed(arms))


def _report_step(
    c: Context,
    at: tree.Node,
    campaign: plan.Campaign,
    experiment: plan.Experiment,
    step: plan.Step,
) -> None:
    if step.reward is None or step.reward.draws:
        return
    conditions = [one.condition for one in step.reward.branches if one.condition is not None]
    if len(conditions) < len(step.reward.branches):
        return
    entered = () if step.follows is None else step.follows.asked
    for name in _names(experiment):
        inside = all(of_arm(one, name) is not False for one in entered)
        if inside and all(of_arm(one, name) is False for one in conditions):
            c.report(words.ARM_WITHOUT_REWARD, at, name=name, campaign=campaign.name)


def _names(experiment: plan.Experiment) -> Sequence[str]:
    return tuple(dict.fromkeys(arm.name for arm in experiment.arms))


def _asked(campaign: plan.Campaign) -> Iterator[Expression]:
    for step in campaign.steps:
        if step.follows is not None:
            yield from step.follows.asked
        if step.reward is not None:
            yield from (one.condition for one in step.reward.branches if one.condition is not None)
        yield from (one.value for message in step.messages for one in message.values)


def of_arm(condition: Expression, arm: str) -> bool | None:
    """Whether a condition holds in an arm; `None` if that depends on more."""
    match condition:
        case Operation(operator="equal", arguments=(Operation(operator="arm"), Constant() as one)):
            return decode(one.type, one.value) == arm
        case Operation(operator="not", arguments=(inner,)):
            found = of_arm(inner, arm)
            return None if found is None else not found
        case Operation(operator="and" | "or" as joint, arguments=parts):
            known = [of_arm(one, arm) for one in parts]
            decisive = joint == "or"
            if decisive in known:
                return decisive
            return None if None in known else not decisive
        case _:
            return None
