"""The sums of a review held against what `ledger` commands print of the same ledger."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime
from decimal import Decimal

from campaigner.compiler.plan import Plan
from campaigner.runtime.ledger import Ledger
from campaigner.runtime.review.model import Review
from campaigner.runtime.review.review import Asked, review

EVER = datetime(2100, 1, 1, tzinfo=UTC)


def reviewed(ledger: Ledger, plan: Plan, campaign: str, at: datetime = EVER) -> Review:
    """The review of a campaign, by the accounts that `ledger budgets` prints."""
    return review(ledger, Asked(plan, campaign, at, ledger.budgets(plan, campaign)))


def assert_adds_up(ledger: Ledger, plan: Plan, at: datetime = EVER) -> None:
    """Each review equals the ledger's grants, outcomes and budgets, and its parts their whole."""
    kept = Counter(dict(ledger.outcomes()))
    unkeyed = [row for row in ledger.budgets(plan) if row.key is None]
    for campaign in ledger.campaigns():
        found = reviewed(ledger, plan, campaign, at)
        assert dict(found.outcomes) == {
            outcome: count for (name, outcome), count in kept.items() if name == campaign
        }
        live = [
            row
            for row in ledger.grants(campaign)
            if row.reversed_at is None or row.reversed_at > at
        ]
        # A grant of a message alone has no line.
        with_lines = len({row.recipient for row in live})
        assert with_lines <= found.whole.customers <= found.whole.granted
        assert_parts(found)
        used: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        own: dict[str, Decimal] = defaultdict(Decimal)
        for one in ledger.used_by(campaign, at):
            used[one.account, one.period] += one.amount
            own[one.account] += one.amount if one.own else 0
        charged = {account for account, _ in used}
        assert {key: value for key, value in used.items() if value} == {
            (row.account, row.period): row.spent
            for row in unkeyed
            if row.account in charged and row.spent
        }
        totals = {one.account: one for one in found.uses}
        for account, spent in own.items():
            if account in totals:
                assert totals[account].own == spent


def assert_parts(found: Review) -> None:
    """The phases, and the days, come to the whole."""
    parts = [found.days, found.phases] if found.phases else [found.days]
    for part in parts:
        for name in ("customers", "granted", "refused", "spent"):
            assert sum(getattr(one, name) for one in part) == getattr(found.whole, name), name
