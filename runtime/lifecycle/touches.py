"""The customers whom campaigns touched: by a grant, or by a message that was delivered."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ...compiler.plan import Plan
from ..ledger.contract import Ledger


@dataclass(frozen=True, slots=True)
class Touches:
    """By customer: the instants at which a campaign touched them, in order. `any_kept`: whether
    the ledger has any decision at all."""

    of: Mapping[str, list[tuple[datetime, str]]] = field(default_factory=dict)
    any_kept: bool = False

    def between(self, customer: str, start: datetime, end: datetime) -> set[str]:
        """The campaigns that touched a customer after `start` and up to `end`."""
        known = self.of.get(customer, ())
        first = bisect_right(known, start, key=lambda one: one[0])
        last = bisect_right(known, end, key=lambda one: one[0])
        return {campaign for _, campaign in known[first:last]}


NO_TOUCHES = Touches()


def touches(ledger: Ledger, plan: Plan, start: datetime, end: datetime) -> Touches:
    """Everything that campaigns granted or sent after `start` and up to `end`."""
    shown = {one.name: one.renamed or one.name for one in plan.campaigns}
    found: dict[str, list[tuple[datetime, str]]] = {}

    def add(customer: str, campaign: str, at: datetime) -> None:
        if start < at <= end:
            insort(found.setdefault(customer, []), (at, shown.get(campaign, campaign)))

    for row in ledger.grants():
        add(row.recipient, row.campaign, row.received_at or row.at)
    for letter in ledger.letters("delivered"):
        if letter.kind == "message":
            add(letter.identity.recipient, letter.identity.campaign, letter.deliver_at)
    return Touches(found, bool(ledger.campaigns()))
