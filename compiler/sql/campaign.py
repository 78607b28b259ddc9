"""The decisions of a campaign as one SQL statement, read from the plan.

`decisions` is what people read and run: one row for each reward line, with the ledger's names.
`candidates` is what the runtime asks: one row for each decision, with all that it needs to go on.
What caps then allow is the ledger's to say. `all/campaigns.py` does it for many.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlglot import exp

from ..dialects.common.names import Names
from ..dialects.common.terms import column, text
from ..dialects.registry import dialect_of
from ..plan import Plan
from ..plan.demands import Index
from ..plan.due import Due
from ..plan.steps import step_of
from ..plan.types import TEXT, ValueType
from .comments import place
from .ctes import Job, Script, Statement, Task
from .decisions import Tail, needs_to_run, needs_to_show, to_run, to_show
from .facts import candidates as candidates_of
from .facts import timers_of
from .journeys.answers import TO_RUN, TO_SHOW
from .journeys.endings import endings
from .journeys.occasions import occasions_of
from .statement import Written, deep, names_of, rendered


def decisions(
    plan: Plan, campaign: str, due: Due, dialect: str = "duckdb", *, step: str | None = None
) -> str:
    """The readable SQL of the decisions of a campaign's step in a period.

    Columns: campaign, step, recipient, occurrence, at (UTC), reward, amount, currency. Each reward
    line is a row; a decision of messages alone is a row with NULLs. Rows are in the order of
    decisions and leave out the holdout. `received(…)` reads the table `campaigner_grants(campaign,
    step, recipient, occurrence, reward, at)`, one row per granted line, and `balance(…)` the table
    `campaigner_balances(customer, wallet, amount, at)`, one row per change of a wallet. The
    session's time zone must be UTC. `LookupError` without `step` if the campaign has several.
    """
    with deep():
        script = _script(plan, campaign, step, due, dialect)
        (job,) = script.task.jobs
        come = occasions_of(script, TO_SHOW)
        relation = candidates_of(script, needs_to_show(script.task.index, job), come)
        tail = to_show(script, job, relation)
        return _statement(script, job, tail.in_order(script.task.dialect)).sql


@dataclass(frozen=True, slots=True)
class Query:
    """A statement, with the full names and the types of its columns.

    An engine may truncate the names, and may store values of a type as another. `seeds` maps names
    of parameters to the campaigns whose seeds they take.
    """

    sql: str
    columns: tuple[str, ...]
    types: tuple[ValueType, ...]
    seeds: Mapping[str, str] = field(default_factory=dict)


def candidates(
    plan: Plan, campaign: str, due: Due, dialect: str = "duckdb", *, step: str | None = None
) -> str:
    """The SQL of `candidates_query`."""
    return candidates_query(plan, campaign, due, dialect, step=step).sql


def candidates_query(
    plan: Plan,
    campaign: str,
    due: Due,
    dialect: str = "duckdb",
    *,
    step: str | None = None,
    in_order: bool = True,
) -> Query:
    """The decisions that the runtime submits to the ledger, in their order or, faster, in none.

    Columns:

    - customer, recipient, occurrence (text), at (TIMESTAMP in UTC) and held_out;
    - share (index or NULL) and branch (index; NULL without a reward);
    - `amount_{branch}_{line}` of each wallet or cash line, and `fallback_{line}`;
    - `key_{field}` of each field that limits count by (of the event, or `customer.email`), as
      `values.encode` has it;
    - `value_{i}` of the i-th variable of the messages (sorted by name), as `values.encode` has it;
    - `feature_{id}` and `event_{field}` that the conditions of `residual` read.

    Of a later step of a journey it asks what rules alone give. The ledger says which steps were
    reached. So a step that keeps another from being taken does not filter here. Neither does an end
    of the journey that rests upon a step that this one does not follow.
    """
    with deep():
        script = _script(plan, campaign, step, due, dialect)
        (job,), engine = script.task.jobs, script.task.dialect
        come = occasions_of(script, TO_RUN)
        relation = candidates_of(script, needs_to_run(script.task.index, job), come)
        tail, columns = to_run(script, job, relation)
        names = Names((), engine.longest_name)
        titles = [names.give(one.name, one.name.replace(".", "_")) for one in columns]
        for one, title in zip(columns, titles, strict=True):
            tail.select.select(_named(one.value, title), copy=False)
        if come is not None and job.may_end:
            tail = _with_endings(script, tail, endings(script, job, come, columns), titles)
        select = tail.in_order(engine) if in_order else tail.select
        written = _statement(script, job, select)
        types = tuple(one.type for one in columns)
        return Query(written.sql, tuple(one.name for one in columns), types, written.seeds)


def _with_endings(script: Script, tail: Tail, ends: Tail, titles: Sequence[str]) -> Tail:
    """The decisions of a step together with those that a journey ends at it."""
    union = exp.union(tail.select, ends.select, distinct=False)
    name = script.add("decided", union, "those for whom the journey ends too")
    shown = [exp.column(title, quoted=title == "at") for title in titles]
    select = exp.select(*shown).from_(exp.to_identifier(name))
    return replace(tail, select=select, moment=exp.column("at", quoted=True))


def timers_query(
    plan: Plan, campaign: str, due: Due, dialect: str = "duckdb", *, step: str | None = None
) -> str:
    """A step's timers in a period: key, instant (UTC) and customer, ordered by (instant, key).

    Those that an event has ended are there too.
    """
    with deep():
        script = _script(plan, campaign, step, due, dialect)
        (job,), engine = script.task.jobs, script.task.dialect
        found = timers_of(script)
        moment, key = column(found.events.moment), column(found.mark)
        owner = column(found.events.customer)
        select = exp.select(key, moment, owner).from_(exp.to_identifier(found.events.name))
        select = select.order_by(moment.copy(), engine.ordered(key.copy(), TEXT))
        return _statement(script, job, select).sql


def next_timers_query(
    plan: Plan, campaign: str, due: Due, dialect: str = "duckdb", *, step: str | None = None
) -> str:
    """A row with the first instant (UTC) of a step's timers in a period, how many have it, and all.

    There is none without a timer. Those that an event has ended are not counted.
    """
    with deep():
        script = _script(plan, campaign, step, due, dialect)
        (job,), found = script.task.jobs, timers_of(script, all_=False)
        moment = column(found.events.moment, found.events.name)
        select = exp.select(exp.alias_(moment, "waits_for"))
        select = found.joined(select.from_(exp.to_identifier(found.events.name)))
        waiting = script.add("waiting", select, "not ended so far")
        many = exp.Count(this=exp.Star())
        counted = exp.select(column("waits_for"), exp.alias_(many, "many"))
        counted = counted.from_(exp.to_identifier(waiting)).group_by(column("waits_for"))
        moments = script.add("moments", counted, "how many at each instant")
        whole = exp.Window(this=exp.Sum(this=column("many")))
        last = exp.select(column("waits_for"), column("many"), exp.alias_(whole, "every"))
        last = last.from_(exp.to_identifier(moments)).order_by(column("waits_for")).limit(1)
        return _statement(script, job, last).sql


def comings_query(
    plan: Plan, campaign: str, due: Due, dialect: str = "duckdb", *, step: str | None = None
) -> str:
    """The instances that come to a later step of a journey in a period, reached or not, in order.

    One column: the entry's occurrence and the instant of the step (UTC), with `|` between.
    """
    with deep():
        script = _script(plan, campaign, step, due, dialect)
        (job,), engine = script.task.jobs, script.task.dialect
        come = occasions_of(script, TO_RUN)
        if come is None:
            raise LookupError(f"{job.step.name} follows no step")
        mark = engine.joined(
            column("occurrence"), text("|"), engine.instant_text(column(come.moment))
        )
        select = exp.select(exp.alias_(mark, "mark")).distinct()
        select = select.from_(exp.to_identifier(come.name))
        name = script.add("marks", select, "each once")
        last = exp.select(column("mark")).from_(exp.to_identifier(name))
        last = last.order_by(engine.ordered(column("mark"), TEXT))
        return _statement(script, job, last).sql


def _named(value: exp.Expr, name: str) -> exp.Expr:
    if isinstance(value, exp.Column) and value.name == name:
        return value
    return exp.alias_(value, name, quoted=name == "at" or None)


def _script(plan: Plan, campaign: str, step: str | None, due: Due, dialect: str) -> Script:
    index, engine = Index(plan), dialect_of(dialect)
    chosen = index.campaign(campaign)
    job = Job(chosen, step_of(chosen, step), due)
    names = names_of(plan, engine, [job.step])
    return Script(Task.of_one(index, job, engine, names), Statement(engine, names))


def _statement(script: Script, job: Job, last: exp.Select) -> Written:
    campaign = job.campaign
    title = f"decisions of {campaign.name} {campaign.label}: {place(campaign.origin)}"
    return rendered(script.statement.query(last, title), script.task.dialect, script.task.plan)
