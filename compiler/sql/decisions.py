"""From the facts about each occasion to decisions: who gets what, in which order, which columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from sqlglot import exp

from ..dialects.common.dialect import Dialect
from ..dialects.common.literals import as_text
from ..dialects.common.terms import column, is_null, text
from ..operators.sql_hashes import digits_of, hashed_text
from ..plan import LedgerFeature, Reward, RewardLine
from ..plan.chance import PROJECT, joined, threshold
from ..plan.demands import Demand, Index, Key, demands, field_key, kept_fields
from ..plan.expressions import Expression
from ..plan.steps import UNNAMED
from ..plan.triggers import TIMES
from ..plan.types import BOOLEAN, DECIMAL, INTEGER, TEXT, TIMESTAMP, ValueType
from . import rewards
from .comments import place
from .ctes import Job, Relation, Script, Task
from .facts import Needs
from .seeds import seed
from .sources import recipients
from .translate import value

TIMES_COLUMN = "times"
ENDED_COLUMN = "ended"
"""Whether a journey ends at the step; NULL if the ledger has a say in it."""


@dataclass(frozen=True, slots=True)
class Tail:
    """A campaign's rows, and their sort keys.

    The keys in order: instant, share (an index), text, member of a group (text) and reward line.
    The share, member and line are `None` if the campaign has none.
    """

    select: exp.Select
    moment: exp.Expr
    share: exp.Expr | None
    text: exp.Expr
    member: exp.Expr | None
    line: exp.Expr | None

    def in_order(self, dialect: Dialect) -> exp.Select:
        """The rows in the order in which the ledger takes them."""
        first = dialect.ordered(self.text.copy(), TEXT)
        then = None if self.member is None else dialect.ordered(self.member.copy(), TEXT)
        every = (self.moment, self.share, first, then, self.line)
        turns = [one for one in every if one is not None]
        return self.select.order_by(*(exp.Ordered(this=turn, nulls_first=False) for turn in turns))


@dataclass(frozen=True, slots=True)
class Column:
    """A column that the runtime reads."""

    name: str
    type: ValueType
    value: exp.Expr


# --- what is asked for --------------------------------------------------------------------------


def needs_to_show(index: Index, job: Job) -> Needs:
    """The facts for the readable SQL of a campaign."""
    demanded = demanded_of(index, job)
    return Needs(demanded, of_reward(job), _shares(job))


def needs_to_run(index: Index, job: Job) -> Needs:
    """The facts for the runtime, which evaluates conditions on the ledger itself."""
    every = demanded_of(index, job)
    demanded = [one for one in every if not index.asks_ledger(one.condition)]
    expressions = [*of_reward(job), *_messages(job).values()]
    expressions.extend(_expressions(job.campaign.when_exhausted.lines))
    counted = [field_key(field) for field in _counted(index, job)]
    own = [*_shares(job), *counted, *_times(job), *_runtime_facts(index, job)]
    return Needs(demanded, expressions, own)


def demanded_of(index: Index, job: Job) -> tuple[Demand, ...]:
    """The conditions of a step; wherever a later step comes, those of its trigger are met."""
    every = demands(index, job.campaign, job.step)
    return tuple(one for one in every if not (job.is_later and one.clause == "trigger"))


def of_reward(job: Job) -> list[Expression]:
    """The expressions of the reward."""
    reward = job.step.reward
    if reward is None:
        return []
    computed = [branch.condition for branch in reward.branches if branch.condition is not None]
    for branch in reward.branches:
        computed.extend(_expressions(branch.lines))
    return [*computed, reward.recipient] if reward.recipient is not None else computed


def _expressions(lines: Sequence[RewardLine]) -> Iterator[Expression]:
    return (line.amount for line in lines if line.amount is not None)


def _shares(job: Job) -> list[Key]:
    return [("audience", share.audience) for share in job.campaign.shares]


def _messages(job: Job) -> dict[str, Expression]:
    """The variables of the step's messages that come from data, sorted by name."""
    found = {one.name: one.value for message in job.step.messages for one in message.values}
    return {name: found[name] for name in sorted(found)}


def has_own_columns(index: Index, job: Job) -> bool:
    """Whether the runtime reads columns of the data in addition to the reward."""
    facts = _messages(job) or _counted(index, job) or _times(job) or _runtime_facts(index, job)
    return bool(facts) or job.may_end


def _counted(index: Index, job: Job) -> list[str]:
    """The fields that a decision keeps."""
    return kept_fields(index.plan.accounts, job.campaign, job.step)


def _times(job: Job) -> list[Key]:
    """How many multiples of a sum the event crossed, of which the ledger may have paid some."""
    several = job.pattern is not None and job.pattern.crosses_several
    return [("event", TIMES)] if several else []


