"""The decisions of many campaigns as one SQL statement that reads each table once.

Campaigns with the same triggering event, or with schedules that fire at the same instants, share
their occasions. A fact that several campaigns need is computed once per occasion. Each campaign is
then one SELECT over those facts. `campaign.py` writes the same decisions for one campaign, as SQL
that is easier to read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlglot import exp

from ...dialects.common.dialect import Dialect
from ...dialects.common.moments import TODAY
from ...dialects.common.terms import column, number, text
from ...dialects.registry import dialect_of
from ...plan import Plan
from ...plan.demands import Index
from ...plan.steps import Dues, StepKey, in_turn, steps_of
from ...plan.types import BOOLEAN, INTEGER, TEXT, TIMESTAMP, MoneyType, ValueType
from ..comments import noted, place
from ..ctes import Job, Relation, Script, Statement
from ..decisions import Column, Tail, needs_to_run, needs_to_show, to_run, to_show
from ..facts import Needs
from ..journeys.answers import TO_RUN, TO_SHOW, Answers
from ..statement import Written, deep, names_of, rendered
from .cohorts import alike
from .known_rewards import Listed, Optional, options_to_run, options_to_show, rows_of, turn_of
from .rows import as_shared, endings_of
from .shared import Shared, SharedFacts, remaining_facts, shared_facts

_PUBLIC: tuple[tuple[str, ValueType], ...] = (
    ("campaign", TEXT),
    ("step", TEXT),
    ("recipient", TEXT),
    ("occurrence", TEXT),
    ("at", TIMESTAMP),
    ("reward", TEXT),
    ("amount", INTEGER),
    ("currency", TEXT),
)
_SHARED: tuple[tuple[str, ValueType], ...] = (
    ("campaign", TEXT),
    ("step", TEXT),
    ("customer", TEXT),
    ("recipient", TEXT),
    ("occurrence", TEXT),
    ("at", TIMESTAMP),
    ("held_out", BOOLEAN),
    ("share", INTEGER),
    ("branch", INTEGER),
)
_WORDS = ("text_turn", "member_turn")
_TOGETHER = 100
"""Campaigns in one CTE: an engine has a limit to how much one UNION may hold."""


@dataclass(frozen=True, slots=True)
class QueryOfAll:
    """A statement, and the names and types of its columns.

    Every row has the nine columns `shared`: campaign and step, then the columns customer to branch
    of `campaign.candidates_query`. The columns `cell_0`, `cell_1`, … follow, as text (see
    `values.encode`). `further` gives, by step, the names and types of its cells. `seeds` maps
    names of parameters to the campaigns whose seeds they take.
    """

    sql: str
    columns: tuple[str, ...]
    types: tuple[ValueType, ...]
    further: Mapping[StepKey, tuple[tuple[str, ValueType], ...]]
    seeds: Mapping[str, str] = field(default_factory=dict)

    @property
    def shared(self) -> tuple[str, ...]:
        """The columns that every row has."""
        return self.columns[: len(_SHARED)]


def decisions_of_all(plan: Plan, dues: Dues, dialect: str = "duckdb") -> str:
    """The decisions of every campaign (see `campaign.decisions`) in one statement.

    Rows have the order in which a run decides: by instant, priority (highest first) and campaign.
    Rows of one campaign have the order of its own query.
    """
    with deep():
        output = Output(needs_to_show, options_to_show, to_show, _listed_to_show, TO_SHOW)
        together = Together.of(plan, dues, dialect_of(dialect).of_many(), output)
        type_ = together.dialect.type_of(MoneyType(plan.currency))
        parts = together.parts(output)
        for part in parts:
            for shown in part.tail.select.expressions:
                if shown.alias_or_name == "amount":  # the rows of all campaigns are one table
                    shown.set("this", exp.cast(shown.this, type_))
        return together.statement_of(_PUBLIC, parts).sql


def candidates_of_all(plan: Plan, dues: Dues, dialect: str = "duckdb") -> QueryOfAll:
    """The candidates of every campaign (see `campaign.candidates_query`) in one statement and
    order."""
    with deep():
        further: dict[StepKey, tuple[tuple[str, ValueType], ...]] = {}
        known: dict[StepKey, list[Column]] = {}
        engine, base = dialect_of(dialect).of_many(), len(_SHARED) - len(StepKey._fields)

        def decide(script: Script, job: Job, relation: Relation) -> Tail:
            tail, columns = to_run(script, job, relation)
            known[job.key] = columns
            further[job.key] = tuple((one.name, one.type) for one in columns[base:])
            return as_shared(engine, job, tail, columns, base)

        output = Output(needs_to_run, options_to_run, decide, _listed_to_run, TO_RUN)
        together = Together.of(plan, dues, engine, output)
        further |= {one.job.key: one.options.further for one in together.found.listed}
        parts = together.parts(output)
        for part in [one for one in parts if one.jobs[0].may_end]:
            (job,) = part.jobs
            ends = endings_of(plan, together.statement, job, known[job.key])
            parts.append(replace(part, tail=as_shared(engine, job, *ends, base)))
        most = max((len(columns) for columns in further.values()), default=0)
        for part in parts:
            for place in range(len(part.tail.select.expressions) - len(_SHARED), most):
                empty = exp.cast(exp.Null(), engine.text_type())
                part.tail.select.select(exp.alias_(empty, f"cell_{place}"), copy=False)
        columns = (*_SHARED, *((f"cell_{place}", TEXT) for place in range(most)))
        written = together.statement_of(columns, parts)
        names, types = (tuple(name for name, _ in columns), tuple(type_ for _, type_ in columns))
        return QueryOfAll(written.sql, names, types, further, written.seeds)


# --- the statement ------------------------------------------------------------------------------


Decide = Callable[[Script, Job, Relation], Tail]


@dataclass(frozen=True, slots=True)
class Output:
    """The columns that the rows have: those for people, or those for the runtime.

    `needs` are the facts that a campaign requires. `optional` gives the options of a campaign that
    needs no rows of its own. `decide` and `tell` write the columns of the two kinds of campaign.
    `answers`: the questions for the ledger that the statement answers too.
    `job` is what is decided of a step.
    """

    needs: Callable[[Index, Job], Needs]
    optional: Optional
    decide: Decide
    tell: Callable[[exp.Select, Sequence[Listed]], None]
    answers: Answers
    job: Callable[[Job], Job] = lambda job: job


@dataclass(frozen=True, slots=True)
class _Part:
    """Rows of a campaign, or of all that have nothing but options: then `jobs` are several.

    `turn` is the column, or the number, that puts campaigns in order.
    """

    jobs: Sequence[Job]
    tail: Tail
    turn: exp.Expr

    @property
    def comment(self) -> str:
        """The campaign and its place in the source; empty for campaigns that are merged into one
        SELECT."""
        campaign = self.jobs[0].campaign
        named = isinstance(self.turn, exp.Column)
        return "" if named else f"{campaign.name}: {place(campaign.origin)}"


@dataclass(frozen=True, slots=True)
class Together:
    """The statement so far, and of each group of campaigns the relation that holds its facts."""

    plan: Plan
    statement: Statement
    found: SharedFacts

    @staticmethod
    def of(plan: Plan, dues: Dues, dialect: Dialect, output: Output) -> Together:
        """With all facts in it that any campaign asks for."""
        index = Index(plan)
        steps = [one for key, _, one in steps_of(plan) if key in dues]
        statement = Statement(dialect, names_of(plan, dialect, steps))
        alike_ = [
            ([(job, output.needs(index, job)) for job in map(output.job, jobs)], due)
            for jobs, due in alike(plan, dues)
        ]
        found = shared_facts(index, statement, alike_, output.optional, output.answers)
        return Together(plan, statement, found)

    @property
    def dialect(self) -> Dialect:
        """The dialect of the statement."""
        return self.statement.dialect

    def parts(self, output: Output) -> list[_Part]:
        """The rows of all campaigns, together or one after the other."""
        listed, shared = self.found.listed, self.found.shared
        turns = _places(
            [*(one.job for one in listed), *(job for one in shared for job in one.jobs)]
        )
        parts: list[_Part] = []
        if listed:
            rows = rows_of(self.statement, self.found.who, listed, turns)
            output.tell(rows.select, listed)
            line = column("line") if rows.lines else None
            turn = turn_of(self.dialect)
            tail = Tail(rows.select, column("moment"), None, turn, None, line)
            parts.append(_Part([one.job for one in listed], tail, column("campaign_turn")))
        for one in shared:
            for place_, job in enumerate(one.jobs):
                turn = number(turns[job.key])
                parts.append(_Part([job], _tail(self.statement, one, place_, output.decide), turn))
        return parts

    def statement_of(
        self, columns: Sequence[tuple[str, ValueType]], parts: Sequence[_Part]
    ) -> Written:
        """All rows with these columns, in the order of decisions."""
        if not parts:
            return self._nothing(columns)
        turns = _give_turns(parts, self.dialect.text_type())
        made = []
        for first in range(0, len(parts), _TOGETHER):
            some = parts[first : first + _TOGETHER]
            selects = [noted(part.tail.select, part.comment) for part in some]
            union = exp.union(*selects, distinct=False, copy=False) if selects[1:] else selects[0]
            made.append(self.statement.add("decided", union, "campaign by campaign"))
        whole = [exp.select("*").from_(exp.to_identifier(part)) for part in made]
        titles = [name for name, _ in columns]
        last = exp.select(*(exp.column(title, quoted=title == "at") for title in titles))
        if whole[1:]:
            last = last.from_(exp.union(*whole, distinct=False).subquery("decided"))
        else:
            last = last.from_(exp.to_identifier(made[0]))
        order: list[exp.Expr] = [exp.column("at", quoted=True)]
        for turn in turns:
            shown = column(turn)
            order.append(self.dialect.ordered(shown, TEXT) if turn in _WORDS else shown)
        last = last.order_by(*(exp.Ordered(this=one, nulls_first=False) for one in order))
        names = {job.campaign.name for part in parts for job in part.jobs}
        title = f"decisions of {len(names)} campaigns of {self.plan.project}"
        query = self.statement.query(last, title, share=True, sorted_=made)
        return rendered(query, self.dialect, self.plan)

    def _nothing(self, columns: Sequence[tuple[str, ValueType]]) -> Written:
        """No rows with these columns."""
        empty = [
            (exp.cast(exp.Null(), self.dialect.type_of(type_)), name) for name, type_ in columns
        ]
        none = exp.select(*(exp.alias_(value, name, quoted=True) for value, name in empty))
        # BigQuery takes no WHERE where there is no FROM.
        return rendered(none.limit(0), self.dialect, self.plan)


# --- the columns of campaigns that have nothing but options -------------------------------------


def _listed_to_show(select: exp.Select, _: Sequence[Listed]) -> None:
    select.set(
        "expressions",
        [
            column("campaign"),
            column("step"),
            exp.alias_(column("customer"), "recipient"),
            column("occurrence"),
            exp.alias_(column("moment"), "at", quoted=True),
            column("reward"),
            exp.alias_(column("amount"), "amount"),
            column("currency"),
        ],
    )


def _listed_to_run(select: exp.Select, listed: Sequence[Listed]) -> None:
    most = max(len(one.options.further) for one in listed)
    share = exp.cast(exp.Null(), exp.DataType.Type.INT)
    select.set(
        "expressions",
        [
            column("campaign"),
            column("step"),
            column("customer"),
            exp.alias_(column("customer"), "recipient"),
            column("occurrence"),
            exp.alias_(column("moment"), "at", quoted=True),
            column("held_out"),
            exp.alias_(share, "share"),
            column("branch"),
            *(column(f"cell_{place}") for place in range(most)),
        ],
    )


# --- what is left of a campaign -----------------------------------------------------------------


def _tail(whole: Statement, shared: Shared, place: int, decide: Decide) -> Tail:
    """The rows of one of the campaigns, as one SELECT without CTEs over what all of them share."""
    task, job = shared.task, shared.jobs[place]
    inside = Statement(task.dialect, task.names, name="inside")
    script, facts = Script(task, inside, whole), _own_facts(shared, place)
    select = exp.select(*own_columns(shared, facts)).from_(exp.to_identifier(facts.name))
    select = select.where(column(shared.flags[place]))
    name = inside.add("audience", select, "")
    tail = decide(script, job, Relation(name, facts.terms))
    for name, cte in reversed(inside.ctes):
        for place_ in list(tail.select.find_all(exp.From, exp.Join)):
            if place_.this.name == name:
                place_.set("this", cte.subquery(name, copy=False))
    return tail


def _own_facts(shared: Shared, place: int) -> Relation:
    """The facts that the campaign still needs."""
    return Relation(shared.facts.name, remaining_facts(shared, [shared.needs[place]]))


def own_columns(shared: Shared, facts: Relation) -> list[exp.Expr]:
    """The columns of these, and of the occasion."""
    task, single = shared.task, shared.single
    if single is None and task.is_scheduled:
        return [exp.Star()]  # including the columns of each instant
    names = dict.fromkeys(term.expression.name for term in facts.terms.values())
    if single is None:
        titles = dict.fromkeys(("customer", "occurrence", "moment", TODAY, *names))
        return [column(name) for name in titles]
    clock = single.instant.astimezone(single.clock.zone)
    return [
        *(column(name) for name in dict.fromkeys(("customer", *names))),
        exp.alias_(text(clock.isoformat()), "occurrence"),
        exp.alias_(task.dialect.timestamp(single.instant), "moment"),
        exp.alias_(task.dialect.date(single.clock.today), TODAY),
    ]


def _places(jobs: Sequence[Job]) -> dict[StepKey, int]:
    """The place of each step among all of them: by campaign, then as at one instant of it."""
    steps = {job.key: job for job in jobs}

    def turn(job: Job) -> tuple[int, str, int]:
        steps = [one.name for one in in_turn(job.campaign)]
        return -job.campaign.priority, job.campaign.name, steps.index(job.step.name)

    return {job.key: place for place, job in enumerate(sorted(steps.values(), key=turn))}


def _give_turns(parts: Sequence[_Part], words: exp.DataType) -> list[str]:
    """Add the sort columns of all campaigns to each SELECT; return their names, without the
    instant."""
    tails = [part.tail for part in parts]
    every: list[tuple[str, list[exp.Expr | None]]] = [
        ("campaign_turn", [part.turn for part in parts]),
        ("share_turn", [tail.share for tail in tails]),
        ("text_turn", [tail.text for tail in tails]),
        ("member_turn", [tail.member for tail in tails]),
        ("line_turn", [tail.line for tail in tails]),
    ]
    given = [(name, values) for name, values in every if any(value is not None for value in values)]
    for name, values in given:
        for tail, value in zip(tails, values, strict=True):
            kind = words if name in _WORDS else exp.DataType(this=exp.DataType.Type.INT)
            known = exp.cast(exp.Null(), kind) if value is None else value.copy()
            there = isinstance(known, exp.Column) and known.name == name
            tail.select.select(known if there else exp.alias_(known, name), copy=False)
    return [name for name, _ in given]
