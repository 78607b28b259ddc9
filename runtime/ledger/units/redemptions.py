"""Redemptions: benefits that their customers used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ...decide.decisions import Identity

RedeemOutcome = Literal[
    "redeemed",
    "unknown",
    "not_yours",
    "reversed",
    "not_claimed",
    "too_early",
    "already_redeemed",
    "expired",
]


@dataclass(frozen=True, slots=True)
class Redemption:
    """The outcome of redeeming a grant. `unknown`: no benefit was given under this number."""

    number: int
    outcome: RedeemOutcome
    identity: Identity | None
