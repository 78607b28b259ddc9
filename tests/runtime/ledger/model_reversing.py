"""Orders, refunds and purchases with points, in the plainest Python."""

from dataclasses import dataclass, field
from fractions import Fraction

COFFEE = 1250
"""The cost of a coffee, in cents."""


@dataclass
class Order:
    """A decided order: what its lines had (`points`, `cash` in cents, `coffee`), what was taken."""

    who: str
    amount: Fraction | None
    outcome: str
    given: dict[str, int] = field(default_factory=dict)
    taken: dict[str, int] = field(default_factory=dict)

    @property
    def left(self) -> dict[str, int]:
        return {name: units - self.taken.get(name, 0) for name, units in self.given.items()}


@dataclass
class Model:
    """A campaign of orders: at most `limit` a customer, `stock` coffees, `total` cents."""

    in_parts: bool
    limit: int
    stock: int
    total: int
    orders: dict[str, Order] = field(default_factory=dict)
    refunds: dict[str, tuple[str, str, Fraction]] = field(default_factory=dict)
    outcomes: dict[str, str] = field(default_factory=dict)
    wallets: dict[str, int] = field(default_factory=dict)
    spent: dict[str, int] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)

    # --- orders -----------------------------------------------------------------------------------

    def order(self, key: str, who: str, amount: Fraction | None, given: dict[str, int]) -> str:
        known = self.orders.get(key)
        if known is not None and known.who != who:
            return "other_customer"
        if known is not None:
            return "already_granted" if known.outcome == "granted" else known.outcome
        made = self.orders[key] = Order(who, amount, "", given)
        made.outcome = self._decided(key, made)
        if made.outcome == "granted":
            self.wallets[who] = self.wallets.get(who, 0) + given.get("points", 0)
            if self._has_refund(key, who):
                self._take(key)
        return made.outcome

    def _decided(self, key: str, made: Order) -> str:
        if self._has_refund(key, made.who) and self._ratio(key) == 1:
            return "reversed"
        charges = self._charges(made)
        caps = {f"limit {made.who}": self.limit, "stock": self.stock, "total": self.total}
        for name, amount in charges.items():
            over = amount != 0 and self.spent.get(name, 0) + amount > caps[name]
            if name in self.closed or over:
                self.closed.add(name)
                names = {"stock": "out_of_stock", "total": "over_budget"}
                return names.get(name, "over_limit")
        self._charge(charges)
        return "granted"

    def _charges(self, made: Order) -> dict[str, int]:
        left = made.left
        charges = {f"limit {made.who}": 1}
        if "coffee" in made.given:
            charges["stock"] = left["coffee"]
        cost = COFFEE * left.get("coffee", 0) + left.get("cash", 0)
        return charges | {"total": cost}

    def _charge(self, charges: dict[str, int], sign: int = 1) -> None:
        for name, amount in charges.items():
            self.spent[name] = self.spent.get(name, 0) + sign * amount
            if amount and sign < 0:
                self.closed.discard(name)

    # --- refunds ----------------------------------------------------------------------------------

    def refund(self, key: str, who: str, of: str, part: Fraction) -> str:
        if key in self.refunds and self.refunds[key][0] != who:
            return "other_customer"
        if key not in self.refunds:
            self.refunds[key] = (who, of, part)
            self.outcomes[key] = self._refunded(who, of)
        return self.outcomes[key]

    def _refunded(self, who: str, of: str) -> str:
        made = self.orders.get(of)
        if made is not None and made.who != who:
            return "of_another"
        return "kept" if made is None or made.outcome != "granted" else self._take(of)

    def _has_refund(self, key: str, who: str) -> bool:
        return any((by, of) == (who, key) for by, of, _ in self.refunds.values())

    def _ratio(self, key: str) -> Fraction:
        made = self.orders[key]
        if not self.in_parts or made.amount is None or made.amount <= 0:
            return Fraction(1)
        parts = (part for who, of, part in self.refunds.values() if (who, of) == (made.who, key))
        return max(min(sum(parts, Fraction(0)) / made.amount, Fraction(1)), Fraction(0))

    def _take(self, key: str) -> str:
        """As much of each line as refunds say by now, as far as points are there."""
        made, ratio = self.orders[key], self._ratio(key)
        if made.given and not any(made.left.values()) and "all" in made.taken:
            return "already_reversed"
        before, missing, took = self._charges(made), False, False
        for name, units in made.given.items():
            wanted = max(int(units * ratio) - made.taken.get(name, 0), 0)
            there = min(wanted, self.wallets.get(made.who, 0)) if name == "points" else wanted
            missing |= there < wanted
            took |= there > 0
            made.taken[name] = made.taken.get(name, 0) + there
            if name == "points":
                self.wallets[made.who] = self.wallets.get(made.who, 0) - there
        whole = ratio == 1 and not any(made.left.values())
        after = self._charges(made)
        back = {name: amount - after[name] for name, amount in before.items()}
        if whole:
            made.taken["all"] = 1
            back[f"limit {made.who}"] = 1
        self._charge(back, -1)
        if missing:
            return "partly_reversed"
        return "reversed" if took or whole else "nothing_due"

    def spend(self, who: str, points: int) -> str:
        if self.wallets.get(who, 0) < points:
            return "insufficient_balance"
        self.wallets[who] = self.wallets.get(who, 0) - points
        return "granted"
