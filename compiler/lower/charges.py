"""The accounts that a campaign's grants are charged to, and whether the campaign is funded."""

from __future__ import annotations

from decimal import ROUND_UP, Decimal

from ...dsl import tree
from .. import plan
from ..check.context import Context, folded, origin
from ..codes import money as money_words
from ..plan.types import minor_unit
from ..rewards.payouts import Goods
from ..rewards.table import kind_of
from .budgets import Caps
from .pools import SharedCaps, lineage


def charges(
    own: tuple[plan.Account, ...],
    rivals: tuple[plan.Account, ...],
    caps: Caps,
    gives: plan.Reward | None,
    pools: tuple[plan.Pool, ...],
    shared: SharedCaps,
) -> tuple[plan.Charge, ...]:
    """The accounts in the order of their checks: limits, then stocks, then budgets.

    `rivals` are those by which campaigns exclude each other, also such as give nothing. A step that
    gives nothing has limits only.
    """
    if gives is None:
        limited = [one for one in own if one.refusal == "over_limit" and one.measure == "grants"]
        return tuple(plan.Charge(account.id) for account in (*limited, *rivals))
    pooled = lineage(pools, caps.pool)
    given = {
        benefit
        for lines in (*(branch.lines for branch in gives.branches), caps.when_exhausted.lines)
        for line in lines
        for benefit in kind_of(line).benefits(line)
    }
    charged = [
        (account, plan.Charge(account.id, _share(account, caps))) for account in (*own, *rivals)
    ]
    for account in shared.accounts:
        if account.owner_kind == "benefit" and account.owner in given:
            charged.append((account, plan.Charge(account.id, benefit=account.owner)))
        if account.owner_kind == "pool" and account.owner in pooled:
            charged.append((account, plan.Charge(account.id)))
    order = ("over_limit", "out_of_stock", "over_budget")
    charged.sort(key=lambda pair: order.index(pair[0].refusal))
    return tuple(charge for _, charge in charged)


def _share(account: plan.Account, caps: Caps) -> int | None:
    """The index of the share that an account is of; what the shares leave comes after the last."""
    return next((place for place, one in enumerate(caps.parts) if one.id == account.id), None)


def pays(caps: Caps, pools: tuple[plan.Pool, ...], shared: SharedCaps) -> Decimal | None:
    """The most that the campaign can spend: its own total, or that of a pool behind it."""
    behind = (name for name in lineage(pools, caps.pool) if name in shared.totals)
    totals = [shared.totals[name] for name in behind]
    totals += [] if caps.total is None else [caps.total.cap]
    return min(totals) if totals else None


_BOUNDS = (tree.CapTotal, tree.FromPool, tree.Share)
"""Statements of a budget that bound it, or that have their own message where they do not."""


def report_unpaid(
    c: Context, node: tree.BudgetClause, name: str, gives: plan.Reward, caps: Caps
) -> None:
    """Report a budget without a bound, and caps that cannot pay the cheapest reward once."""
    costs = [_cost(c, branch.lines) for branch in gives.branches]
    bounded = any(isinstance(one, _BOUNDS) for one in node.statements)
    if not bounded and any(cost is None or cost > 0 for cost in costs):
        c.report(money_words.NOTHING_PAYS, node, name=name, currency=c.currency)
    known = [cost for cost in costs if cost is not None]
    if len(known) < len(costs) or not known:
        return
    shared_out = sum((share.percent for share in caps.shares), Decimal(0)) == 1
    for account in caps.accounts:
        if shared_out and account in caps.parts[-1:]:
            continue
        if account.measure == "money" and account.cap < min(known):
            place = next(
                (one for one in node.statements if origin(one.span) == account.origin), node
            )
            cap = account.name if place is node else folded(place.span)
            cost = f"{min(known)} {c.currency}"
            more = _enough(c, node, account, caps, min(known))
            c.report(money_words.CANNOT_PAY_ONE, place, cap=cap, cost=cost, **more)


def _enough(
    c: Context, node: tree.BudgetClause, account: plan.Account, caps: Caps, cost: Decimal
) -> dict[str, str]:
    """The least cap that pays a reward: the account's own, or the total that it is a part of."""
    kept = sum(
        (one.percent.value / 100 for one in node.statements if isinstance(one, tree.Reserve)),
        Decimal(0),
    )
    share = _share(account, caps)
    if account != caps.total and share is None:
        return {"raised": f"{cost:f} {c.currency}"}
    parts = [one.percent for one in caps.shares]
    part = Decimal(1) if share is None else [*parts, 1 - sum(parts, Decimal(0))][share]
    spendable = 1 - kept
    if part <= 0 or spendable <= 0:
        return {}
    least = _up(_up(cost / part, c.currency) / spendable, c.currency)
    return {"raised" if share is None else "total": f"{least:f} {c.currency}"}


def _up(amount: Decimal, currency: str) -> Decimal:
    """The amount rounded up to the currency's smallest unit."""
    return amount.quantize(Decimal(1).scaleb(-minor_unit(currency)), ROUND_UP)


def _cost(c: Context, lines: tuple[plan.RewardLine, ...]) -> Decimal | None:
    """The cost of a bundle to the budget; `None` if it depends on the customer."""
    goods = Goods(c.currency, c.benefits)
    costs = [kind_of(line).cost(line, goods) for line in lines]
    known = [cost for cost in costs if cost is not None]
    return sum(known, Decimal(0)) if len(known) == len(costs) else None
