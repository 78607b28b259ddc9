"""Keys of customers, events and balances, which the ledger keeps in indexes."""

from __future__ import annotations

from ...compiler.plan import Plan
from ...compiler.plan.expressions import EventValue, walk

LONGEST_KEY = 255
"""Characters of a key, at most, on every store.

PostgreSQL refuses an index entry past 2,704 bytes. An identity has two keys of up to four bytes a
character, and the names of campaign and step.
"""


def counted_fields(plan: Plan) -> frozenset[str]:
    """Return the event fields whose values become keys: of balances, and of recipients."""
    keys = {key for account in plan.accounts for key in account.keys}
    balances = {key for key in keys if "." not in key}
    rewards = (step.reward for campaign in plan.campaigns for step in campaign.steps)
    recipients = [one.recipient for one in rewards if one is not None and one.recipient is not None]
    asked = (node for recipient in recipients for node in walk(recipient))
    named = {node.field for node in asked if isinstance(node, EventValue)}
    return frozenset(balances | named) - {"customer", "at", "key"}
