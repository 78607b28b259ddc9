"""The results of a turn of a scenario, in the words of the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class CameLine:
    """A line of a reward. `currency` is a wallet's name for its units."""

    reward: str
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class CameReward:
    """A bundle that a customer was granted, or claimed."""

    customer: str
    step: str
    lines: tuple[CameLine, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class CameMessage:
    """A message that went out."""

    customer: str
    channel: str
    said: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CameOutcome:
    """A decision, a claim or a reversal that gave nothing, by its outcome."""

    customer: str
    step: str
    outcome: str
    at: datetime


Came = CameReward | CameMessage | CameOutcome
