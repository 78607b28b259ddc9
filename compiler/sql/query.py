"""The decisions of a campaign as one SQL statement, read from the plan.

`decisions` is what people read and run: one row for each reward line, with the ledger's names.
`candidates` is what the runtime asks: one row for each decision, with all that it needs to go on.
What caps then allow is the ledger's to say.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlglot import exp

from ..chance import DIGITS, threshold
from ..expressions import Expression
from ..plan import CashLine, EventTrigger, GrantCount, Plan, RewardLine, WalletLine
from ..types import BOOLEAN, DECIMAL, INTEGER, TEXT, TIMESTAMP, ValueType
from . import rewards
from .build import Relation, Script, Task
from .comments import place
from .dialects import dialect_of
from .due import Due
from .facts import candidates as candidates_of
from .moments import Moments
from .names import Names
from .needs import Demand, Index, demands
from .terms import column, is_null, number, text
from .translate import Key, as_text, value

_OWN = ("customer", "occurrence", "moment", "today", "recipient", "held_out", "share", "branch")
_DEPTH = 60_000


def decisions(plan: Plan, campaign: str, due: Due, dialect: str = "duckdb") -> str:
    """The readable SQL of a campaign's decisions in a stretch of time.

    Columns campaign, step, recipient, occurrence, at (UTC), reward, amount, currency; one row for
    each reward line, one with NULLs for a decision of messages alone; in the order of decisions,
    without the customers held out. `received(…)` looks at the table
    `campaigner_grants(campaign, recipient, occurrence, reward, at)`, a row for each line that was
    granted. The session's zone must be UTC.
    """
    with _deep():
        task = _task(plan, campaign, due, dialect)
        script = Script(task)
        demanded = demands(task.index, task.campaign, task.step)
        relation = candidates_of(script, demanded, _asked(task), _shares(task))
        relation = _rewarded(script, relation, with_fallback=False)
        return _written(script, _public(script, relation))


@dataclass(frozen=True, slots=True)
class Query:
    """A statement; the names of its columns in full, which an engine may have to cut short; and
    the types of what stands in them, whatever an engine keeps them as."""

    sql: str
    columns: tuple[str, ...]
    types: tuple[ValueType, ...]


def candidates(plan: Plan, campaign: str, due: Due, dialect: str = "duckdb") -> str:
    """The SQL of `candidates_query`."""
    return candidates_query(plan, campaign, due, dialect).sql


def candidates_query(plan: Plan, campaign: str, due: Due, dialect: str = "duckdb") -> Query:
    """The decisions that the runtime puts to the ledger, in their order.

    Columns: customer, recipient, occurrence (text), at (TIMESTAMP in UTC), held_out, share (index
    or NULL), branch (index, NULL without reward), `amount_{branch}_{line}` of each wallet or cash
    line, `fallback_{line}` likewise, `key_{field}` of each field of the event that limits count by,
    `value_{i}` of the i-th variable of the messages (sorted by name), both as `values.encode` has
    it; where `residual` has conditions, `feature_{id}` and `event_{field}` of what these need.
    """
    with _deep():
        return _candidates(_task(plan, campaign, due, dialect))


def _candidates(task: Task) -> Query:
    index, script = task.index, Script(task)
    every = demands(index, task.campaign, task.step)
    demanded = [one for one in every if not index.asks_ledger(one.condition)]
    left = [one for one in every if index.asks_ledger(one.condition)]
    facts = _facts_of(index, left)
    asked = [*_asked(task), *_messages(task).values()]
    asked.extend(_expressions(task.campaign.when_exhausted.lines))
    counted = [("event", field) for field in _counted(task)]
    relation = candidates_of(script, demanded, asked, [*_shares(task), *counted, *facts])
    relation = _rewarded(script, relation, with_fallback=True)
    shown = _internal(script, relation, facts)
    titles, names = tuple(name for name, _, _ in shown), Names((), task.dialect.longest_name)
    columns = [_named(one, names.give(name, name)) for name, _, one in shown]
    select = exp.select(*columns).from_(exp.to_identifier(relation.name))
    select = _ordered(task, select.where(*_decided(task, relation)), None)
    return Query(_written(script, select), titles, tuple(type_ for _, type_, _ in shown))


def _named(value: exp.Expr, name: str) -> exp.Expr:
    if isinstance(value, exp.Column) and value.name == name:
        return value
    return exp.alias_(value, name, quoted=name == "at" or None)


def _task(plan: Plan, campaign: str, due: Due, dialect: str) -> Task:
    index = Index(plan)
    chosen = index.campaign(campaign)
    tables = [plan.customers.table, *(event.table for event in plan.events)]
    engine, step, moments = dialect_of(dialect), chosen.steps[0], None
    hidden = tables[1:] if engine.reads_what_it_hides else tables
    own = [table.split(".")[-1] for table in hidden]
    names = Names((*_OWN, *own), engine.longest_name)
    if not isinstance(step.trigger, EventTrigger):
        moments = Moments(due.instants, plan.time_zone, names)
    return Task(index, chosen, step, due, engine, names, moments)


def _written(script: Script, last: exp.Select) -> str:
    campaign = script.task.campaign
    title = f"decisions of {campaign.name} {campaign.label}: {place(campaign.origin)}"
    dialect = script.task.dialect
    query = dialect.finished(script.query(last, title))
    return query.sql(dialect.sqlglot, pretty=True)


@contextmanager
def _deep() -> Iterator[None]:
    """Room for the deepest condition that the language allows.

    A level of the author's nesting is a dozen levels of SQL, and several calls of Python each.
    """
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, _DEPTH))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


# --- what is asked for --------------------------------------------------------------------------


def _asked(task: Task) -> list[Expression]:
    """The expressions of the reward."""
    reward = task.step.reward
    if reward is None:
        return []
    asked = [branch.condition for branch in reward.branches if branch.condition is not None]
    for branch in reward.branches:
        asked.extend(_expressions(branch.lines))
    return [*asked, reward.recipient] if reward.recipient is not None else asked


def _expressions(lines: Sequence[RewardLine]) -> Iterator[Expression]:
    return (line.amount for line in lines if isinstance(line, WalletLine | CashLine))


def _shares(task: Task) -> list[Key]:
    return [("audience", share.audience) for share in task.campaign.shares]


def _messages(task: Task) -> dict[str, Expression]:
    """The variables of the step's messages that come from data, sorted by name."""
    found = {one.name: one.value for message in task.step.messages for one in message.values}
    return {name: found[name] for name in sorted(found)}


