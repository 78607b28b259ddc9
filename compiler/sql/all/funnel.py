"""The funnel of campaigns: how many customers are left after each condition.

A campaign's own query drops a customer at the first condition that fails. This query keeps every
occasion. For each campaign it adds the number of conditions that hold before the first that fails.
One query so counts many campaigns and reads shared tables once. Past grants and caps are checked by
the ledger.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from sqlglot import exp

from ...dialects.common.terms import all_true, column, is_null, number
from ...dialects.registry import dialect_of
from ...plan import Campaign, EventTrigger, Plan, Reward
from ...plan.demands import Demand, Index, demands
from ...plan.due import Due
from ...plan.steps import Dues, StepKey, step_of
from .. import rewards
from ..ctes import Job, Relation, Script, Statement, Task
from ..decisions import Tail, of_reward, something_given, ticket
from ..facts import Needs
from ..journeys.answers import TO_COUNT
from ..sources import recipients
from ..statement import Written, deep, rendered
from ..translate import condition
from .campaigns import Output, Together, own_columns
from .shared import Shared, remaining_facts

MOST = 1_000
"""Counts of one statement, if it is of several campaigns: PostgreSQL has 1,664 columns at most."""


@dataclass(frozen=True, slots=True)
class Asks:
    """The conditions of a step in the order in which it is decided.

    `demands` are those that the warehouse answers, `gate` those in which past grants have a say,
    which come after everything else. `gives`: whether the reward comes next, which may give
    nothing; `names`: whether somebody else gets it, who must be a customer.
    """

    demands: tuple[Demand, ...]
    gives: bool
    names: bool
    gate: tuple[Demand, ...]

    @property
    def last(self) -> int:
        """The number of them that the warehouse answers."""
        return len(self.demands) + self.gives + self.names


def asks_of(index: Index, campaign: Campaign, named: str | None = None) -> Asks:
    """The conditions of a campaign's step; see `step_of`."""
    step = step_of(campaign, named)
    every = demands(index, campaign, step)
    gate = tuple(one for one in every if index.asks_ledger(one.condition))
    job = tuple(one for one in every if one not in gate)
    reward = step.reward
    return Asks(job, reward is not None, reward is not None and reward.recipient is not None, gate)


@dataclass(frozen=True, slots=True)
class Funnel:
    """A statement with one row. `counts` says of each of its columns whose it is.

    It counts the customers of the step who met so many conditions, each by the best occasion.
    No conditions are met by all who had an occasion.
    """

    query: Written
    counts: tuple[tuple[StepKey, int], ...]


def parts(index: Index, dues: Dues) -> Iterator[dict[StepKey, Due]]:
    """The due steps, in parts that one statement can count."""
    part: dict[StepKey, Due] = {}
    counts = 0
    for key, due in dues.items():
        job = asks_of(index, index.campaign(key.campaign), key.step).last + 1
        if part and counts + job > MOST:
            yield part
            part, counts = {}, 0
        part[key] = due
        counts += job
    if part:
        yield part


def funnel(plan: Plan, dues: Dues, dialect: str = "duckdb") -> Funnel:
    """The counts of campaigns of which something is due."""
    with deep():
        statement, mets = _all_met(plan, dues, dialect)
        counts: list[tuple[StepKey, int]] = []
        made: list[str] = []
        for met in mets:
            made.append(_counted(statement, met, len(counts)))
            counts += [(one.key, n) for one in met.columns for n in range(one.last + 1)]
        last = exp.select("*").from_(exp.to_identifier(made[0]))
        for other in made[1:]:
            last = last.join(exp.to_identifier(other), join_type="cross")
        return Funnel(_written(plan, dues, statement, last), tuple(counts))


@dataclass(frozen=True, slots=True)
class Customers:
    """A statement with a row a customer: the place in `of`, and the customer's key.

    They are the first customers of a step, by their keys, who met at least so many conditions.
    """

    query: Written
    of: tuple[tuple[StepKey, int], ...]


