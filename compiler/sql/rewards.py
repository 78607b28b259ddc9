"""Rewards: which bundle a candidate gets, how much of each line, and who gets it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from sqlglot import exp

from ..dialects.common.dialect import Dialect
from ..dialects.common.literals import as_text, constant
from ..dialects.common.terms import (
    WHOLE,
    Term,
    all_true,
    column,
    number,
    text,
)
from ..operators.sql_meaning import compared
from ..plan import Branch, Reward, RewardLine, Share
from ..plan.chance import threshold
from ..plan.expressions import Expression
from ..plan.types import DECIMAL
from ..rewards.payouts import Goods
from ..rewards.sql_column import sql_of
from ..rewards.table import kind_of
from .translate import Scope, condition, value


@dataclass(frozen=True, slots=True)
class Amount:
    """The amount of a line that is computed: the name of its column, and whether it is sure."""

    branch: int
    line: int
    name: str
    term: Term
    always: bool


def branch_of(reward: Reward, scope: Scope, ticket: exp.Expr) -> exp.Expr:
    """The index of the first branch whose condition holds; NULL where none does.

    `ticket`: the text that decides in a draw.
    """
    chosen = exp.Case()
    for index, branch in enumerate(reward.branches):
        if branch.always:
            return chosen.else_(number(index), copy=False) if index else number(index)
        chosen = chosen.when(_comes(branch, scope, ticket), number(index), copy=False)
    return chosen


def _comes(branch: Branch, scope: Scope, ticket: exp.Expr) -> exp.Expr:
    """Whether it is the one, where none before it is."""
    if branch.chance is not None:
        return exp.LT(this=ticket.copy(), expression=text(threshold(branch.chance)))
    return exp.true() if branch.condition is None else condition(branch.condition, scope)


def amounts(reward: Reward, scope: Scope, goods: Goods) -> Iterator[Amount]:
    """The computed amounts of the lines of every branch."""
    for index, branch in enumerate(reward.branches):
        for place, line in enumerate(branch.lines):
            if line.amount is not None:
                term = amount(line, line.amount, scope, goods)
                always = term.value is not None and Decimal(str(term.value)) > 0
                name = f"amount_{index}_{place}"
                yield Amount(index, place, name, term, always)


def fallbacks(
    lines: Sequence[RewardLine], scope: Scope, goods: Goods
) -> Iterator[tuple[str, Term]]:
    """The computed amounts of the lines that follow an exhausted budget."""
    for place, line in enumerate(lines):
        if line.amount is not None:
            yield f"fallback_{place}", amount(line, line.amount, scope, goods)


def amount(line: RewardLine, computed: Expression, scope: Scope, goods: Goods) -> Term:
    """The amount of a line whose expression is `computed`."""
    term = value(computed, scope)
    return sql_of(scope.context.dialect, line, term, goods)


def worth_something(
    reward: Reward, made: Sequence[Amount], scope: Scope, relation: str | None
) -> exp.Expr | None:
    """That every computed line of the chosen branch gives something; nothing if that is sure."""
    zero = constant(scope.context.dialect, 0)

    def is_positive(one: Amount) -> exp.Expr:
        amount = replace(one.term, expression=column(one.name, relation))
        return compared(scope.context, exp.GT, amount, zero)

    by_branch = {
        index: [one for one in made if one.branch == index and not one.always]
        for index in range(len(reward.branches))
    }
    conditions = {
        index: all_true(*(is_positive(one) for one in doubtful))
        for index, doubtful in by_branch.items()
        if doubtful
    }
    if not conditions:
        return None
    if len(reward.branches) == 1:
        return conditions[0]
    chosen = exp.Case(this=column("branch", relation))
    for index, holds in conditions.items():
        chosen = chosen.when(number(index), holds)
    return chosen.else_(exp.true())


def share_of(shares: Sequence[Share], scope: Scope) -> exp.Expr:
    """The index of the first share whose audience the customer is in; NULL where in none."""
    chosen = exp.Case()
    for index, share in enumerate(shares):
        member = scope.terms["audience", share.audience].expression.copy()
        chosen = chosen.when(member, number(index))
    return chosen


def recipient_of(reward: Reward | None, scope: Scope, customer: exp.Expr) -> exp.Expr:
    """The recipient as text."""
    if reward is None or reward.recipient is None:
        return customer
    return as_text(scope.context.dialect, value(reward.recipient, scope))


# --- one row a line -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PublicLine:
    """A reward line as the readable SQL shows it; `computed` is the column of its amount.

    `leaves`: it goes out of a wallet, and is below zero.
    """

    branch: int
    line: int
    reward: str
    currency: str
    fixed: Decimal | None
    computed: Term | None
    leaves: bool = False

    def amount(self, relation: str | None = None) -> Term | None:
        """A computed amount, with its sign."""
        if self.computed is None:
            return None
        found = column(self.computed.expression.name, relation)
        return replace(self.computed, expression=exp.Neg(this=found) if self.leaves else found)


def public_lines(reward: Reward, goods: Goods, scope: Scope) -> Iterator[PublicLine]:
    """All lines of all branches."""
    made = {
        (one.branch, one.line): replace(one.term, expression=column(one.name), value=None)
        for one in amounts(reward, scope, goods)
    }
    for index, branch in enumerate(reward.branches):
        # The price of a choice is paid at the claim.
        offers = any(kind_of(line).offers for line in branch.lines)
        for place, line in enumerate(branch.lines[:1] if offers else branch.lines):
            row, computed = kind_of(line), made.get((index, place))
            known = None if computed else sql_of(scope.context.dialect, line, None, goods)
            fixed = known.value if known and isinstance(known.value, Decimal) else None
            leaves = row.does(line) != "give"
            names = row.name(line), row.currency(line, goods)
            yield PublicLine(index, place, *names, fixed, computed, leaves)


def lines_table(dialect: Dialect, lines: Sequence[PublicLine]) -> exp.Select:
    """The lines as a table, their fixed amounts in it."""
    scale = _fixed_scale(lines)
    titles = ("branch", "line", "reward", "currency", *(("amount",) if scale is not None else ()))
    rows: list[list[exp.Expr]] = []
    for line in lines:
        row = [number(line.branch), number(line.line), text(line.reward), text(line.currency)]
        if scale is not None:
            row.append(_fixed(dialect, line.fixed, scale))
        rows.append(row)
    return dialect.table_of("each", titles, rows)


def _fixed_scale(lines: Sequence[PublicLine]) -> int | None:
    """Digits after the point of the fixed amounts, where there are any."""
    written = [format(line.fixed, "f") for line in lines if line.fixed is not None]
    return max((len(one.partition(".")[2]) for one in written), default=None)


def _fixed(dialect: Dialect, amount: Decimal | None, scale: int) -> exp.Expr:
    """An amount with as many digits as all of its column have."""
    if amount is None:
        return exp.Null()
    return dialect.decimal(amount.quantize(Decimal(1).scaleb(-scale)))


def line_amount(dialect: Dialect, line: PublicLine) -> exp.Expr:
    """The amount of the only line there is."""
    if line.fixed is not None:
        return dialect.decimal(line.fixed)
    amount = line.amount()
    if amount is None:
        raise LookupError("a line has a fixed amount or a computed one")
    return amount.expression


def amount_of_line(
    dialect: Dialect, lines: Sequence[PublicLine], each: str, decided: str
) -> exp.Expr:
    """The amount of the line that a row is of: the fixed one, or the computed one's column."""
    computed = [line for line in lines if line.computed is not None]
    amounts_ = (line.amount(decided) for line in computed)
    terms = [term for term in amounts_ if term is not None]
    scale = _fixed_scale(lines)
    if scale is not None:
        terms.append(Term(column("amount", each), DECIMAL, True, WHOLE, scale))
    alike = dialect.alike(terms)
    chosen = exp.Case()
    for line, shown in zip(computed, alike, strict=False):
        this = all_true(
            exp.EQ(this=column("branch", each), expression=number(line.branch)),
            exp.EQ(this=column("line", each), expression=number(line.line)),
        )
        chosen = chosen.when(this, shown)
    if scale is None:
        return chosen
    return chosen.else_(alike[-1]) if computed else alike[-1]
