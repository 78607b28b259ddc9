"""Format benefits, rewards and budgets."""

from __future__ import annotations

from typing import assert_never

from ..tree import (
    Alert,
    Benefit,
    BenefitCodes,
    BenefitCost,
    BenefitKind,
    BenefitReward,
    BenefitStatement,
    BenefitValue,
    BudgetStatement,
    Bundle,
    CapPer,
    CapPerCustomer,
    CapPeriod,
    CapTotal,
    CashReward,
    Choice,
    ClaimedOn,
    Computed,
    DeliverOn,
    ExpiresAfter,
    Expression,
    First,
    FromPool,
    Limit,
    PerReward,
    Pool,
    Price,
    Prize,
    Reserve,
    Reward,
    RewardBranch,
    RewardBy,
    RewardDraw,
    RewardLine,
    RewardModifier,
    RewardTo,
    RewardToEach,
    Rounding,
    Share,
    Stock,
    Take,
    WalletReward,
    WhenExhausted,
)
from .expressions import MOMENT, SUM, VALUE, condition, member, operand
from .layout import (
    NOTHING,
    Align,
    Break,
    Doc,
    Gap,
    Group,
    Indent,
    Line,
    Word,
    between,
    block,
    columned,
    columns,
    join,
    listed,
    phrase,
)
from .literals import after_number, literal, name, titled

BENEFIT_COLUMN = 6
CLAUSE_COLUMN = 9


def padded(keyword: str, body: Doc, column: int) -> Doc:
    """The keyword, and the body from its column on: bodies of a block stand under each other."""
    return Indent(join(Word(keyword), Gap(max(1, column - columns(keyword))), Align(body)))


def benefit(node: Benefit) -> Doc:
    """`benefit video_month "…" { … }`."""
    statements = [_benefit_statement(each) for each in node.statements]
    return phrase(Indent(titled("benefit", node.name, node.label)), block(statements))


def _benefit_statement(node: BenefitStatement) -> Doc:
    match node:
        case BenefitKind(kind):
            return padded("kind", name(kind), BENEFIT_COLUMN)
        case BenefitValue(value):
            return padded("value", _value(value), BENEFIT_COLUMN)
        case BenefitCost(value):
            return padded("cost", operand(value, SUM), BENEFIT_COLUMN)
        case BenefitCodes(table):
            return padded("codes", phrase("from", name(table)), BENEFIT_COLUMN)
        case Stock(count, period):
            return padded("stock", phrase(literal(count), _per(period)), BENEFIT_COLUMN)
        case ExpiresAfter():
            return Indent(_expires(node))
    assert_never(node)


def _value(node: Expression | Computed) -> Doc:
    if isinstance(node, Computed):
        return phrase("computed up to", literal(node.most))
    return operand(node, SUM)


def _per(period: CapPeriod | None) -> Doc:
    return NOTHING if period is None else phrase("per", period)


def _expires(node: ExpiresAfter) -> Doc:
    word = {None: NOTHING, True: phrase("returning to budget"), False: phrase("forfeited")}
    return phrase("expires after", literal(node.duration), word[node.returns])


def reward(node: Reward) -> Doc:
    """The form of the reward, then each modifier on a line of its own."""
    return between(Break(), [_form(node.form), *(_modifier(each) for each in node.modifiers)])


def reward_clause(node: Reward, column: int = CLAUSE_COLUMN) -> Doc:
    """A campaign's `reward …` or `take …`."""
    return padded("take" if isinstance(node.form, Take) else "reward", reward(node), column)


def reward_part(node: Reward) -> Doc:
    """The reward of a part of a campaign, outside of the columns of clauses."""
    return reward_clause(node, 0)


def _form(node: Bundle | RewardBy | RewardDraw | Take) -> Doc:
    match node:
        case Bundle():
            return bundle(node)
        case RewardBy(branches, paid):
            rows = [(_branch_head(each), bundle(each.bundle)) for each in branches]
            return phrase(_rows("by", rows), _price(paid))
        case RewardDraw(prizes, paid):
            rows = [(_prize_head(each), bundle(each.bundle)) for each in prizes]
            return phrase(_rows("draw", rows), _price(paid))
        case Take(amount, wallet, rounding):
            return phrase(operand(amount, VALUE), after_number(wallet), _rounded(rounding))
    assert_never(node)


def bundle(node: Bundle) -> Doc:
    """`video_month and 50 points for 500 growth`."""
    first, *more = (_line(each) for each in node.lines)
    rest = [phrase("and", each) for each in more]
    if node.price is not None:
        rest.append(_price(node.price))
    return Group(Align(join(first, *(join(Line(), each) for each in rest))))


