"""Private values that limits count by: the ledger keeps a keyed hash of each in its place.

The key is the ledger's own, made with it. So values of two ledgers cannot be compared, and who has
the balances alone cannot find a value by trying all telephone numbers.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from hashlib import sha256

from ....compiler.plan import Campaign, Column, Plan, Step
from ....compiler.plan.chance import joined
from ....compiler.plan.demands import counted_fields, field_key
from ...decide.decisions import Decision

PUBLIC = "C1"
"""The class of fields whose values are kept as they are."""


def private_fields(plan: Plan, campaign: Campaign, step: Step) -> frozenset[str]:
    """Return the fields of C2 and C3 by which limits of the step count (`Account.key`)."""
    fields: dict[str, tuple[Column, ...]] = {"feature": plan.customers.fields, "event": ()}
    if step.trigger.event is not None:
        kind = step.trigger.event
        fields["event"] = next((one.fields for one in plan.events if one.name == kind), ())
    private = {
        (kind, column.name)
        for kind, columns in fields.items()
        for column in columns
        if column.sensitivity != PUBLIC
    }
    counted = counted_fields(plan.accounts, step)
    proportion = None if campaign.reversal is None else campaign.reversal.proportion
    measured = frozenset(() if proportion is None else (f"event.{proportion.whole}",))
    # Reversals go by the number itself, which the amounts of the grant tell as well.
    return frozenset(name for name in counted if field_key(name) in private) - measured


def hidden(decision: Decision, private: frozenset[str], secret: str) -> Decision:
    """Return the decision with hashes for its private values."""
    keys: Mapping[str, str | None] = {
        name: keyed_hash(secret, name, value) if name in private and value is not None else value
        for name, value in decision.keys.items()
    }
    return decision._replace(keys=keys)


def keyed_hash(secret: str, name: str, value: str) -> str:
    """Return HMAC-SHA-256 of a field's name and value, as hexadecimal digits."""
    return hmac.new(secret.encode(), joined(name, value).encode(), sha256).hexdigest()
