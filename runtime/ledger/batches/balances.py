"""A balance of an account: whether a grant fits, and the effect of a changed cap."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, NamedTuple

from ....compiler.plan import Account
from ...decide.charges import Slot
from ..chain import quoted

NOTHING_ALERTED = "0"

Kind = tuple[Literal["money", "grants", "messages"], str | None]
"""The measure of an account, and the benefit if it is a stock."""


class Cap(NamedTuple):
    """An account with its cap in units, and the columns that the store keeps of it.

    `entry_text` is its name in an entry of the chain.
    """

    account: Account
    declared: int
    kind: Kind
    entry_text: str


def cap_of(account: Account, declared: int) -> Cap:
    """Return the cap of an account of the plan."""
    benefit = account.owner if account.owner_kind == "benefit" else None
    return Cap(account, declared, (account.measure, benefit), quoted(account.id))


class Balance:
    """The units spent of a cap. `number` is the id of its row in the store.

    Mutable, and in memory for one batch only. `begin` or `restore` sets it, `deciding.py` changes
    it, and then it is written back.
    """

    __slots__ = (
        "_entry_text",
        "_name",
        "account",
        "alerted",
        "ceiling",
        "changed",
        "declared",
        "exhausted",
        "exhausted_by",
        "kind",
        "new",
        "number",
        "slot",
        "spent",
    )

    number: int
    ceiling: int
    spent: int
    exhausted: bool
    exhausted_by: tuple[str, int] | None
    alerted: str
    changed: bool
    new: bool

    def __init__(self, cap: Cap, slot: Slot) -> None:
        self.account, self.declared, self.kind, self._name = cap
        self.slot = slot
        self._entry_text = ""

    @property
    def entry_text(self) -> str:
        """Its name in an entry of the chain."""
        # Columns have the names of accounts at hand, and never ask.
        if not self._entry_text:
            _, period, key = self.slot
            self._entry_text = f"{self._name},{quoted(period)},{quoted(key)}"
        return self._entry_text

    def begin(self, number: int) -> None:
        """Start a new balance, with nothing charged."""
        self.number = number
        self.ceiling = self.declared
        self.spent = 0
        self.exhausted = False
        self.exhausted_by = None
        self.alerted = NOTHING_ALERTED
        self.changed = False
        self.new = True

    def restore(
        self, number: int, declared: int, ceiling: int, spent: int, exhausted: int, alerted: str
    ) -> None:
        """Take over the store's values; `declared` is the cap of the plan at that time.

        If the plan has raised the cap since, the account is no longer exhausted. If the cap is now
        below what is spent, there is no room, and the spent amount stays.
        """
        self.number = number
        self.new = False
        self.spent = spent
        self.ceiling = ceiling
        self.alerted = alerted
        self.exhausted_by = None
        self.exhausted = bool(exhausted) and self.declared <= declared
        self.changed = self.declared != declared
        if self.changed:
            self.ceiling = max(self.declared, spent)

    def refuses(self, amount: int) -> bool:
        """Whether there is no room for a grant of `amount`.

        An exhausted account refuses everything, even grants that cost nothing.
        """
        return self.exhausted or (amount != 0 and self.spent + amount > self.declared)

    def has_room(self, amount: int) -> bool:
        """Whether `amount` fits, exhausted or not; 0 always fits."""
        return amount == 0 or self.spent + amount <= self.declared

    def exhaust(self, at: str, entry: int) -> None:
        """Close the account after a grant did not fit. `entry` is the next one of the chain."""
        if not self.exhausted:
            self.exhausted = self.changed = True
            self.exhausted_by = at, entry

    def take(self, amount: int) -> None:
        """Spend an amount that fits."""
        if amount:
            self.spent += amount
            self.changed = True

    def new_alerts(self) -> tuple[Decimal, ...]:
        """Return the thresholds reached since the last call, lowest first."""
        alerted = Decimal(self.alerted)
        reached = tuple(
            threshold
            for threshold in sorted(self.account.alerts)
            if threshold > alerted and self.spent >= threshold * self.declared
        )
        if reached:
            self.alerted = str(reached[-1])
            self.changed = True
        return reached
