"""Everything of a plan that is compared, by subject and kind."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ..plan import Account, Campaign, Plan
from ..plan.expressions import Expression, Origin
from .clauses import Facet
from .declared import Facets, declared
from .kinds import Subject
from .normal import Normals, digest
from .steps import of_campaign

_NAMING = frozenset({"event", "events", "field", "key", "also", "part", "whole", "consent"})
"""The fields of a plan's parts that hold names of events and of their fields."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A plan, its normal forms, and the facets of its parts that may differ: those of `left`."""

    plan: Plan
    left: Plan
    normals: Normals
    facets: Facets
    subjects: frozenset[Subject]
    accounts: Mapping[str, Account]
    campaigns: Mapping[str, Campaign]

    def whole(self, campaign: str) -> str:
        """The normal form of a campaign as a whole, with all of its fields."""
        return digest(self.normals.of(self.normals.index.campaign(campaign)))

    def names(self) -> frozenset[str]:
        """The names of events and fields that something in the plan reads."""
        plan = self.plan
        parts = (plan.features, plan.lifecycles, plan.audiences, plan.accounts, plan.campaigns)
        return frozenset(_names(parts))

    def rests_on(self, expressions: Iterable[Expression]) -> frozenset[Subject]:
        """The declarations that these expressions read, and all below them."""
        owners = {"stage": "lifecycle", "audience": "audience"}
        found = set()
        for kind, name in self.normals.index.closure(expressions):
            owner = owners.get(kind)
            if owner == "audience":
                found.add(Subject("audience", name))
            elif owner == "lifecycle":
                found.add(Subject("lifecycle", name))
        return frozenset(found)


def compared(plan: Plan, left: Plan) -> Compared:
    """The facets of a plan's parts that are `left`."""
    normals = Normals(plan)
    facets: Facets = declared(left, normals)
    accounts = {one.id: one for one in plan.accounts}
    for campaign in left.campaigns:
        for key, facet in of_campaign(accounts, normals, campaign).items():
            before = facets.get(key, Facet(()))
            clauses = (*before.clauses, *facet.clauses)
            ordered = before.ordered or facet.ordered
            facets[key] = Facet(clauses, ordered, before.whole | facet.whole)
    subjects = frozenset(subject for subject, _ in facets)
    campaigns = {one.name: one for one in left.campaigns}
    return Compared(plan, left, normals, facets, subjects, accounts, campaigns)


def _names(value: object) -> Iterator[str]:
    if isinstance(value, tuple):
        for one in value:
            yield from _names(one)
    elif dataclasses.is_dataclass(value) and not isinstance(value, Origin | type):
        for field in dataclasses.fields(value):
            here = getattr(value, field.name)
            if field.name in _NAMING:
                yield from (here,) if isinstance(here, str) else here or ()
            elif not isinstance(here, str):
                yield from _names(here)
