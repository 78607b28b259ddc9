"""The ledger's rules once more, in the plainest Python: what every store is compared with."""

from collections import Counter, defaultdict
from dataclasses import replace
from decimal import Decimal

from campaigner.compiler.plan import Account, Plan
from campaigner.compiler.plan.calendar import shift
from campaigner.compiler.plan.steps import step_of
from campaigner.compiler.plan.values import Length
from campaigner.runtime.decide.decisions import Decision

from .ledgers import ZONE
from .model_settling import Granted, Settling


class Model(Settling):
    """Decides one after the other; amounts are decimals, balances live in dictionaries."""

    def __init__(self, zone=ZONE):
        self.zone = zone
        self.decided = {}
        self.granted = []
        self.spent = defaultdict(Decimal)
        self.exhausted = set()
        self.seen_caps = {}
        self.sent = defaultdict(list)
        self.reversed = set()
        self.waiting = []
        self.asked_at = {}
        self.wallets = defaultdict(int)
        self.claimed = {}

    def reverse(self, plan: Plan, identity, at, *, even_if_redeemed=False):
        """Gives back what the grant was charged, once."""
        grant = self.grant_of(identity)
        if grant is None:
            return "not_granted"
        if identity in self.reversed:
            return "already_reversed"
        if "redeemed" in grant.became.values() and not even_if_redeemed:
            return "already_redeemed"
        back = self._moves(grant.lines)
        for n, lost in grant.lost.items():
            back[grant.lines[n].reward] -= lost
        owner = identity.recipient
        pending = grant.decision.deliver_at > at
        others = {
            name: self.pending(owner, name, at) - (back[name] if pending and back[name] > 0 else 0)
            for name in back
        }
        if any(
            amount > 0 and self.wallets[owner, name] - others[name] < amount
            for name, amount in back.items()
        ):
            return "insufficient_balance"
        for name, amount in back.items():
            self.wallets[owner, name] -= amount
        self.reversed.add(identity)
        for slot, amount in grant.charged.items():
            self.spent[slot] -= amount
            if amount:
                self.exhausted.discard(slot)
        return "reversed"

    def serve(self, plan: Plan, at):
        """Grants what waits and fits, in order; the identities."""
        served = []
        waiting = [one for one in self.waiting if one.at <= at and self._waits(plan, one)]
        waiting.sort(key=lambda one: one.at)
        moved = [self.later(one, at) for one in waiting]
        self.look(plan, moved)
        for one in moved:
            if not self._pays(one, one.lines):
                continue
            charges = list(self._charges(plan, one, one.lines))
            refusing = next(
                (
                    slot
                    for account, slot, amount in charges
                    if slot in self.exhausted or not self._fits(account, slot, amount)
                ),
                None,
            )
            if refusing is not None:
                self.exhausted.add(refusing)
                continue
            self._give(plan, one, one.lines)
            content = self.decided[one.identity][2]
            self.decided[one.identity] = "granted", None, content
            served.append(one.identity)
        self.waiting = [one for one in self.waiting if one.identity not in served]
        return served

    @staticmethod
    def _waits(plan, decision):
        campaign = next(one for one in plan.campaigns if one.name == decision.identity.campaign)
        return campaign.when_exhausted.action == "waitlist"

    def decide(self, plan: Plan, decision: Decision):
        """Outcome, the account that refused, whether it repeats and whether it changed."""
        content = [
            (one.reward, one.amount, one.currency, one.cost, one.drains, one.choice)
            for one in decision.lines
        ]
        if decision.identity in self.decided:
            outcome, account, before = self.decided[decision.identity]
            named = "already_granted" if outcome == "granted" else outcome
            return named, account, True, before != content
        self.asked_at[decision.identity] = decision.at
        outcome, account = self._decide(plan, decision)
        self.decided[decision.identity] = outcome, account, content
        if outcome == "waitlisted":
            self.waiting.append(decision)
        return outcome, account, False, False

    def _decide(self, plan, decision):
        if decision.held_out:
            return "held_out", None
        campaign = next(one for one in plan.campaigns if one.name == decision.identity.campaign)
        step = step_of(campaign, decision.identity.step)
        refusing = None
        for account, slot, amount in self._charges(plan, decision, decision.lines):
            if slot in self.exhausted or not self._fits(account, slot, amount):
                refusing = account, slot
                break
        caps = [one for one in plan.accounts if one.id in campaign.message_caps]
        of_limit = refusing is not None and refusing[0].refusal == "over_limit"
        if step.reward is None and not of_limit:
            capped = self._capped(caps, decision, len(step.messages))
            if capped is not None:
                return "over_limit", capped.id
        if not of_limit and not self._pays(decision, decision.lines):
            return "insufficient_balance", None
        lines = decision.lines
        if refusing is not None:
            account, slot = refusing
            self.exhausted.add(slot)
            action = campaign.when_exhausted.action
            if account.refusal != "over_budget":
                return account.refusal, account.id
            if action == "waitlist":
                return "waitlisted", account.id
            if action == "stop" or not decision.fallback:
                return "over_budget", account.id
            lines = decision.fallback
            if not self._pays(decision, lines):
                return "insufficient_balance", None
            for account, slot, amount in self._charges(plan, decision, lines):
                stopped = slot in self.exhausted and account.refusal != "over_budget"
                if stopped or not self._fits(account, slot, amount):
                    self.exhausted.add(slot)
                    return account.refusal, account.id
        self._give(plan, decision, lines)
        return "granted", None

    def _give(self, plan, decision, lines):
        campaign = next(one for one in plan.campaigns if one.name == decision.identity.campaign)
        caps = [one for one in plan.accounts if one.id in campaign.message_caps]
        charged = [(slot, amount) for _, slot, amount in self._charges(plan, decision, lines)]
        for slot, amount in charged:
            self.spent[slot] += amount
        owner = decision.identity.recipient
        lines = self._there(owner, lines, decision.at)
        for name, amount in self._moves(lines).items():
            self.wallets[owner, name] += amount
        self.granted.append(Granted(decision, list(lines), dict(charged)))
        for _ in step_of(campaign, decision.identity.step).messages:
            if self._capped(caps, decision, 1) is None:
                for cap in caps:
                    self.sent[cap.id, decision.identity.recipient].append(decision.at)

    def _pays(self, decision, lines):
        """Whether the recipient has what is asked for them."""
        owed = Counter()
        for line in lines:
            if line.reward == line.currency and line.amount < 0 and not line.drains:
                owed[line.reward] -= int(line.amount)
        owner = decision.identity.recipient
        return all(self.there(owner, name, decision.at) >= amount for name, amount in owed.items())

    def there(self, owner, wallet, at):
        """The units that can be spent at an instant."""
        return self.wallets[owner, wallet] - self.pending(owner, wallet, at)

    def pending(self, owner, wallet, at):
        """The units that have been granted and are delivered after an instant."""
        return sum(
            int(line.amount) - one.lost.get(n, 0)
            for one in self.granted
            if one.decision.identity.recipient == owner
            and one.decision.identity not in self.reversed
            and one.decision.deliver_at > max(at, self.asked_at[one.decision.identity])
            for n, line in enumerate(one.lines)
            if line.reward == line.currency == wallet and line.amount > 0
        )

    def _there(self, owner, lines, at):
        """A line that takes what is there: so much as prices and the lines before it leave."""
        left = {name: self.there(owner, name, at) for name in {line.reward for line in lines}}
        for line in lines:
            if line.reward == line.currency and line.amount < 0 and not line.drains:
                left[line.reward] += int(line.amount)
        return tuple(self._drain(line, left) if line.drains else line for line in lines)

    @staticmethod
    def _drain(line, left):
        taken = max(int(line.amount), -max(left[line.reward], 0))
        left[line.reward] += taken
        return replace(line, amount=Decimal(taken))

    @staticmethod
    def _moves(lines):
        """By how much a bundle moves which wallet."""
        moves = defaultdict(int)
        for line in lines:
            if line.reward == line.currency:
                moves[line.reward] += int(line.amount)
        return moves

    def _charges(self, plan, decision, lines):
        campaign = next(one for one in plan.campaigns if one.name == decision.identity.campaign)
        share = len(campaign.shares) if decision.share is None else decision.share
        for charge in step_of(campaign, decision.identity.step).charges:
            account = next(one for one in plan.accounts if one.id == charge.account)
            amount = sum(line.cost for line in lines) if account.measure == "money" else 1
            if charge.benefit is not None:
                amount = len([line for line in lines if line.benefit == charge.benefit])
            if charge.share in (None, share) and (charge.benefit is None or amount > 0):
                yield account, (account.id, *self._slot(account, decision)), Decimal(amount)

    def _slot(self, account: Account, decision: Decision):
        local = decision.at.astimezone(self.zone)
        formats = {"day": "%Y-%m-%d", "week": "%G-W%V", "month": "%Y-%m", None: ""}
        formats["hour"] = local.isoformat(timespec="hours")
        formats["quarter"] = f"%Y-Q{1 + (local.month - 1) // 3}"
        formats["year"] = "%Y"
        counted = tuple(self._counted(key, decision) for key in account.keys)
        return local.strftime(formats[account.period]), counted or ""

    def _counted(self, key, decision):
        match key:
            case "customer":
                return decision.identity.recipient
            case "customer.key":
                return decision.customer
            case "event.key":
                return decision.identity.occurrence
        known = decision.keys.get(key)
        return ("unknown", decision.customer) if known is None else known

    def _fits(self, account, slot, amount):
        if slot in self.exhausted and self.seen_caps.get(slot, account.cap) < account.cap:
            self.exhausted.discard(slot)
        return amount == 0 or self.spent[slot] + amount <= account.cap

    def look(self, plan: Plan, decisions):
        """A batch looks at the balances it may touch: a cap that was raised fills them again."""
        for decision in decisions:
            if decision.held_out:
                continue
            for lines in (decision.lines, decision.fallback or decision.lines):
                for account, slot, _ in self._charges(plan, decision, lines):
                    if self.seen_caps.get(slot, account.cap) < account.cap:
                        self.exhausted.discard(slot)
                    self.seen_caps[slot] = account.cap

    def _capped(self, caps, decision, messages):
        """Whether so many more would put more than the cap into any window that ends somewhere."""
        for more in range(1, messages + 1):
            for cap in caps:
                sent = self.sent[cap.id, decision.identity.recipient]
                times = sorted([*sent, *[decision.at] * more])
                for end in times:
                    start = shift(self.zone, end, Length(cap.window.count, "day"), -1)
                    inside = [one for one in times if start < one <= end]
                    if decision.at in inside and len(inside) > cap.cap:
                        return cap
        return None
