"""Entering and leaving: what a stage or an audience must rest upon, so that its past is known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from .. import plan
from ..codes import moves
from ..plan import CustomerField, EnteringTrigger, GrantCount, Holiday, WalletBalance
from ..plan.data import KEY, SINCE
from ..plan.demands import feature_expressions
from ..plan.expressions import AudienceValue, Expression, FeatureValue, StageValue, walk, where
from ..plan.triggers import MOST_INSTANTS
from .context import Context

_SAMPLE = datetime(2024, 1, 1, tzinfo=UTC)
"""The start of the sample of a schedule without a start of its own: a leap year."""
_LENGTH = timedelta(days=800)


def report_moves(
    c: Context,
    lifecycles: tuple[plan.Lifecycle, ...],
    audiences: tuple[plan.Audience, ...],
    campaigns: tuple[plan.Campaign, ...],
    holidays: tuple[Holiday, ...],
) -> None:
    """Report triggers on entering and leaving that cannot be computed from what was true then."""
    conditions = conditions_of(lifecycles, audiences)
    for campaign in campaigns:
        for step in campaign.steps:
            if isinstance(step.trigger, EnteringTrigger):
                _report_unknown_past(c, step.trigger, conditions)
                _report_too_many(c, campaign, step.trigger, holidays)


def conditions_of(
    lifecycles: tuple[plan.Lifecycle, ...], audiences: tuple[plan.Audience, ...]
) -> dict[str, tuple[Expression, ...]]:
    """The conditions of each lifecycle and audience, by its name."""
    return {
        **{one.name: tuple(stage.condition for stage in one.stages) for one in lifecycles},
        **{one.name: (one.condition,) for one in audiences},
    }


def _report_unknown_past(
    c: Context, trigger: EnteringTrigger, conditions: Mapping[str, tuple[Expression, ...]]
) -> None:
    at, name = where(trigger.origin), _name(trigger)
    reported: set[str] = set()
    for feature in features_below(c, trigger.condition, conditions):
        match feature:
            case CustomerField(field=field) if field == SINCE and c.customers.since:
                pass
            case CustomerField(field=field) if field == KEY:
                pass
            case CustomerField(field=field) if field not in reported:
                reported.add(field)
                c.report(moves.NO_HISTORY, at, name=name, field=field)
            case GrantCount() | WalletBalance() if feature.id not in reported:
                reported.add(feature.id)
                asked = feature.id if feature.origin is None else feature.origin.text
                c.report(moves.ASKS_LEDGER, at, name=name, text=asked)
            case _:
                pass


def _name(trigger: EnteringTrigger) -> str:
    """The stage or the audience in its author's words."""
    origin = trigger.condition.origin
    return "" if origin is None else origin.text


def features_below(
    c: Context, condition: Expression, conditions: Mapping[str, Sequence[Expression]]
) -> Iterator[plan.Feature]:
    """Every feature that a condition rests upon, also through stages, audiences and histories."""
    seen: set[str] = set()
    waiting = [condition]
    while waiting:
        for node in walk(waiting.pop()):
            match node:
                case AudienceValue(name) | StageValue(name) if name not in seen:
                    seen.add(name)
                    waiting.extend(conditions.get(name, ()))
                case FeatureValue(feature=id_) if f"feature {id_}" not in seen:
                    seen.add(f"feature {id_}")
                    feature = c.features[id_]
                    yield feature
                    waiting.extend(feature_expressions(feature))
                case _:
                    continue


def _report_too_many(
    c: Context,
    campaign: plan.Campaign,
    trigger: EnteringTrigger,
    holidays: tuple[Holiday, ...],
) -> None:
    start = campaign.active_from or _SAMPLE
    end = start + _LENGTH
    if campaign.active_to is not None:
        end = min(end, max(start, campaign.active_to))
    if trigger.most_asked(c.zone, holidays, start, end) > MOST_INSTANTS:
        c.report(moves.TOO_MANY_INSTANTS, where(trigger.origin), most=str(MOST_INSTANTS))
