"""Caps: every limit, stock and budget of the language as an account that grants are charged to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import Literal, assert_never

from ...dsl import tree
from ...dsl.diagnostics.nearest import suggestions
from .. import plan
from ..check.context import Context, folded, origin
from ..check.literals import whole
from ..check.scope import Scope, member
from ..codes import money as words
from ..codes import names
from ..codes import types as type_codes
from ..plan import EventTable
from ..plan.expressions import EventValue, FeatureValue, where
from ..plan.types import minor_unit
from ..rewards.payouts import Goods
from ..rewards.table import kind_of
from .declarations import clause_of, in_currency, known_pool, once
from .rewards import bundle

OwnerKind = Literal["campaign", "pool", "benefit", "policy"]

HUNDRED = Decimal(100)
STOP = plan.WhenExhausted("stop", ())


@dataclass(frozen=True, slots=True)
class Caps:
    """The accounts of one owner, in the order in which its grants meet them."""

    accounts: tuple[plan.Account, ...] = ()
    shares: tuple[plan.Share, ...] = ()
    pool: str | None = None
    when_exhausted: plan.WhenExhausted = STOP
    reserve: plan.Account | None = None
    """The part of the total that is held back: no grant of a step is charged to it."""
    total: plan.Account | None = None
    parts: tuple[plan.Account, ...] = ()
    """The parts of the total: one a share, then what the shares leave for everybody else."""


@dataclass(frozen=True, slots=True)
class Owner:
    """The owner of accounts; of those of one step their names begin with the `step`."""

    kind: OwnerKind
    name: str
    step: str = ""

    def account(
        self,
        name: str,
        measure: plan.Measure,
        cap: Decimal,
        refusal: plan.Refusal,
        node: tree.Node,
        *,
        period: plan.Period | None = None,
        key: str | None = None,
        also: str | None = None,
        window: plan.Span | None = None,
        alerts: tuple[Decimal, ...] = (),
    ) -> plan.Account:
        """An account of this owner; its name is completed by its period."""
        told = f"{name} per {period}" if period else name
        told = f"{self.step} {told}" if self.step else told
        return plan.Account(
            id=plan.account_id(self.kind, self.name, told),
            owner_kind=self.kind,
            owner=self.name,
            name=told,
            measure=measure,
            cap=cap,
            period=period,
            key=key,
            window=window,
            refusal=refusal,
            alerts=alerts,
            origin=origin(node.span),
            also=also,
        )


# --- limits and stocks --------------------------------------------------------------------------


def limits(
    c: Context,
    owner: Owner,
    modifiers: tuple[tree.RewardModifier, ...],
    event: EventTable | None,
) -> tuple[plan.Account, ...]:
    """`limit …` and `first …` of a step."""
    found: list[plan.Account] = []
    stocked = False
    for node in modifiers:
        match node:
            case tree.Limit():
                limit = _limit(c, owner, node, event)
                if limit is not None:
                    found.append(limit)
            case tree.First(count, period):
                cap = Decimal(whole(c, count))
                first = owner.account("first", "grants", cap, "out_of_stock", node, period=period)
                # A second one was reported with the other clauses that may stand once.
                found += [] if stocked else [first]
                stocked = True
            case _:
                pass
    return _each_once(c, owner, found)


def _limit(
    c: Context, owner: Owner, node: tree.Limit, event: EventTable | None
) -> plan.Account | None:
    """The account of a limit; `None` where it counts by something unknown."""
    first = _limit_key(c, node.key, event) if node.key else "customer"
    second = _limit_key(c, node.also, event) if node.also else None
    if first is None or (node.also is not None and second is None):
        return None
    if node.also is not None and first == second:
        c.report(names.TWICE_IN_LIST, node.also, name=folded(node.also.span))
        return None
    told = first if second is None else f"{first} and {second}"
    cap = Decimal(whole(c, node.count))
    return owner.account(
        f"limit per {told}",
        "grants",
        cap,
        "over_limit",
        node,
        period=node.period,
        key=first,
        also=second,
    )


def _limit_key(c: Context, key: tree.Member, event: EventTable | None) -> str | None:
    """`device_id` of `event.device_id`, `customer.email`, or the key of one of the two."""
    owner, name = key.owner.text, key.field.text
    if name == "key" and (owner == "customer" or (owner == "event" and event is not None)):
        return f"{owner}.key"
    value = member(c, key, Scope(event=event))
    match value:
        case EventValue("at"):
            known = suggestions(name, () if event is None else (one.name for one in event.fields))
            c.report(names.UNKNOWN_FIELD, key.field, owner=owner, name=name, **known)
            return None
        case EventValue():
            return name
        case FeatureValue():
            return f"customer.{name}"
        case _:
            return None


def stock(c: Context, owner: Owner, node: tree.Stock) -> plan.Account:
    """`stock N per month`, of a benefit or of a budget."""
    cap = Decimal(whole(c, node.count))
    return owner.account("stock", "grants", cap, "out_of_stock", node, period=node.period)


def benefit_stocks(c: Context) -> tuple[plan.Account, ...]:
    """The stock of each benefit that has one."""
    return tuple(
        stock(c, Owner("benefit", name), statement)
        for name, node in c.symbols.benefits.items()
        for statement in node.statements
        if isinstance(statement, tree.Stock)
    )


def _each_once(
    c: Context, owner: Owner, accounts: Iterable[plan.Account]
) -> tuple[plan.Account, ...]:
    """The accounts, of two of one name the first; a second is reported."""
    kept: dict[str, plan.Account] = {}
    for account in accounts:
        first = kept.setdefault(account.id, account)
        if first is not account:
            c.report(
                names.CLAUSE_TWICE, where(account.origin), clause=account.name, name=owner.name
            )
    return tuple(kept.values())


# --- budgets ------------------------------------------------------------------------------------


def budget(
    c: Context, owner: Owner, statements: tuple[tree.BudgetStatement, ...], node: tree.Node
) -> Caps:
    """A campaign's budget, or a pool's, where only money caps, `from` and `alert` may stand."""
    single = (tree.CapTotal, tree.FromPool, tree.Reserve, tree.Alert, tree.WhenExhausted)
    once(c, owner.name, tuple(one for one in statements if isinstance(one, single)))
    alerts = _alerts(c, statements)
    reserve = _percent_of(c, statements)
    total: plan.Account | None = None
    found: list[plan.Account] = []
    for statement in statements:
        if owner.kind == "pool" and isinstance(
            statement, tree.Share | tree.Reserve | tree.WhenExhausted | tree.Stock
        ):
            c.report(words.NOT_IN_POOL, statement, clause=clause_of(statement))
            continue
        account = _account(c, owner, statement, reserve, alerts)
        if isinstance(statement, tree.CapTotal):
            # A second total was reported with the other clauses that may stand once.
            account, total = (account, account) if total is None else (None, total)
        if account is not None:
            found.append(account)
    shares = _shares(c, statements)
    parts: list[plan.Account] = []
    if shares and not any(isinstance(one, tree.CapTotal) for one in statements):
        c.report(words.SHARE_WITHOUT_TOTAL, node)
    elif shares and total is not None:
        # Before the total: a share that is used up must not exhaust it for the others.
        parts = _share_accounts(c, owner, shares, total, node)
        found = [*parts, *found]
    order: tuple[plan.Refusal, ...] = ("over_limit", "out_of_stock", "over_budget")
    found.sort(key=lambda account: order.index(account.refusal))
    pool = next((one.pool for one in statements if isinstance(one, tree.FromPool)), None)
    return Caps(
        _each_once(c, owner, found),
        shares,
        pool.text if pool and known_pool(c, pool) else None,
        _when_exhausted(c, statements),
        _reserve(c, owner, statements, total),
        total,
        tuple(parts),
    )


def _reserve(
    c: Context,
    owner: Owner,
    statements: tuple[tree.BudgetStatement, ...],
    total: plan.Account | None,
) -> plan.Account | None:
    """The account of what the total leaves out."""
    node = next((one for one in statements if isinstance(one, tree.Reserve)), None)
    if node is not None and not any(isinstance(one, tree.CapTotal) for one in statements):
        c.report(words.RESERVE_WITHOUT_TOTAL, node)
    whole_ = next((one for one in statements if isinstance(one, tree.CapTotal)), None)
    amount = in_currency(c, whole_.amount) if whole_ else None
    if node is None or total is None or amount is None or amount == total.cap:
        return None
    return owner.account(plan.RESERVE, "money", amount - total.cap, "over_budget", node)


def _account(
    c: Context,
    owner: Owner,
    node: tree.BudgetStatement,
    reserve: Decimal,
    alerts: _Alerts,
) -> plan.Account | None:
    match node:
        case tree.CapTotal(amount):
            cap = in_currency(c, amount)
            if cap is None:
                return None
            spendable = _part(cap, 1 - reserve, c.currency)
            total = alerts.of_total
            return owner.account("total", "money", spendable, "over_budget", node, alerts=total)
        case tree.CapPer(period, amount):
            cap = in_currency(c, amount)
            if cap is None:
                return None
            each = alerts.of_periods
            return owner.account(
                "spend", "money", cap, "over_budget", node, period=period, alerts=each
            )
        case tree.CapPerCustomer(period, amount):
            cap = in_currency(c, amount)
            if cap is None:
                return None
            name = "spend per customer"
            return owner.account(
                name, "money", cap, "over_limit", node, period=period, key="customer"
            )
        case tree.Stock():
            return stock(c, owner, node)
        case tree.Share() | tree.FromPool() | tree.Reserve() | tree.Alert() | tree.WhenExhausted():
            return None
        case _:
            assert_never(node)


def _part(amount: Decimal, share: Decimal, currency: str) -> Decimal:
    """A part of an amount, rounded down to the minor unit, so that parts never exceed the whole."""
    grain = Decimal(1).scaleb(-minor_unit(currency))
    return (amount * share).quantize(grain, rounding=ROUND_DOWN)


def percent(c: Context, node: tree.Percent, low: int = 0, high: int = 100) -> Decimal:
    """A percentage as a part of one; out of its range it is reported, and counts as the low end."""
    if low <= node.value <= high:
        return node.value / HUNDRED
    text = folded(node.span)
    c.report(type_codes.BAD_PERCENT, node, text=text, low=str(low), high=str(high))
    return Decimal(low) / HUNDRED


def _percent_of(c: Context, statements: tuple[tree.BudgetStatement, ...]) -> Decimal:
    reserve = next((one for one in statements if isinstance(one, tree.Reserve)), None)
    return percent(c, reserve.percent) if reserve else Decimal(0)


@dataclass(frozen=True, slots=True)
class _Alerts:
    """The thresholds of a budget's alerts: of its total, or without one of its caps per period."""

    of_total: tuple[Decimal, ...] = ()
    of_periods: tuple[Decimal, ...] = ()