def _price(node: Price | None) -> Doc:
    if node is None:
        return NOTHING
    paid = operand(node.amount, VALUE), after_number(node.wallet)
    return phrase("for", *paid, _rounded(node.rounding))


def _rounded(mode: Rounding | None) -> Doc:
    return NOTHING if mode is None else phrase("rounded", mode)


def _line(node: RewardLine) -> Doc:
    match node:
        case BenefitReward(given):
            return name(given)
        case WalletReward(amount, wallet, rounding):
            return phrase(operand(amount, VALUE), after_number(wallet), _rounded(rounding))
        case PerReward(amount, wallet, unit, measure):
            units = phrase(operand(amount, VALUE), after_number(wallet))
            return phrase(units, "per", literal(unit), "of", operand(measure, VALUE))
        case CashReward(amount, form, rounding, cap):
            up_to = NOTHING if cap is None else phrase("up to", literal(cap))
            return phrase(operand(amount, VALUE), "as", name(form), _rounded(rounding), up_to)
        case Choice(count, options, worth):
            up_to = NOTHING if worth is None else phrase("worth up to", literal(worth))
            return phrase(
                "choose", literal(count), "of", listed([name(each) for each in options]), up_to
            )
    assert_never(node)


def _rows(word: str, rows: list[tuple[Doc, Doc]]) -> Doc:
    return phrase(word, block([Indent(row) for row in columned(rows, gap=1)]))


def _branch_head(node: RewardBranch) -> Doc:
    if node.condition is None:
        return join(Word("otherwise"), Word(":"))
    return join(phrase("when", condition(node.condition)), Word(":"))


def _prize_head(node: Prize) -> Doc:
    return join(Word("rest") if node.odds is None else literal(node.odds), Word(":"))


def _modifier(node: RewardModifier) -> Doc:
    match node:
        case RewardTo(recipient):
            return phrase("to", operand(recipient, MOMENT))
        case RewardToEach():
            return phrase("to each")
        case Limit():
            return limit(node)
        case First(count, period):
            return phrase("first", literal(count), _per(period))
        case DeliverOn(day, months):
            return phrase(
                "deliver on day", literal(day), "of month", literal(months), "after event"
            )
        case ClaimedOn(event, where, choice):
            asked = NOTHING if where is None else phrase("where", condition(where))
            return phrase("claimed on", name(event), asked, "by", member(choice))
        case ExpiresAfter():
            return _expires(node)
    assert_never(node)


def limit(node: Limit) -> Doc:
    """`limit 1 per customer and event.bargain_id per month`."""
    whom = Word("customer") if node.key is None else member(node.key)
    second = NOTHING if node.also is None else phrase("and", member(node.also))
    return phrase("limit", literal(node.count), "per", whom, second, _per(node.period))


def pool(node: Pool) -> Doc:
    """A budget of its own: on one line while it says two things or less, and fits."""
    head = Indent(titled("budget", node.name, node.label))
    statements = [budget_statement(each) for each in node.statements]
    if not 0 < len(statements) <= 2:
        return phrase(head, block(statements))
    inside = join(Line(), between(Line(2), statements))
    close = Word("}", closes=True)
    return phrase(head, Group(join(Word("{"), Indent(inside), Line(), close)))


def budget(statements: tuple[BudgetStatement, ...]) -> Doc:
    """A campaign's `budget { … }`."""
    return phrase("budget", block([budget_statement(each) for each in statements]))


def budget_statement(node: BudgetStatement) -> Doc:
    """One line of a budget."""
    return Indent(_budget_statement(node))


def _budget_statement(node: BudgetStatement) -> Doc:
    match node:
        case CapTotal(amount):
            return phrase("total", literal(amount))
        case CapPer(period, amount):
            return phrase("per", period, literal(amount))
        case CapPerCustomer(period, amount):
            return phrase("per customer", _per(period), literal(amount))
        case Stock(count, period):
            return phrase("stock", literal(count), _per(period))
        case Share(percent, audience):
            return phrase("share", literal(percent), "for", name(audience))
        case FromPool(source):
            return phrase("from", name(source))
        case Reserve(percent):
            return phrase("reserve", literal(percent))
        case Alert(percents):
            return phrase("alert at", listed([literal(each) for each in percents]))
        case WhenExhausted(action, instead):
            given = NOTHING if instead is None else bundle(instead)
            return phrase("when exhausted", action, given)
    assert_never(node)