def _runtime_facts(index: Index, job: Job) -> list[Key]:
    """The facts, apart from past grants, that the runtime's own conditions read."""
    every = demands(index, job.campaign, job.step)
    left = [one.condition for one in every if index.asks_ledger(one.condition)]
    return [
        (kind, name)
        for kind, name in index.closure(left)
        if kind == "event"
        or (kind == "feature" and not isinstance(index.features[name], LedgerFeature))
    ]


# --- the last CTE and the result ----------------------------------------------------------------


def given(script: Script, job: Job, relation: Relation) -> tuple[Relation, list[exp.Expr]]:
    """The decisions of a step, and the condition that one gives anything to who is not held out."""
    held = job.campaign.holds_out and not job.is_later
    if job.step.reward is None and not held:
        return relation, []
    plain = replace(job, campaign=replace(job.campaign, shares=()))
    relation = _rewarded(script, plain, relation, with_fallback=False)
    conditions = _decided(script, plain, relation, None)
    return relation, [*conditions, *([exp.Not(this=column("held_out"))] if held else [])]


def _rewarded(script: Script, job: Job, relation: Relation, *, with_fallback: bool) -> Relation:
    """Add recipient, holdout, share, branch and amounts to all facts."""
    task, scope = script.task, relation.scope(script.task)
    reward = job.step.reward
    customer = relation.column("customer")
    columns = [
        exp.alias_(rewards.recipient_of(reward, scope, customer), "recipient"),
        exp.alias_(held_out(task, job, customer), "held_out"),
    ]
    if job.campaign.shares:
        share = rewards.share_of(job.campaign.shares, scope)
        columns.append(exp.alias_(share, "share"))
    origin = job.campaign.origin
    if reward is not None:
        origin = reward.origin
        drawn = ticket(task, job, customer, relation.column("occurrence"))
        columns.append(exp.alias_(rewards.branch_of(reward, scope, drawn), "branch"))
        made = rewards.amounts(reward, scope, task.goods)
        columns.extend(exp.alias_(one.term.expression, one.name) for one in made)
    if with_fallback:
        lines = rewards.fallbacks(job.campaign.when_exhausted.lines, scope, task.goods)
        columns.extend(exp.alias_(term.expression, name) for name, term in lines)
    name = script.add("reward", relation.select(task, columns), f"reward: {place(origin)}")
    return relation.after(name, {})


def held_out(task: Task, job: Job, customer: exp.Expr) -> exp.Expr:
    """Whether the customer is one of those who get nothing, so that the effect can be measured."""
    campaign = job.campaign
    parts = ((campaign.holdout, campaign.name, UNNAMED), (campaign.project_holdout, "", PROJECT))
    below = [_is_below(task.dialect, *one, customer) for one in parts if one[0] > 0]
    return exp.or_(*below) if below else exp.false()


def _is_below(
    dialect: Dialect, part: Decimal, campaign: str, step: str, customer: exp.Expr
) -> exp.Expr:
    begin = text(joined("holdout", campaign, step, ""))
    hashed = digits_of(dialect, hashed_text(dialect, begin, customer))
    return exp.LT(this=hashed, expression=text(threshold(part)))


def ticket(task: Task, job: Job, customer: exp.Expr, occurrence: exp.Expr) -> exp.Expr:
    """The ticket of a customer as text; NULL if the reward has no draw. See `chance.ticket`."""
    if job.step.reward is None or not job.step.reward.draws:
        return exp.Null()
    dialect = task.dialect
    names = (job.campaign.name, job.step.name, "")
    begin: exp.Expr = text(joined("draw", *names))
    if task.plan.seeded:
        begin = dialect.joined(
            text(joined("draw", "")), seed(dialect, job.campaign.name), text(joined("", *names))
        )
    return digits_of(dialect, hashed_text(dialect, begin, customer, occurrence))


def _decided(script: Script, job: Job, relation: Relation, name: str | None) -> list[exp.Expr]:
    """The condition that the decision gives anything to a valid recipient. `name` qualifies
    columns."""
    reward = job.step.reward
    conditions = something_given(script.task, reward, relation, name)
    if reward is not None and reward.recipient is not None:
        allowed = exp.Subquery(this=recipients(script, reward))
        conditions.append(exp.In(this=column("recipient", name), query=allowed))
    return conditions


def something_given(
    task: Task, reward: Reward | None, relation: Relation, name: str | None
) -> list[exp.Expr]:
    """The condition that a branch is chosen, all of whose lines give something."""
    if reward is None:
        return []
    conditions = [] if reward.branches[-1].always else [_is_known("branch", name)]
    scope = relation.scope(task)
    made = list(rewards.amounts(reward, scope, task.goods))
    worth = rewards.worth_something(reward, made, scope, name)
    return conditions if worth is None else [*conditions, worth]


