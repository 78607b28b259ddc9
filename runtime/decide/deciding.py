"""The decision about an occasion: who is eligible, and what the step gives.

The part of the reference engine that every engine uses in its own way: the event path decides by
it, explanations show it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from ...compiler.plan import Branch, Campaign, Plan, Reward, RewardLine, Step
from ...compiler.plan.chance import NO_SEEDS, Seeds, threshold
from ...compiler.plan.demands import field_key, kept_fields
from ...compiler.plan.steps import checks_of, eligibility_of, held_open_by
from ...compiler.plan.triggers import TIMES
from ...compiler.plan.values import Value, encode
from .decisions import Decision, Identity, Line
from .drawing import arm_in, is_held_out, ticket_of
from .expiry import deliver_at
from .facts import Facts, Row, evaluate, holds
from .lines import lines_of
from .recipients import Recipients


@dataclass(frozen=True, slots=True)
class Occasion:
    """A customer at an occurrence, before any condition is evaluated.

    `others` looks up any customer.
    """

    customer: str
    occurrence: str
    facts: Facts
    others: Callable[[str], Row | None]

    def turn(self) -> tuple[datetime, str, str]:
        """The sort key of an event's occasion."""
        return self.facts.clock.now, self.occurrence, self.customer


def decision_of(
    plan: Plan, campaign: Campaign, step: Step, occasion: Occasion, seeds: Seeds = NO_SEEDS
) -> Decision | None:
    """Return the step's decision for an occasion;

    `None` if the customer is not eligible or gets nothing.
    """
    facts, now = occasion.facts, occasion.facts.clock.now
    if not all(holds(condition, facts) for condition in held_open_by(campaign, step)):
        who = Identity(campaign.name, step.name, occasion.customer, occasion.occurrence)
        return leaving(who, now)
    if not is_eligible(campaign, step, facts):
        return None
    recipient = recipient_of(step, occasion)
    lines = bundle(plan, campaign, step, occasion, seeds)
    if recipient is None or lines is None or not is_let(plan, step, occasion, recipient):
        return None
    held_out = is_held_out(campaign, occasion.customer)
    return Decision(
        identity=Identity(campaign.name, step.name, recipient, occasion.occurrence),
        customer=occasion.customer,
        at=now,
        held_out=held_out,
        lines=lines,
        fallback=lines_of(plan, step.reward, campaign.when_exhausted.lines, facts) or (),
        deliver_at=deliver_at(step.reward, facts.clock),
        share=share_of(campaign, facts),
        keys=keys_of(plan, campaign, step, facts),
        values=values_of(step, facts),
        times=times_of(step, facts),
        arm=arm_in(campaign, occasion.customer, held_out=held_out),
    )


def leaving(identity: Identity, at: datetime) -> Decision:
    """Return the decision that a journey ends at a step."""
    nothing: tuple[Line, ...] = ()
    return Decision(
        *(identity, identity.recipient, at),
        held_out=False,
        lines=nothing,
        fallback=nothing,
        deliver_at=at,
        share=None,
        keys={},
        values={},
        left=True,
    )


def is_eligible(campaign: Campaign, step: Step, facts: Facts) -> bool:
    """Whether the customer meets stage, audience, exclusions and compliance."""
    demands = [clause.condition for clause in eligibility_of(campaign, step)]
    checks = [check.condition for check in checks_of(campaign, step)]
    return all(holds(condition, facts) for condition in demands + checks)


def recipient_of(step: Step, occasion: Occasion) -> str | None:
    """Return the recipient: the customer, or the one that the event names;

    `None` if it names nobody.
    """
    if step.reward is None or step.reward.recipient is None:
        return occasion.customer
    return text_of(evaluate(step.reward.recipient, occasion.facts))


def is_let(plan: Plan, step: Step, occasion: Occasion, recipient: str) -> bool:
    """Whether a recipient other than the customer exists and meets compliance; else `True`."""
    if step.reward is None or step.reward.recipient is None:
        return True
    row = occasion.others(recipient)
    return Recipients(plan, step.reward).let(row, occasion.facts.clock)


def share_of(campaign: Campaign, facts: Facts) -> int | None:
    """Return the index of the first budget share whose audience contains the customer."""
    shares = enumerate(campaign.shares)
    return next((index for index, share in shares if facts.audience(share.audience)), None)


def keys_of(plan: Plan, campaign: Campaign, step: Step, facts: Facts) -> dict[str, str | None]:
    """Return the values, as text, of the fields that a decision keeps."""
    names = kept_fields(plan.accounts, campaign, step)
    return {name: text_of(counted(name, facts)) for name in names}


def times_of(step: Step, facts: Facts) -> int | None:
    """Return how many multiples of a sum the event crossed; `None` for any other trigger."""
    pattern = step.trigger.pattern
    if pattern is None or not pattern.crosses_several:
        return None
    times = facts.event(TIMES)
    return times if isinstance(times, int) else None


def counted(name: str, facts: Facts) -> Value | None:
    """Return the value of a field by which limits count: of the event, or of the customer."""
    kind, field = field_key(name)
    return facts.event(field) if kind == "event" else facts.feature(field)


def values_of(step: Step, facts: Facts) -> dict[str, str]:
    """Return the data that the step's messages use, as text; unknown values are left out."""
    wanted = {value.name: value.value for message in step.messages for value in message.values}
    seen = {name: evaluate(wanted[name], facts) for name in sorted(wanted)}
    return {name: encode(value) for name, value in seen.items() if value is not None}


def text_of(value: Value | None) -> str | None:
    """Encode a value as text; `None` stays `None`."""
    return None if value is None else encode(value)


# --- rewards ------------------------------------------------------------------------------------


def bundle(
    plan: Plan, campaign: Campaign, step: Step, occasion: Occasion, seeds: Seeds
) -> tuple[Line, ...] | None:
    """Return the lines that the step gives: those of the first branch that holds, or of the prize.

    `None` (no decision) if no branch holds or an amount is unknown or not positive. A step of
    messages alone gives no lines, which is a decision.
    """
    if step.reward is None:
        return ()
    who = (occasion.customer, occasion.occurrence)
    drawn = ticket_of(plan, campaign, step, *who, seeds)
    branch = branch_of(step.reward, occasion.facts, drawn)
    return None if branch is None else lines_of(plan, step.reward, branch, occasion.facts)


def branch_of(reward: Reward, facts: Facts, ticket: str) -> tuple[RewardLine, ...] | None:
    """Return the lines of the first branch that holds; for a draw, those of the prize."""
    held = (branch.lines for branch in reward.branches if comes(branch, facts, ticket))
    return next(held, None)


def comes(branch: Branch, facts: Facts, ticket: str) -> bool:
    """Whether a branch holds, by its condition or its ticket, if no earlier one does."""
    if branch.chance is not None:
        return ticket < threshold(branch.chance)
    return holds(branch.condition, facts)
