"""Whether a measure can be answered: somebody to compare with, and a past that is known."""

from __future__ import annotations

from ... import plan
from ...check.context import Context
from ...check.moves import conditions_of, features_below
from ...codes.measuring import measures as words
from ...plan import CustomerField, GrantCount, WalletBalance
from ...plan.data import KEY, SINCE
from ...plan.expressions import Expression, where


def report_measures(
    c: Context,
    lifecycles: tuple[plan.Lifecycle, ...],
    audiences: tuple[plan.Audience, ...],
    campaigns: tuple[plan.Campaign, ...],
) -> None:
    """Report measures that nobody can be compared by, and stages whose past nobody knows."""
    conditions = conditions_of(lifecycles, audiences)
    for campaign in campaigns:
        if campaign.measures and not _is_compared(campaign):
            at = where(campaign.measures[0].origin)
            name = campaign.renamed or campaign.name
            c.report(words.NOBODY_HELD_OUT, at, campaign=name)
        for measure in campaign.measures:
            if isinstance(measure, plan.Success):
                _report_unknown_past(c, measure, conditions)


def _is_compared(campaign: plan.Campaign) -> bool:
    """Whether customers are held out, or there are two arms."""
    experiment = campaign.experiment
    arms = () if experiment is None else experiment.arms
    return bool(campaign.holdout or campaign.project_holdout) or len(arms) > 1


def _report_unknown_past(
    c: Context, measure: plan.Success, conditions: dict[str, tuple[Expression, ...]]
) -> None:
    at = where(measure.origin)
    stage = "" if measure.condition.origin is None else measure.condition.origin.text
    reported: set[str] = set()
    for feature in features_below(c, measure.condition, conditions):
        if feature.id in reported:
            continue
        reported.add(feature.id)
        match feature:
            case CustomerField(field=field) if field == KEY:
                pass
            case CustomerField(field=field) if field == SINCE and c.customers.since:
                pass
            case CustomerField(field=field):
                c.report(words.STAGE_WITHOUT_PAST, at, name=stage, field=field)
            case GrantCount() | WalletBalance():
                text = feature.id if feature.origin is None else feature.origin.text
                c.report(words.STAGE_OF_THE_LEDGER, at, name=stage, text=text)
            case _:
                pass
