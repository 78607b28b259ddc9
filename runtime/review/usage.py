"""The use of caps and budgets over time, as the ledger has it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from itertools import accumulate
from zoneinfo import ZoneInfo

from ..ledger.contract import BudgetRow, Ledger
from .model import Use

NOTHING = Decimal(0)


def uses(
    ledger: Ledger, campaign: str, rows: Iterable[BudgetRow], until: datetime, zone: ZoneInfo
) -> Iterator[Use]:
    """Yield the accounts of `rows` that have no key, in their order: unused ones too."""
    own: dict[str, Decimal] = defaultdict(Decimal)
    by_day: dict[str, dict[date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for one in ledger.used_by(campaign, until):
        if one.own:
            own[one.account] += one.amount
        by_day[one.account][one.at.astimezone(zone).date()] += one.amount
    ends: dict[str, list[datetime]] = defaultdict(list)
    for end in ledger.ran_out(campaign, until):
        ends[end.account].append(end.at)
    found = {row.account: row for row in reversed(list(rows)) if row.key is None}
    for account, row in reversed(found.items()):
        days = sorted(by_day[account].items())
        curve = list(accumulate(value for _, value in days))
        # Nothing of a cap, in its own digits.
        none = row.cap * 0
        used = curve[-1] if curve else none
        yield Use(
            account,
            row.name,
            row.owner_kind,
            row.owner,
            row.measure,
            row.cap,
            own[account] + none,
            used,
            None if row.period else max(row.cap - used, NOTHING),
            min(ends[account], default=None),
            len(ends[account]) if row.period else 0,
            tuple((day, value) for (day, _), value in zip(days, curve, strict=True)),
        )
