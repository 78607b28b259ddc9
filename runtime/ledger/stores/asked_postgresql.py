"""The queries by many keys at once: arrays of keys, joined to the table that has them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ..store import KEPT_STEPS, Question

AMONG: Mapping[Question, str] = MappingProxyType(
    {
        "decisions": (
            "SELECT campaign, step, recipient, occurrence, id, outcome, refused_by, content"
            " FROM unnest(?::text[], ?::text[], ?::text[], ?::text[])"
            " AS asked (campaign, step, recipient, occurrence)"
            " JOIN decisions USING (campaign, step, recipient, occurrence)"
        ),
        "accounts": (
            "SELECT account, period, key, id, declared, cap, spent, exhausted, alerted"
            " FROM unnest(?::text[], ?::text[], ?::text[]) AS asked (account, period, key)"
            " JOIN accounts USING (account, period, key)"
        ),
        "touches": (
            "SELECT account, recipient, at FROM unnest(?::text[], ?::text[])"
            " AS asked (account, recipient) JOIN touches USING (account, recipient)"
            " WHERE at BETWEEN ? AND ? ORDER BY account, recipient, at"
        ),
        "wallets": (
            "SELECT wallet, owner, sum(balance) FROM unnest(?::text[], ?::text[])"
            " AS asked (wallet, owner) JOIN wallets USING (wallet, owner) GROUP BY wallet, owner"
        ),
        "event_customers": (
            "SELECT event, key, customer, at FROM unnest(?::text[], ?::text[])"
            " AS asked (event, key) JOIN event_customers USING (event, key)"
        ),
        "firings": (
            "SELECT campaign, step, recipient, occurrence, outcome, facts"
            " FROM unnest(?::text[], ?::text[], ?::text[]) AS asked (campaign, step, recipient)"
            " JOIN decisions USING (campaign, step, recipient) WHERE outcome = 'granted'"
        ),
        "reversals": (
            "SELECT campaign, key, customer, part FROM unnest(?::text[], ?::text[])"
            " AS asked (campaign, key) JOIN reversals USING (campaign, key)"
        ),
        "journeys": (
            f"{KEPT_STEPS} FROM unnest(?::text[], ?::text[]) AS asked (campaign, customer)"
            " JOIN journeys USING (campaign, customer) JOIN decisions ON decisions.id = decision"
        ),
    }
)