def _is_known(name: str, relation: str | None) -> exp.Expr:
    return exp.Not(this=is_null(column(name, relation)))


def _tail(
    task: Task, job: Job, select: exp.Select, relation: str | None, line: exp.Expr | None = None
) -> Tail:
    moment = column("moment", relation)
    if not job.is_scheduled:
        each = job.step.reward is not None and job.step.reward.each
        own = not job.step.trigger.is_keyed or job.timer is not None or job.is_later
        member = column("customer", relation) if each or own else None
        return Tail(select, moment, None, column("occurrence", relation), member, line)
    share = column("share", relation) if job.campaign.shares else None
    begin = text(joined("order", job.campaign.name, ""))
    of = (column("occurrence", relation), column("customer", relation))
    hashed = hashed_text(task.dialect, begin, *of)
    return Tail(select, moment, share, hashed, None, line)


def to_run(script: Script, job: Job, relation: Relation) -> tuple[Tail, list[Column]]:
    """The decisions of a campaign, with the columns that the runtime reads."""
    relation = _rewarded(script, job, relation, with_fallback=True)
    task, scope = script.task, relation.scope(script.task)
    reward, dialect = job.step.reward, task.dialect
    nothing = exp.cast(exp.Null(), exp.DataType.Type.INT)
    columns = [
        *(Column(name, TEXT, column(name)) for name in ("customer", "recipient", "occurrence")),
        Column("at", TIMESTAMP, column("moment")),
        Column("held_out", BOOLEAN, column("held_out")),
        Column("share", INTEGER, column("share") if job.campaign.shares else nothing),
        Column("branch", INTEGER, nothing.copy() if reward is None else column("branch")),
    ]
    if reward is not None:
        made = rewards.amounts(reward, scope, task.goods)
        columns.extend(Column(one.name, one.term.type, column(one.name)) for one in made)
    fallback = rewards.fallbacks(job.campaign.when_exhausted.lines, scope, task.goods)
    columns.extend(Column(name, term.type, column(name)) for name, term in fallback)
    for field in _counted(task.index, job):
        known = as_text(dialect, scope.terms[field_key(field)])
        columns.append(Column(f"key_{field}", TEXT, known))
    for place_, variable in enumerate(_messages(job).values()):
        known = as_text(dialect, value(variable, scope))
        columns.append(Column(f"value_{place_}", TEXT, known))
    columns.extend(
        Column(TIMES_COLUMN, INTEGER, scope.terms[key].expression.copy()) for key in _times(job)
    )
    if job.may_end:
        columns.append(Column(ENDED_COLUMN, BOOLEAN, exp.false()))
    for key in _runtime_facts(task.index, job):
        term = scope.terms[key]
        columns.append(Column(f"{key[0]}_{key[1]}", term.type, term.expression.copy()))
    select = exp.select().from_(exp.to_identifier(relation.name))
    select = select.where(*_decided(script, job, relation, None))
    return _tail(task, job, select, None), columns


def to_show(script: Script, job: Job, relation: Relation) -> Tail:
    """The decisions of a campaign as people read them, a row for each line of the reward."""
    task = script.task
    relation = _rewarded(script, job, relation, with_fallback=False)
    reward = job.step.reward
    lines = []
    if reward is not None:
        lines = list(rewards.public_lines(reward, task.goods, relation.scope(task)))
    each = None
    if reward is not None and len(lines) > 1:
        table = rewards.lines_table(task.dialect, lines)
        each = script.add("reward_lines", table, f"reward, line by line: {place(reward.origin)}")
    name = relation.name if each else None
    columns: list[exp.Expr] = [
        exp.alias_(text(job.campaign.name), "campaign"),
        exp.alias_(text(job.step.name), "step"),
        column("recipient", name),
        column("occurrence", name),
        exp.alias_(column("moment", name), "at", quoted=True),
        *_line_columns(task, lines, each, relation.name),
    ]
    select = exp.select(*columns).from_(exp.to_identifier(relation.name))
    if each:
        same = exp.EQ(this=column("branch", each), expression=column("branch", name))
        select = select.join(exp.to_identifier(each), on=same)
    conditions = _decided(script, job, relation, name)
    if job.campaign.holds_out:
        # Else an engine works out the hash of everybody, before it leaves out whom it can.
        script.statement.materialized[relation.name] = True
        conditions.append(exp.Not(this=column("held_out", name)))
    select = select.where(*conditions)
    return _tail(task, job, select, name, column("line", each) if each else None)


def _line_columns(
    task: Task, lines: Sequence[rewards.PublicLine], each: str | None, decided: str
) -> list[exp.Expr]:
    if each:
        amount = rewards.amount_of_line(task.dialect, lines, each, decided)
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
