"""Grants as rows: those of a rehearsal, and the part of others that says who gets what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .listing import Listing
from .records import Cell

if TYPE_CHECKING:
    from ...runtime.ledger.contract import GrantRow

GRANTS = Listing(
    "grants",
    ("campaign", "step", "recipient", "occurrence", "reward", "amount", "currency", "cost"),
)


def grant_row(row: GrantRow) -> dict[str, Cell]:
    """The recipient and the reward of a line."""
    return {
        "campaign": row.campaign,
        "step": row.step,
        "recipient": row.recipient,
        "occurrence": row.occurrence,
        "reward": row.reward,
        "amount": format(row.amount, "f"),
        "currency": row.currency,
        "cost": format(row.cost, "f"),
    }
