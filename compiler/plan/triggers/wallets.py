"""The trigger that waits for a wallet: a grant that brings it to an amount from below."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import ClassVar, Literal
from zoneinfo import ZoneInfo

from ..expressions import Origin
from .opening import Opening
from .schedules import Holiday


@dataclass(frozen=True, slots=True)
class WalletTrigger:
    """A customer's `wallet` comes to `amount` units that can be spent, and had fewer before.

    The ledger decides it, in the transaction of the decision that brought the wallet there. That
    decision, `CAMPAIGN/STEP/OCCURRENCE`, is the occurrence. Units that are delivered later bring
    the wallet there at their delivery. No query finds the customers.
    """

    wallet: str
    amount: int
    opening: Opening | None
    origin: Origin
    kind: Literal["wallet"] = "wallet"

    event: ClassVar[None] = None
    where: ClassVar[None] = None
    group: ClassVar[None] = None
    pattern: ClassVar[None] = None
    task: ClassVar[None] = None
    is_keyed: ClassVar[bool] = False
    once: ClassVar[None] = None
    festivals: ClassVar[tuple[str, ...]] = ()
    is_daily: ClassVar[bool] = False

    def instants(self, *_: object) -> Iterator[datetime]:
        """None: it fires when a decision is made."""
        return iter(())

    def clocks(self, _: ZoneInfo) -> frozenset[time]:
        """None: a decision is made at any time of day."""
        return frozenset()

    def may_fire(
        self, zone: ZoneInfo, _: Sequence[Holiday], start: datetime, end: datetime
    ) -> bool:
        """Whether a day of [start, end] lies in the opening."""
        return self.opening is None or self.opening.is_open_in(zone, start, end)

    def broken(self) -> Iterator[str]:
        """The amount is at least 1."""
        if self.amount < 1:
            yield f"{self.amount} {self.wallet}"