def customers_left(
    plan: Plan, dues: Dues, wanted: Iterable[tuple[StepKey, int]], most: int | None, dialect: str
) -> Customers:
    """The customers of each step and number of conditions that is `wanted`: at most so many."""
    with deep():
        statement, mets = _all_met(plan, dues, dialect)
        found: dict[StepKey, tuple[str, str]] = {}
        for met in mets:
            name = _best(statement, met)
            found |= {one.key: (name, one.name) for one in met.columns}
        of = tuple(wanted)
        selects: list[exp.Query] = []
        for place, (key, count) in enumerate(of):
            relation, met_name = found[key]
            enough = exp.GTE(this=column(met_name), expression=number(count))
            shown = (exp.alias_(number(place), "place"), column("customer"))
            first = exp.select(*shown).from_(exp.to_identifier(relation)).where(enough)
            if most is not None:
                first = first.order_by(column("customer")).limit(most)
            selects.append(exp.select("*").from_(first.subquery(f"first_{place}")))
        every = selects[0]
        for other in selects[1:]:
            every = exp.union(every, other, distinct=False, copy=False)
        last = exp.select("*").from_(exp.Subquery(this=every, alias=exp.to_identifier("firsts")))
        return Customers(_written(plan, dues, statement, last), of)


def _all_met(plan: Plan, dues: Dues, dialect: str) -> tuple[Statement, list[_Met]]:
    """The statement so far, and its relations with how many conditions are met."""
    output = Output(_needs, lambda *_: None, _no_rows, lambda *_: None, TO_COUNT, _events_of_task)
    together = Together.of(plan, dues, dialect_of(dialect).of_many(), output)
    statement = together.statement
    return statement, [_met(statement, shared) for shared in together.found.shared]


def _written(plan: Plan, dues: Dues, statement: Statement, last: exp.Select) -> Written:
    campaigns = len({key.campaign for key in dues})
    title = f"where customers of {campaigns} campaigns of {plan.project} were lost"
    return rendered(statement.query(last, title), statement.dialect, plan)


def _events_of_task(job: Job) -> Job:
    """Every event that may do a task is an occasion of it; of `all done` only the last ones are."""
    trigger = job.step.trigger
    if not isinstance(trigger, EventTrigger) or trigger.task is None:
        return job
    return replace(job, step=replace(job.step, trigger=replace(trigger, task=None)))


def _needs(index: Index, job: Job) -> Needs:
    asks = asks_of(index, *_named(job))
    return Needs((), [*(one.condition for one in asks.demands), *of_reward(job)], ())


def _named(job: Job) -> tuple[Campaign, str]:
    return job.campaign, job.step.name


def _no_rows(*_: object) -> Tail:
    raise LookupError("a funnel has no rows of decisions")


@dataclass(frozen=True, slots=True)
class _Column:
    """The column with how many of its conditions a step's occasion meets, of `last` in all.

    NULL: the occasion is not the step's.
    """

    key: StepKey
    last: int
    name: str


@dataclass(frozen=True, slots=True)
class _Met:
    """The relation of occasions. `several`: a customer may have several of them."""

    relation: str
    columns: tuple[_Column, ...]
    several: bool


def _met(statement: Statement, shared: Shared) -> _Met:
    """How many conditions of each of these campaigns are met before the first that is missed."""
    task, known = shared.task, Relation(shared.facts.name, remaining_facts(shared, shared.needs))
    titles = own_columns(shared, known)
    if not isinstance(titles[0], exp.Star):
        titles += map(column, shared.flags)
    select = exp.select(*titles).from_(exp.to_identifier(known.name))
    relation = Relation(statement.add("occasions", select, "every occasion"), known.terms)
    shown: list[exp.Expr] = [column("customer")]
    columns: list[_Column] = []
    others: list[tuple[Reward, str, str]] = []
    for job, flag in zip(shared.jobs, shared.flags, strict=True):
        name = job.campaign.name
        met = statement.names.give(("met", job.key), f"met_{name}")
        asks, reward = asks_of(task.index, *_named(job)), job.step.reward
        passed = exp.Case().when(column(flag), _passed(task, job, asks, relation))
        shown.append(exp.alias_(passed, met))
        columns.append(_Column(job.key, asks.last, met))
        if reward is not None and asks.names:
            who = statement.names.give(("who", job.key), f"who_{name}")
            recipient = rewards.recipient_of(reward, relation.scope(task), column("customer"))
            shown.append(exp.alias_(recipient, who))
            others.append((reward, met, who))
    every = exp.select(*shown).from_(exp.to_identifier(relation.name))
    made = statement.add("met", every, "how many conditions are met")
    for reward, met, who in others:
        place = next(place for place, one in enumerate(columns) if one.name == met)
        made, columns[place] = _let(Script(task, statement), made, reward, columns[place], who)
    several = not task.is_scheduled or len(task.due.instants) > 1
    return _Met(made, tuple(columns), several)


