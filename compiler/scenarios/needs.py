"""The fields that a campaign's rules ask for, and that cannot be unknown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ...dsl.diagnostics.source import Place
from ..plan import (
    Campaign,
    EventAggregate,
    EventPick,
    GrantCount,
    LedgerFeature,
    Plan,
    Step,
    TimerTrigger,
    WalletBalance,
)
from ..plan.all_expressions import Written, columns_of_plan, expressions
from ..plan.data import KEY
from ..plan.expressions import (
    AudienceValue,
    EventValue,
    Expression,
    FeatureValue,
    Origin,
    StageValue,
    walk,
    where,
)
from ..plan.steps import kinds_read


@dataclass(frozen=True, slots=True)
class Asked:
    """The rule that asks for a field, in its author's words; `place` is where, if that is known.

    `at_event`: only rules about the event that fires ask for it, not those about earlier events.
    """

    text: str
    place: Place | None
    at_event: bool


Owned = tuple[str, str]
"""A field by its owner, an event or the empty name for customers, and its own name."""


def needed_fields(plan: Plan, campaign: Campaign) -> dict[Owned, Asked]:
    """The fields that the campaign's rules read and that are never unknown, each with a rule."""
    columns, found = columns_of_plan(plan), dict[Owned, Asked]()
    for written in _written(plan, campaign):
        for node in walk(written.expression):
            read = columns.of(node, written)
            if read is None or read[1].optional or read[1].name == KEY:
                continue
            origin = node.origin or written.expression.origin or read[1].origin
            key, asked = (read[0], read[1].name), _asked(node, origin)
            if key not in found or (found[key].at_event and not asked.at_event):
                found[key] = asked
    return found


def asked_fields(plan: Plan, campaign: Campaign) -> frozenset[Owned]:
    """All fields that the campaign's rules, amounts and messages read, those of its trigger too."""
    columns = columns_of_plan(plan)
    found: set[Owned] = set()
    for written in _written(plan, campaign):
        for node in walk(written.expression):
            read = columns.of(node, written)
            if read is not None:
                found.add((read[0], read[1].name))
    for step in campaign.steps:
        kinds = _kinds(campaign, step)
        # A pattern, a group, a timer and a recipient name fields too: all of these events are kept.
        found |= {
            (one.name, field.name)
            for one in plan.events
            if one.name in kinds
            for field in one.fields
        }
        for one in plan.customers.fields:
            if isinstance(step.trigger, TimerTrigger) and step.trigger.event is None:
                found.add(("", one.name))
    return frozenset(found)


def kinds_asked(plan: Plan, campaign: Campaign) -> frozenset[str]:
    """The kinds of event that the campaign's rules count, and those of its steps."""
    features = {one.id: one for one in plan.features}
    counted = {
        feature.event
        for written in _written(plan, campaign)
        for node in walk(written.expression)
        if isinstance(node, FeatureValue)
        if isinstance(feature := features[node.feature], EventAggregate | EventPick)
    }
    own = {kind for step in campaign.steps for kind in _kinds(campaign, step)}
    return frozenset(
        one.name for one in plan.events if one.name in counted | own and not one.past_of
    )


def ledger_asked(plan: Plan, campaign: Campaign) -> tuple[LedgerFeature, ...]:
    """The past grants and wallets that the campaign's rules ask for."""
    features = {one.id: one for one in plan.features}
    nodes = (node for written in _written(plan, campaign) for node in walk(written.expression))
    asked = {node.feature for node in nodes if isinstance(node, FeatureValue)}
    found = (features[id_] for id_ in sorted(asked))
    return tuple(one for one in found if isinstance(one, GrantCount | WalletBalance))


def _kinds(campaign: Campaign, step: Step) -> frozenset[str]:
    if isinstance(step.trigger, TimerTrigger):
        return frozenset(step.trigger.events)
    return frozenset(kinds_read(campaign, step))


def _asked(node: Expression, origin: Origin) -> Asked:
    place = where(origin) if origin.file else None
    return Asked(origin.text, place, isinstance(node, EventValue))


def _written(plan: Plan, campaign: Campaign) -> Iterator[Written]:
    """The expressions of the campaign, and those of what they name."""
    alone = replace(plan, campaigns=(campaign,), lifecycles=(), audiences=(), features=())
    waiting = list(expressions(alone))
    features = {one.id: one for one in plan.features}
    cycles = {one.name: one for one in plan.lifecycles}
    audiences = {one.name: one for one in plan.audiences}
    seen: set[str] = set()
    while waiting:
        written = waiting.pop(0)
        yield written
        for node in walk(written.expression):
            name, more = _named(node), list[Written]()
            if name is None or name in seen:
                continue
            seen.add(name)
            match node:
                case FeatureValue(feature=id_):
                    feature = features[id_]
                    if isinstance(feature, EventAggregate | EventPick):
                        own = [feature.where]
                        own += [feature.value] if isinstance(feature, EventAggregate) else []
                        past = feature.event
                        more = [Written(one, "history", written.event, past) for one in own if one]
                case StageValue(lifecycle=lifecycle):
                    more = [Written(one.condition, "lifecycle") for one in cycles[lifecycle].stages]
                case AudienceValue(audience=audience):
                    more = [Written(audiences[audience].condition, "audience")]
                case _:
                    pass
            waiting += more


def _named(node: Expression) -> str | None:
    match node:
        case FeatureValue(feature=id_):
            return f"feature {id_}"
        case StageValue(lifecycle=name):
            return f"stage {name}"
        case AudienceValue(audience=name):
            return f"audience {name}"
        case _:
            return None
