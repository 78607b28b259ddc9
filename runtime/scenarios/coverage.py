"""Coverage: the clauses, branches, caps and outcomes of campaigns that scenarios reach.

A clause is reached when a decision comes to it: all clauses before it held.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Literal

from ...compiler.plan import Campaign, Plan, Step, WalletTrigger
from ...compiler.plan.demands import Index, demands
from ...compiler.plan.expressions import Origin
from ...compiler.plan.steps import StepKey, shown_name, step_of
from ...compiler.rewards.table import kind_of
from ...compiler.scenarios.outcomes import PAUSED, possible_outcomes
from ..decide.deciding import branch_of
from ..decide.decisions import Decision, Result
from ..decide.facts import Facts, holds, named

Kind = Literal["step", "clause", "branch", "cap", "outcome"]

COUNTED: frozenset[Kind] = frozenset({"step", "clause", "branch"})
"""The kinds that the percentage is of."""


@dataclass(frozen=True, slots=True)
class Item:
    """Something that a scenario can reach; `owner` is the campaign, with the step if it has more.

    `number` tells apart items of one kind and owner.
    """

    kind: Kind
    owner: str
    number: str
    text: str = field(compare=False)
    file: str = field(compare=False)
    line: int = field(compare=False)


def items_of(plan: Plan, campaign: Campaign) -> Iterator[Item]:
    """Yield everything of a campaign that a scenario can reach, in the order of a decision."""
    index = Index(plan)
    accounts = {account.id: account for account in plan.accounts}
    for step in campaign.steps:
        owner = shown_name(campaign, step.name)
        yield _item("step", owner, "", step.trigger.origin)
        for number, one in enumerate(demands(index, campaign, step)):
            yield _item("clause", owner, str(number), one.origins[0])
        for number, branch in enumerate(() if step.reward is None else step.reward.branches):
            text = " and ".join(line.origin.text for line in branch.lines)
            if branch.lines:
                yield _item("branch", owner, str(number), branch.lines[0].origin, text)
        for id_ in dict.fromkeys(charge.account for charge in step.charges):
            yield _item("cap", owner, id_, accounts[id_].origin)
    name = campaign.renamed or campaign.name
    instead = campaign.when_exhausted.lines
    if instead:
        yield _item("branch", name, "instead", instead[0].origin)
    for outcome in sorted(possible_outcomes(plan, campaign) - {PAUSED}):
        yield _item("outcome", name, outcome, campaign.origin, outcome)


def _item(kind: Kind, owner: str, number: str, at: Origin, text: str | None = None) -> Item:
    return Item(kind, owner, number, text or at.text, at.file, at.line)


@dataclass(slots=True)
class Coverage:
    """The items of a plan's campaigns, and those that were reached."""

    plan: Plan
    reached: set[Item] = field(default_factory=set)
    _items: dict[str, list[Item]] = field(default_factory=dict)

    def items(self) -> Iterator[tuple[Item, bool]]:
        """Yield every item of the plan, and whether it was reached."""
        for campaign in self.plan.campaigns:
            for item in self._of(campaign.name):
                yield item, item in self.reached

    @property
    def percent(self) -> float:
        """The part of the counted items that was reached, in percent; 100 of a plan without any."""
        return self.percent_of(COUNTED)

    def percent_of(self, kinds: Collection[Kind]) -> float:
        """The part of these kinds of items that was reached, in percent."""
        counted = [reached for item, reached in self.items() if item.kind in kinds]
        return 100 * sum(counted) / len(counted) if counted else 100.0

    def came(self, plan: Plan, key: StepKey, facts: Facts, ticket: str) -> None:
        """Note an occasion: its clauses up to the first that fails, and its branch if none does.

        `plan` is the one of the scenario, in which draws have a prize.
        """
        campaign = named(plan.campaigns, key.campaign)
        step, owner = step_of(campaign, key.step), shown_name(campaign, key.step)
        self._note("step", key, owner, "")
        for number, one in enumerate(demands(Index(plan), campaign, step)):
            self._note("clause", key, owner, str(number))
            if not holds(one.condition, facts):
                return
        lines = None if step.reward is None else branch_of(step.reward, facts, ticket)
        for number, branch in enumerate(() if step.reward is None else step.reward.branches):
            if branch.lines is lines:
                self._note("branch", key, owner, str(number))

    def decided(self, plan: Plan, decision: Decision, result: Result, *, instead: bool) -> None:
        """Note a decision: the caps that it was charged to or refused by, and its outcome."""
        key = result.identity.key
        campaign = named(plan.campaigns, key.campaign)
        owner, name = shown_name(campaign, key.step), campaign.renamed or campaign.name
        if isinstance(step_of(campaign, key.step).trigger, WalletTrigger):
            self._fired(plan, key, owner, decision)
        for account in _charged(step_of(campaign, key.step), decision, result):
            self._note("cap", key, owner, account)
        if instead:
            self._note("branch", key, name, "instead")
        self.ended(key, result.outcome)

    def _fired(self, plan: Plan, key: StepKey, owner: str, decision: Decision) -> None:
        """Note a decision that a wallet fired: the ledger takes it only if all clauses hold."""
        campaign = named(plan.campaigns, key.campaign)
        step = step_of(campaign, key.step)
        self._note("step", key, owner, "")
        for number, _ in enumerate(demands(Index(plan), campaign, step)):
            self._note("clause", key, owner, str(number))
        given = [line.reward for line in decision.lines]
        for number, branch in enumerate(() if step.reward is None else step.reward.branches):
            if [kind_of(line).name(line) for line in branch.lines] == given:
                self._note("branch", key, owner, str(number))

    def ended(self, key: StepKey, outcome: str) -> None:
        """Note an outcome of a decision, a claim or a reversal."""
        campaign = named(self.plan.campaigns, key.campaign)
        self._note("outcome", key, campaign.renamed or campaign.name, outcome)

    def _note(self, kind: Kind, key: StepKey, owner: str, number: str) -> None:
        for item in self._of(key.campaign):
            if (item.kind, item.owner, item.number) == (kind, owner, number):
                self.reached.add(item)

    def _of(self, campaign: str) -> list[Item]:
        if campaign not in self._items:
            found = items_of(self.plan, named(self.plan.campaigns, campaign))
            self._items[campaign] = list(found)
        return self._items[campaign]


def _charged(step: Step, decision: Decision, result: Result) -> set[str]:
    """Return the accounts that a decision came to."""
    if result.outcome not in ("granted", "reached", "left"):
        return set() if result.account is None else {result.account}
    given = {name for line in decision.lines for name in (line.reward, line.benefit)}
    if step.reward is not None:
        lines = [line for branch in step.reward.branches for line in branch.lines]
        offers = [kind_of(line).benefits(line) for line in lines if kind_of(line).offers]
        given |= {name for names in offers for name in names}
    return {
        charge.account
        for charge in step.charges
        if charge.share in (None, decision.share)
        if charge.benefit is None or charge.benefit in given
    }
