"""Orders and refunds for tests: a campaign whose grants refunds take back."""

from dataclasses import replace
from decimal import Decimal

from campaigner.compiler.plan import Plan, Proportion, Reversal
from campaigner.runtime.decide.reversing.events import ReversalEvent, ReversalIdentity

from .ledgers import HERE, ask, clock, gift, plan


def takes_back(project: Plan, *, part: bool = False, name: str = "gift") -> Plan:
    """The project, whose campaign `name` is reversed on refunds."""
    proportion = Proportion("amount", "amount", HERE) if part else None
    reversal = Reversal("refund", None, "order_id", proportion, HERE)
    campaigns = [
        replace(one, reversal=reversal) if one.name == name else one for one in project.campaigns
    ]
    return replace(project, campaigns=tuple(campaigns))


def order(key: str, who: str, at: str, gives: str, amount: str | None = None, **more):
    """The decision of an order: `ann`'s, of an amount."""
    keys = {} if amount is None else {"event.amount": amount}
    return ask(who, at, gives, occurrence=key, keys=keys, **more)


def refund(key: str, who: str, at: str, of: str | None, part: str | None = None) -> ReversalEvent:
    """The event of a refund, of an order and an amount."""
    amount = None if part is None else Decimal(part)
    identity = ReversalIdentity("gift", "main", who, key)
    return ReversalEvent(identity, clock(at), "refund", of, amount)


__all__ = ["gift", "order", "plan", "refund", "takes_back"]
