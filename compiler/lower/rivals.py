"""Campaigns that exclude each other: for good, or at each event alone.

For good is a condition, that the other gave the customer nothing. Of one event it is a cap: an
account of each two campaigns, of which one may charge it for a customer and an event. So it holds
however many workers decide, and whichever campaign is decided first.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from ...dsl import tree
from ...dsl.diagnostics.nearest import suggestions
from .. import plan
from ..check.context import Context, origin
from ..codes import logic, names
from ..operators.build import of
from ..plan import GrantCount
from ..plan.expressions import Constant, Expression, FeatureValue
from ..plan.types import INTEGER
from .budgets import Owner


@dataclass(frozen=True, slots=True)
class Rivals:
    """The campaigns that one excludes for good, and its accounts with those of one event."""

    for_good: tuple[tree.Name, ...]
    per_event: tuple[plan.Account, ...]


def rivals_of(c: Context) -> dict[str, Rivals]:
    """For each campaign those it is exclusive with; who is named is exclusive too."""
    for_good: dict[str, dict[str, tree.Name]] = {name: {} for name in c.symbols.campaigns}
    pairs: dict[tuple[str, str], tree.ExclusiveWith] = {}
    for name, node in c.symbols.campaigns.items():
        for clause in (one for one in node.clauses if isinstance(one, tree.ExclusiveWith)):
            for other in _rivals(c, name, clause):
                if clause.per_event:
                    if _can_meet(c, name, other):
                        first, second = sorted((name, other.text))
                        pairs.setdefault((first, second), clause)
                    continue
                for_good[name][other.text] = other
                for_good[other.text].setdefault(name, node.name)
    shared = {pair: _account(c, *pair, clause) for pair, clause in sorted(pairs.items())}
    return {
        name: Rivals(
            tuple(found[one] for one in sorted(found)),
            tuple(account for pair, account in shared.items() if name in pair),
        )
        for name, found in for_good.items()
    }


def _rivals(c: Context, name: str, clause: tree.ExclusiveWith) -> list[tree.Name]:
    """The campaigns of a clause that there are; others are reported."""
    found = []
    for other in clause.campaigns:
        if other.text == name:
            c.report(logic.EXCLUSIVE_WITH_ITSELF, other, name=name)
        elif other.text not in c.symbols.campaigns:
            known = suggestions(other.text, c.symbols.campaigns)
            kind = names.CAMPAIGN
            c.report(names.UNKNOWN_DECLARATION, other, kind=kind, name=other.text, **known)
        else:
            found.append(other)
    return found


def _can_meet(c: Context, name: str, other: tree.Name) -> bool:
    """Whether both wait for the same kind of event, or both for instants; reports where not."""
    kinds = [_waits_for(c, one) for one in (name, other.text)]
    if any(one is None for one in kinds) or kinds[0] == kinds[1]:
        return True
    c.report(logic.NEVER_ONE_EVENT, other, name=name, other=other.text)
    return False


def _waits_for(c: Context, name: str) -> str | None:
    """The event that a campaign waits for, empty for a schedule; `None` without a trigger."""
    clauses = c.symbols.campaigns[name].clauses
    trigger = next((one for one in clauses if isinstance(one, tree.Trigger)), None)
    if trigger is None:
        return None
    return trigger.form.event.text if isinstance(trigger.form, tree.OnEvent) else ""


def _account(c: Context, one: str, other: str, clause: tree.ExclusiveWith) -> plan.Account:
    """The account of two campaigns: one grant for a customer and an event, or an instant."""
    first, second = sorted(map(c.symbols.identity, (one, other)))
    name = f"exclusive with {second} per event"
    return Owner("campaign", first).account(
        name, "grants", Decimal(1), "over_limit", clause, key="customer.key", also="event.key"
    )


def never_received(c: Context, rival: tree.Name) -> Expression:
    """The condition that nothing was granted by the other campaign."""
    name = c.symbols.identity(rival.text)
    feature = c.feature(GrantCount(f"received_{name}", "campaign", name, None, INTEGER))
    at = origin(rival.span)
    count = FeatureValue(feature.id, INTEGER, optional=False, origin=at)
    return of("equal", count, Constant(INTEGER, "0"), at=at)