def _counted(task: Task) -> list[str]:
    """The event's fields that limits of the step count by."""
    charged = {charge.account for charge in task.step.charges}
    keys = {account.key for account in task.plan.accounts if account.id in charged}
    return sorted(key for key in keys if key is not None and key != "customer")


def _facts_of(index: Index, left: Sequence[Demand]) -> list[Key]:
    """What the conditions that are left need beside past grants."""
    return [
        (kind, name)
        for kind, name in index.closure(one.condition for one in left)
        if kind == "event"
        or (kind == "feature" and not isinstance(index.features[name], GrantCount))
    ]


# --- the last CTE and the result ----------------------------------------------------------------


def _rewarded(script: Script, relation: Relation, *, with_fallback: bool) -> Relation:
    """Who gets what: recipient, hold-out, share, branch and amounts beside all facts."""
    task, scope = script.task, relation.scope(script.task)
    reward = task.step.reward
    customer = relation.column("customer")
    columns = [
        exp.alias_(rewards.recipient_of(reward, scope, customer), "recipient"),
        exp.alias_(_held_out(task, customer), "held_out"),
    ]
    if task.campaign.shares:
        share = rewards.share_of(task.campaign.shares, scope)
        columns.append(exp.alias_(share, "share"))
    origin = task.campaign.origin
    if reward is not None:
        origin = reward.origin
        drawn = _ticket(task, "draw", customer, relation.column("occurrence"))
        columns.append(exp.alias_(rewards.branch_of(reward, scope, drawn), "branch"))
        columns.extend(
            exp.alias_(one.term.expression, one.name) for one in rewards.amounts(reward, scope)
        )
    if with_fallback:
        lines = rewards.fallbacks(task.campaign.when_exhausted.lines, scope)
        columns.extend(exp.alias_(term.expression, name) for name, term in lines)
    name = script.add("reward", relation.select(task, columns), f"reward: {place(origin)}")
    return relation.after(name, {})


def _held_out(task: Task, customer: exp.Expr) -> exp.Expr:
    """Whether the customer is one of those who get nothing, so that the effect can be measured."""
    holdout = task.campaign.holdout
    if holdout <= 0:
        return exp.false()
    return exp.LT(this=_ticket(task, "holdout", customer), expression=text(threshold(holdout)))


def _ticket(task: Task, what: str, *of: exp.Expr) -> exp.Expr:
    """The text that decides by chance: the first digits of a hash, whose seed is the step."""
    pieces: list[exp.Expr] = [text(f"{what}/{task.campaign.name}/{task.step.name}")]
    for one in of:
        pieces += [text("/"), one.copy()]
    hashed = task.dialect.md5(task.dialect.joined(*pieces))
    first = exp.Substring(this=hashed, start=number(1), length=number(DIGITS))
    return task.dialect.ordered(first, TEXT)


def _decided(task: Task, relation: Relation, own: str | None = None) -> list[exp.Expr]:
    """That something comes to somebody."""
    reward = task.step.reward
    if reward is None:
        return []
    conditions: list[exp.Expr] = []
    if not reward.branches[-1].always:
        conditions.append(_is_known("branch", own))
    scope = relation.scope(task)
    made = list(rewards.amounts(reward, scope))
    worth = rewards.worth_something(reward, made, scope, own)
    if worth is not None:
        conditions.append(worth)
    if reward.recipient is not None:
        conditions.append(_is_known("recipient", own))
    return conditions


