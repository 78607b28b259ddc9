"""The parts of two plans that are the very same: most of a large project, and quick to see."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import cast

from ..plan import Campaign, Plan
from ..plan.demands import Index, Key
from ..plan.expressions import Expression, Origin
from .clauses import EXPRESSIONS, expressions_in, fields_of


@dataclass(frozen=True, slots=True)
class Alike:
    """The names of campaigns and the ids of accounts that are equal in both plans.

    A campaign is only if all that it reads and all that it is charged to is equal too.
    """

    campaigns: frozenset[str]
    accounts: frozenset[str]

    def without(self, plan: Plan) -> Plan:
        """The plan without them."""
        return replace(
            plan,
            campaigns=tuple(one for one in plan.campaigns if one.name not in self.campaigns),
            accounts=tuple(one for one in plan.accounts if one.id not in self.accounts),
        )


def alike(old: Plan, new: Plan) -> Alike:
    """The equal parts of two plans, wherever they are in their files."""
    before = {one.id: one for one in old.accounts}
    accounts = frozenset(one.id for one in new.accounts if equal(before.get(one.id), one))
    changed = _changed(old, new)
    index = Index(new)
    same = {one.name: one for one in old.campaigns}
    found = frozenset(
        campaign.name
        for campaign in new.campaigns
        if equal(same.get(campaign.name), campaign)
        and _charged(campaign) <= accounts
        and not (changed and _reads(index, campaign) & changed)
    )
    return Alike(found, accounts)


def equal(one: object, other: object) -> bool:
    """Whether two parts of plans are equal but for their places."""
    if type(one) is not type(other):
        return False
    if isinstance(one, EXPRESSIONS):
        return bool(one == other)  # whose places do not count
    if isinstance(one, tuple):
        assert isinstance(other, tuple)
        return len(one) == len(other) and all(map(equal, one, other))
    names = fields_of(cast(Hashable, type(one)))
    if not names:
        return bool(one == other)
    return isinstance(one, Origin) or all(
        equal(getattr(one, name), getattr(other, name)) for name in names
    )


def _charged(campaign: Campaign) -> frozenset[str]:
    charges = {charge.account for step in campaign.steps for charge in step.charges}
    return frozenset(charges | set(campaign.message_caps))


def _changed(old: Plan, new: Plan) -> frozenset[Key]:
    """The declarations that are in both plans, and not the same in both."""
    before, after = _declared(old), _declared(new)
    return frozenset(key for key, one in after.items() if key in before and before[key] != one)


def _declared(plan: Plan) -> dict[Key, object]:
    found: dict[Key, object] = {("feature", one.id): one for one in plan.features}
    found |= {("audience", one.name): one.condition for one in plan.audiences}
    found |= {
        ("stage", one.name): tuple((stage.name, stage.condition) for stage in one.stages)
        for one in plan.lifecycles
    }
    return found


def _reads(index: Index, campaign: Campaign) -> frozenset[Key]:
    shares: list[Key] = [("audience", share.audience) for share in campaign.shares]
    expressions: tuple[Expression, ...] = tuple(expressions_in(campaign))
    return frozenset((*index.closure(expressions), *index.with_basis(shares)))
