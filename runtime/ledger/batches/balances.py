"""One balance of an account: does a grant fit, and what an edit of the cap does to it."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, NamedTuple

from ....compiler.plan import Account
from ...decide.charges import Slot
from ..chain import quoted

NOTHING_ALERTED = "0"

Kind = tuple[Literal["money", "grants", "messages"], str | None]
"""What an account measures, and of which benefit's stock, if of one."""


class Cap(NamedTuple):
    """An account with its cap in whole units, what the store keeps of it, and its name as `told`
    in an entry of the chain."""

    account: Account
    declared: int
    kind: Kind
    told: str


def cap_of(account: Account, declared: int) -> Cap:
    """An account as the plan has it."""
    benefit = account.owner if account.owner_kind == "benefit" else None
    return Cap(account, declared, (account.measure, benefit), quoted(account.id))


class Balance:
    """What was spent of a cap, in whole units; `number` is its row in the store.

    Mutable, and in memory for one batch only: `begin` or `restore` says how it stands, and what
    `deciding.py` does to it is then written back. `told`: its name in an entry of the chain.
    """

    __slots__ = (
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
        "told",
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
        self.account, self.declared, self.kind, name = cap
        self.slot = slot
        self.told = f"{name},{quoted(slot[1])},{quoted(slot[2])}"

    def begin(self, number: int) -> None:
        """Nothing has been charged to it yet."""
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
        """Takes over what the store has; `declared` is the cap that the plan had then.

        A cap that the plan has raised since fills the account again: it is no longer exhausted. One
        that went below what is spent leaves no room, and what is spent stands.
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
        """Whether a grant of `amount` has no room; nothing of it is taken yet.

        Exhausted is exhausted: what costs nothing is refused then too.
        """
        return self.exhausted or (amount != 0 and self.spent + amount > self.declared)

    def has_room(self, amount: int) -> bool:
        """Whether what is left is enough, exhausted or not. Nothing always fits."""
        return amount == 0 or self.spent + amount <= self.declared

    def exhaust(self, at: str, entry: int) -> None:
        """A grant did not fit: from now on nothing does. `entry` is the next one of the chain."""
        if not self.exhausted:
            self.exhausted = self.changed = True
            self.exhausted_by = at, entry

    def take(self, amount: int) -> None:
        """Spends it; `has_room` said yes."""
        if amount:
            self.spent += amount
            self.changed = True

    def new_alerts(self) -> tuple[Decimal, ...]:
        """The thresholds reached since last asked, lowest first."""
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