def _passed(task: Task, job: Job, asks: Asks, relation: Relation) -> exp.Expr:
    """How many conditions hold before the first that does not, but for that of the recipient."""
    scope, reward = relation.scope(task), job.step.reward
    conditions = [condition(one.condition, scope) for one in asks.demands]
    if reward is not None:
        given = _gives(task, job, reward, relation)
        conditions.append(all_true(*given) if given else exp.true())
    if not conditions:
        return number(0)
    chosen = exp.Case()
    for place, one in enumerate(conditions):
        sure = exp.Coalesce(this=one, expressions=[exp.false()])
        chosen = chosen.when(exp.Not(this=sure), number(place), copy=False)
    return chosen.else_(number(len(conditions)))


def _gives(task: Task, job: Job, reward: Reward, relation: Relation) -> list[exp.Expr]:
    """That the reward gives something, without columns for its branch and its amounts."""
    scope = relation.scope(task)
    drawn = ticket(task, job, column("customer"), column("occurrence"))
    made = rewards.amounts(reward, scope, task.goods)
    known = {one.name: one.term.expression for one in made}
    known["branch"] = rewards.branch_of(reward, scope, drawn)

    def written(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Column) and not node.table and node.name in known:
            return exp.Paren(this=known[node.name].copy())
        return node

    return [one.transform(written) for one in something_given(task, reward, relation, None)]


def _let(
    script: Script, relation: str, reward: Reward, met: _Column, who: str
) -> tuple[str, _Column]:
    """One more is met where `who` is a customer whom compliance lets have the reward."""
    found = exp.alias_(exp.Subquery(this=recipients(script, reward)), "found", table=True)
    same = exp.EQ(this=column("customer", "found"), expression=column(who, relation))
    before = exp.EQ(this=column(met.name, relation), expression=number(met.last - 1))
    is_found = exp.Not(this=is_null(column("customer", "found")))
    chosen = exp.Case().when(all_true(before, is_found), number(met.last))
    let = script.statement.names.give(("let", met.key), f"let_{met.key.campaign}")
    shown = exp.alias_(chosen.else_(column(met.name, relation)), let)
    every = exp.Column(this=exp.Star(), table=exp.to_identifier(relation))
    select = exp.select(every, shown).from_(exp.to_identifier(relation))
    select = select.join(found, on=same, join_type="left")
    return script.add("let", select, "recipients"), _Column(met.key, met.last, let)


def _best(statement: Statement, met: _Met) -> str:
    """The relation with a row a customer, of the best of several occasions."""
    if not met.several:
        return met.relation
    best = [exp.alias_(exp.Max(this=column(one.name)), one.name) for one in met.columns]
    own = exp.select(column("customer"), *best)
    each = own.from_(exp.to_identifier(met.relation)).group_by(column("customer"))
    return statement.add("best", each, "the best occasion of each customer")


def _counted(statement: Statement, met: _Met, first: int) -> str:
    """One row: of each campaign, for each number of conditions, who met so many."""
    name = _best(statement, met)
    shown: list[exp.Expr] = []
    for one in met.columns:
        for n in range(one.last + 1):
            count = _count(statement, column(one.name), n)
            shown.append(exp.alias_(count, f"count_{first + len(shown)}"))
    counted = exp.select(*shown).from_(exp.to_identifier(name))
    return statement.add("counted", counted, "how many customers are left")


def _count(statement: Statement, met: exp.Expr, least: int) -> exp.Expr:
    """How many met at least so many conditions.

    There are hundreds of these: without CASEs DuckDB takes a tenth less for the whole statement
    (`bench/ahead.py`).
    """
    if not least:
        return exp.Count(this=met)
    enough = exp.GTE(this=met, expression=number(least))
    if statement.dialect.counts_truths:
        # It is NULL where there are no rows.
        return exp.Coalesce(this=exp.CountIf(this=enough), expressions=[number(0)])
    return exp.Count(this=exp.Case().when(enough, number(1)))