def _is_known(name: str, relation: str | None) -> exp.Expr:
    return exp.Not(this=is_null(column(name, relation)))


def _ordered(task: Task, select: exp.Select, relation: str | None) -> exp.Select:
    """In the order in which the ledger takes them."""
    turns: list[exp.Expr] = [column("moment", relation)]
    if isinstance(task.step.trigger, EventTrigger):
        turns.append(task.dialect.ordered(column("occurrence", relation), TEXT))
        if task.step.reward is not None and task.step.reward.each:
            turns.append(task.dialect.ordered(column("customer", relation), TEXT))
    else:
        if task.campaign.shares:
            turns.append(column("share", relation))
        seed = text(f"/{task.campaign.name}")
        hashed = task.dialect.joined(column("customer", relation), seed)
        turns.append(task.dialect.ordered(task.dialect.md5(hashed), TEXT))
    return select.order_by(*(exp.Ordered(this=turn, nulls_first=False) for turn in turns))


def _internal(
    script: Script, relation: Relation, facts: Sequence[Key]
) -> list[tuple[str, ValueType, exp.Expr]]:
    """The columns that the runtime reads: name, type and value."""
    task, scope = script.task, relation.scope(script.task)
    reward, dialect = task.step.reward, task.dialect
    nothing = exp.cast(exp.Null(), exp.DataType.Type.INT)
    share = column("share") if task.campaign.shares else nothing
    branch = nothing.copy() if reward is None else column("branch")
    shown: list[tuple[str, ValueType, exp.Expr]] = [
        *((name, TEXT, column(name)) for name in ("customer", "recipient", "occurrence")),
        ("at", TIMESTAMP, column("moment")),
        ("held_out", BOOLEAN, column("held_out")),
        ("share", INTEGER, share),
        ("branch", INTEGER, branch),
    ]
    if reward is not None:
        made = rewards.amounts(reward, scope)
        shown.extend((one.name, one.term.type, column(one.name)) for one in made)
    fallback = rewards.fallbacks(task.campaign.when_exhausted.lines, scope)
    shown.extend((name, term.type, column(name)) for name, term in fallback)
    for field in _counted(task):
        known = as_text(dialect, scope.terms["event", field])
        shown.append((f"key_{field}", TEXT, known))
    for place_, variable in enumerate(_messages(task).values()):
        known = as_text(dialect, value(variable, scope))
        shown.append((f"value_{place_}", TEXT, known))
    for key in facts:
        term = scope.terms[key]
        shown.append((f"{key[0]}_{key[1]}", term.type, term.expression.copy()))
    return shown


def _public(script: Script, relation: Relation) -> exp.Select:
    task = script.task
    values = {benefit.name: benefit.value for benefit in task.plan.benefits}
    reward, currency = task.step.reward, task.plan.currency
    lines = [] if reward is None else list(rewards.public_lines(reward, values, currency))
    each = None
    if reward is not None and len(lines) > 1:
        table = rewards.lines_table(task.dialect, lines)
        each = script.add("reward_lines", table, f"reward, line by line: {place(reward.origin)}")
    own = relation.name if each else None
    columns: list[exp.Expr] = [
        exp.alias_(text(task.campaign.name), "campaign"),
        exp.alias_(text(task.step.name), "step"),
        column("recipient", own),
        column("occurrence", own),
        exp.alias_(column("moment", own), "at", quoted=True),
        *_line_columns(task, lines, each, relation.name),
    ]
    select = exp.select(*columns).from_(exp.to_identifier(relation.name))
    if each:
        same = exp.EQ(this=column("branch", each), expression=column("branch", own))
        select = select.join(exp.to_identifier(each), on=same)
    conditions = _decided(task, relation, own)
    if task.campaign.holdout > 0:
        conditions.append(exp.Not(this=column("held_out", own)))
    select = _ordered(task, select.where(*conditions), own)
    return select.order_by(column("line", each)) if each else select


def _line_columns(
    task: Task, lines: Sequence[rewards.PublicLine], each: str | None, decided: str
) -> list[exp.Expr]:
    if each:
        amount = rewards.amount_of_line(lines, each, decided)
        shown = [column("reward", each), exp.alias_(amount, "amount"), column("currency", each)]
        return list(shown)
    if not lines:
        empty = exp.cast(exp.Null(), task.dialect.text_type())
        none = exp.cast(exp.Null(), task.dialect.type_of(DECIMAL))
        named = (("reward", empty), ("amount", none), ("currency", empty.copy()))
        return [exp.alias_(written, name) for name, written in named]
    line = lines[0]
    return [
        exp.alias_(text(line.reward), "reward"),
        exp.alias_(rewards.line_amount(task.dialect, line), "amount"),
        exp.alias_(text(line.currency), "currency"),
    ]