def _alerts(c: Context, statements: tuple[tree.BudgetStatement, ...]) -> _Alerts:
    alert = next((one for one in statements if isinstance(one, tree.Alert)), None)
    if alert is None:
        return _Alerts()
    told = tuple(sorted({percent(c, one, 1) for one in alert.percents}))
    if any(isinstance(one, tree.CapTotal) for one in statements):
        return _Alerts(of_total=told)
    if not any(isinstance(one, tree.CapPer) for one in statements):
        c.report(words.NOTHING_TO_WATCH, alert)
    return _Alerts(of_periods=told)


def _shares(c: Context, statements: tuple[tree.BudgetStatement, ...]) -> tuple[plan.Share, ...]:
    found: list[plan.Share] = []
    for node in (one for one in statements if isinstance(one, tree.Share)):
        name = node.audience.text
        if name not in c.symbols.audiences:
            known = suggestions(name, c.symbols.audiences)
            c.report(
                names.UNKNOWN_DECLARATION, node.audience, kind=names.AUDIENCE, name=name, **known
            )
            continue
        found.append(plan.Share(name, percent(c, node.percent, 1), origin(node.span)))
    return tuple(found)


def _share_accounts(
    c: Context, owner: Owner, shares: tuple[plan.Share, ...], total: plan.Account, node: tree.Node
) -> list[plan.Account]:
    """The part of the total of each share, and what they leave for everybody else."""
    whole_ = sum((share.percent for share in shares), Decimal(0))
    if whole_ > 1:
        c.report(words.SHARES_OVER, node, percent=f"{(whole_ * HUNDRED).normalize():f}")
        return []
    parts = [(share.audience, _part(total.cap, share.percent, c.currency)) for share in shares]
    rest = total.cap - sum((cap for _, cap in parts), Decimal(0))
    return [
        owner.account(f"share {name}", "money", cap, "over_budget", node)
        for name, cap in [*parts, ("of the others", rest)]
    ]


def _when_exhausted(c: Context, statements: tuple[tree.BudgetStatement, ...]) -> plan.WhenExhausted:
    node = next((one for one in statements if isinstance(one, tree.WhenExhausted)), None)
    if node is None:
        return STOP
    if node.bundle is None:
        return plan.WhenExhausted(node.action, ())
    lines = bundle(c, node.bundle, Scope(asks_ledger=False))
    refused = {line.origin for line in lines if not _is_sure(c, line)}
    for line in node.bundle.lines:
        if origin(line.span) in refused:
            c.report(words.NOT_IN_BUDGET_REWARD, line)
    return plan.WhenExhausted("reward", lines)


def _is_sure(c: Context, line: plan.RewardLine) -> bool:
    """Whether it is certain beforehand what the line gives, and what that costs."""
    row = kind_of(line)
    return not row.offers and row.cost(line, Goods(c.currency, c.benefits)) is not None
