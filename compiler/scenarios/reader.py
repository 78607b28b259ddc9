"""The state of reading one scenario, with the mistakes found in it so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from ...dsl import tree
from ...dsl.diagnostics.diagnostic import Code, Diagnostic, Label, Phrase
from ...dsl.diagnostics.nearest import suggestions
from ...dsl.tree import scenarios as nodes
from ..codes import scenarios as codes
from ..plan import Campaign, Plan
from ..plan.calendar import at_clock, first_moment, shift
from ..plan.values import Length

ONLY = "customer"
"""The key of a customer who has no name."""


@dataclass(slots=True)
class Reader:
    """The plan, the scenario's campaign, the virtual clock, and the names of the customers."""

    plan: Plan
    campaign: Campaign
    zone: ZoneInfo
    clock: datetime
    customers: dict[str, tree.Node] = field(default_factory=dict)
    diagnostics: list[Diagnostic] = field(default_factory=list)

    def report(
        self, code: Code, node: tree.Node, /, *labels: Label, **values: str | Phrase
    ) -> None:
        """Note a mistake at a node."""
        told = tuple(sorted(values.items()))
        self.diagnostics.append(Diagnostic(code, node.span.place, told, labels))

    def customer(self, name: tree.Name | None, at: tree.Node) -> str | None:
        """The key of the customer of that name; without a name, of the only one.

        `None`, reported, if there is no such customer, or if several could be meant.
        """
        keys = list(self.customers)
        if name is None and len(keys) == 1:
            return keys[0]
        if name is not None and name.text in self.customers:
            return name.text
        found = "" if name is None else name.text
        self.report(codes.CUSTOMER_UNKNOWN, name or at, name=found, **suggestions(found, keys))
        return None

    def whom(self, name: tree.Name | None, at: tree.Node) -> str | None:
        """The customer that an expectation names; `None` if it names nobody."""
        return None if name is None else self.customer(name, at)

    def instant(self, node: nodes.Day) -> datetime:
        """The instant of a date (its first moment) or a point in time."""
        if isinstance(node, tree.DateLiteral):
            return first_moment(self.zone, node.value)
        return at_clock(self.zone, node.value)

    def moved(self, node: tree.Duration, sign: int, at: tree.TimeLiteral | None) -> datetime:
        """The instant so far from the clock, at a time of that day if there is one."""
        found = shift(self.zone, self.clock, Length(node.count, node.unit), sign)
        if at is None:
            return found
        return at_clock(self.zone, datetime.combine(self.day(found), at.value))

    def distance(self, node: nodes.Distance) -> datetime:
        """The instant of `3 days ago`, or `in 3 days`."""
        return self.moved(node.duration, 1 if node.ahead else -1, node.at)

    def day(self, instant: datetime) -> date:
        """The day of an instant, on the project's calendar."""
        return instant.astimezone(self.zone).date()

    def shown(self, instant: datetime) -> str:
        """An instant for people, on the project's clock."""
        local = instant.astimezone(self.zone).replace(tzinfo=None)
        return (
            local.date().isoformat() if local.time() == time() else local.isoformat(" ", "minutes")
        )
