"""Claims, redemptions and ends of grants, in the plainest Python."""

from dataclasses import dataclass, field, replace
from decimal import Decimal

from campaigner.compiler.plan.calendar import shift
from campaigner.compiler.plan.values import Length
from campaigner.runtime.decide.decisions import Decision, Line


@dataclass
class Granted:
    """A grant: its lines, what it is charged by now, and what has become of which line."""

    decision: Decision
    lines: list[Line]
    charged: dict[tuple[str, str, str], Decimal]
    became: dict[int, str] = field(default_factory=dict)
    lost: dict[int, int] = field(default_factory=dict)

    @property
    def offers(self):
        """Whether it is an offer, claimed or not."""
        return bool(self.lines) and self.lines[0].choice is not None

    @property
    def claimed(self):
        """The benefits that were chosen; empty if none was."""
        return {line.reward for line in self.lines[1:] if line.benefit} if self.offers else set()


class Settling:
    """The part of the model that settles what it has granted (see `Model`)."""

    def grant_of(self, identity):
        """The grant of a decision; `None` if it has none."""
        return next((one for one in self.granted if one.decision.identity == identity), None)

    def claim(self, plan, identity, by, chosen, at):
        """The outcome of a claim."""
        grant = self.grant_of(identity)
        if grant is None or not grant.offers:
            return "unknown"
        if by != identity.recipient:
            return "not_yours"
        if identity in self.reversed:
            return "reversed"
        offer = grant.lines[0]
        allowed = self._allowed(offer.choice, chosen)
        if 0 in grant.became:
            if grant.became[0] == "lapsed":
                return "expired"
            return "already_claimed" if allowed and grant.claimed == set(chosen) else "other_choice"
        if at < self.asked_at[identity]:
            return "too_early"
        if at >= offer.expires_at:
            return "expired"
        if not allowed:
            return "not_offered"
        for wallet, price in self._priced(offer.choice).items():
            if self.there(by, wallet, at) < price:
                return "insufficient_balance"
        stocks = list(self._stocks(plan, chosen, at))
        for account, slot in stocks:
            raised = self.seen_caps.get(slot, account.cap) < account.cap
            if (slot in self.exhausted and not raised) or self.spent[slot] + 1 > account.cap:
                return "out_of_stock"
        self._take(plan, grant, chosen, at, stocks)
        return "claimed"

    def claim_event(self, plan, event, numbers):
        """The outcome of an event that claims, the number of its offer, and whether it is new."""
        if event.identity in self.claimed:
            outcome, number, chosen = self.claimed[event.identity]
            return outcome, number, True, chosen != event.chosen
        grant = self._meant(event, numbers)
        outcome, number = "unknown", None
        if grant is not None:
            identity = grant.decision.identity
            number, by = numbers[identity], identity.recipient
            outcome = self.claim(plan, identity, by, event.chosen, event.at)
        self.claimed[event.identity] = outcome, number, event.chosen
        return outcome, number, False, False

    def _meant(self, event, numbers):
        """The offer that ends first, with the choice in it; where none is open the last one."""
        offers = [
            (grant.lines[0].expires_at, self.asked_at[of], numbers[of], grant)
            for grant in self.granted
            if grant.offers
            and (of := grant.decision.identity).recipient == event.identity.recipient
            and of.campaign == event.identity.campaign
        ]
        offers.sort(key=lambda one: one[:3])
        came = [one for one in offers if one[1] <= event.at]
        standing = [
            one
            for one in came
            if one[0] > event.at
            and 0 not in one[3].became
            and one[3].decision.identity not in self.reversed
        ]
        fitting = [
            one for one in standing if self._allowed(one[3].lines[0].choice, list(event.chosen))
        ]
        if fitting or standing:
            return (fitting or standing)[0][3]
        if came:
            return max(came, key=lambda one: one[1:3])[3]
        return min(offers, key=lambda one: one[1:3])[3] if offers else None

    @staticmethod
    def _priced(choice):
        owed = {}
        for wallet, amount in choice.prices:
            owed[wallet] = owed.get(wallet, 0) + amount
        return owed

    @staticmethod
    def _allowed(choice, chosen):
        named = {one.benefit: one.value for one in choice.options}
        if len(chosen) != choice.count or len(set(chosen)) != choice.count:
            return False
        if not set(chosen) <= set(named):
            return False
        return choice.worth is None or sum(named[one] for one in chosen) <= choice.worth

    def _stocks(self, plan, chosen, at):
        for account in plan.accounts:
            if account.owner_kind == "benefit" and account.owner in chosen:
                month = f"{at.astimezone(self.zone):%Y-%m}"
                yield account, (account.id, month if account.period else "", "")

    def _take(self, plan, grant, chosen, at, stocks):
        offer = grant.lines[0]
        arrives = max(at, grant.decision.deliver_at)
        for one in offer.choice.options:
            if one.benefit in chosen:
                after, ends = one.expires_after, None
                if after is not None:
                    ends = shift(self.zone, arrives, Length(after.count, after.unit), 1)
                worth = one.value, offer.currency, one.cost, one.benefit
                grant.lines.append(Line(one.benefit, *worth, ends, returns=one.returns))
        for wallet, price in offer.choice.prices:
            paid = Line(wallet, Decimal(-price), wallet, Decimal(0), None, None)
            grant.lines.append(paid)
            self.wallets[grant.decision.identity.recipient, wallet] -= price
        cost = sum(line.cost for line in grant.lines[1:])
        for slot, amount in list(grant.charged.items()):
            if self._of_money(plan, slot):
                self._move(grant, slot, cost - amount)
        for account, slot in stocks:
            if self.seen_caps.get(slot, account.cap) < account.cap:
                self.exhausted.discard(slot)
            self.seen_caps[slot] = account.cap
            self._move(grant, slot, Decimal(1))
        grant.became[0] = "claimed"

    def _move(self, grant, slot, by):
        grant.charged[slot] = grant.charged.get(slot, Decimal(0)) + by
        self.spent[slot] += by
        if by < 0:
            self.exhausted.discard(slot)

    @staticmethod
    def _of_money(plan, slot):
        return next(one for one in plan.accounts if one.id == slot[0]).measure == "money"

    def redeem(self, identity, by, reward, at):
        """The outcome of redeeming."""
        grant = self.grant_of(identity)
        if grant is None or not grant.lines:
            return "unknown"
        if by not in (None, identity.recipient):
            return "not_yours"
        if identity in self.reversed:
            return "reversed"
        given = [
            n
            for n, line in enumerate(grant.lines)
            if (line.benefit or line.reward == "cash") and reward in (None, line.reward)
        ]
        if not given:
            return "not_claimed" if grant.offers and 0 not in grant.became else "unknown"
        if all(grant.became.get(n) == "redeemed" for n in given):
            return "already_redeemed"
        if at < self.asked_at[identity]:
            return "too_early"
        there = [
            n
            for n in given
            if n not in grant.became
            and (grant.lines[n].expires_at is None or at < grant.lines[n].expires_at)
        ]
        grant.became.update(dict.fromkeys(there, "redeemed"))
        return "redeemed" if there else "expired"

    def expire(self, plan, at, numbers):
        """Settles what has ended: (recipient, reward, when, returned, lost) in order of time."""
        due = [
            (line.expires_at, numbers[grant.decision.identity], n, grant)
            for grant in self.granted
            for n, line in enumerate(grant.lines)
            if line.expires_at is not None
            and line.expires_at <= at
            and n not in grant.became
            and grant.decision.identity not in self.reversed
            and (line.returns or line.choice or (line.reward == line.currency and line.amount > 0))
        ]
        ended = []
        for when, _, n, grant in sorted(due, key=lambda one: one[:3]):
            lost = self._end(plan, grant, n, numbers)
            line, recipient = grant.lines[n], grant.decision.identity.recipient
            ended.append((recipient, line.reward, when, line.returns, lost))
        return ended

    def _end(self, plan, grant, n, numbers):
        line = grant.lines[n]
        grant.became[n] = "lapsed" if line.choice else "expired"
        if line.reward == line.currency:
            owner = grant.decision.identity.recipient
            lost = self._left(owner, line.reward, grant, n, numbers)
            grant.lost[n] = lost
            self.wallets[owner, line.reward] -= lost
            return lost
        if line.returns:
            gone = ("claimed", "lapsed", "expired")
            others = [m for m in range(len(grant.lines)) if grant.became.get(m) not in gone]
            for slot, amount in list(grant.charged.items()):
                if line.choice or not others:
                    back = amount
                elif self._of_money(plan, slot):
                    back = line.cost
                else:
                    back = Decimal(slot[0] == f"benefit/{line.benefit}/stock")
                if back:
                    self._move(grant, slot, -back)
        return 0

    def _left(self, owner, wallet, grant, n, numbers):
        """Plays the wallet from its beginning: what is taken out is taken from the oldest lot."""
        moves = sorted(
            (
                (one.decision.deliver_at, numbers[one.decision.identity], m, one)
                for one in self.granted
                for m, line in enumerate(one.lines)
                if one.decision.identity not in self.reversed
                and one.decision.identity.recipient == owner
                and line.reward == line.currency == wallet
            ),
            key=lambda one: one[:3],
        )
        lots = [[one, m, int(one.lines[m].amount) - one.lost.get(m, 0)] for _, _, m, one in moves]
        spent = -sum(amount for _, _, amount in lots if amount < 0)
        for lot in lots:
            if lot[2] > 0:
                taken = min(lot[2], spent)
                spent -= taken
                lot[2] -= taken
            if lot[0] is grant and lot[1] == n:
                return lot[2]
        raise AssertionError("the lot is not among those of its wallet")

    @staticmethod
    def later(decision, at):
        """A decision that is served later, with its ends."""
        by = at - decision.at
        lines = tuple(
            line if line.expires_at is None else replace(line, expires_at=line.expires_at + by)
            for line in decision.lines
        )
        return decision._replace(at=at, lines=lines, deliver_at=max(at, decision.deliver_at))
