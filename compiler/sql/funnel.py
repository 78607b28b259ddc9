"""How far the customers of campaigns come: after which condition how many are left.

A campaign's own query drops whoever misses a condition. Here every occasion is kept, with the
number of conditions that it meets before the first that it misses, so that one query says for many
campaigns at once where their customers were lost. Past grants and caps are the ledger's to answer.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from ..plan import Campaign, Plan
from . import rewards
from .build import Own, Relation, Script
from .dialects import dialect_of
from .facts import Asked
from .needs import Demand, Index, demands
from .sources import recipients
from .tail import Tail, of_reward, something_given, ticket
from .terms import all_true, column, is_null, number, text
from .together import Dues, Together, Way, inline, own_part
from .translate import condition
from .writing import Written, deep, rendered

PASSED, CUSTOMERS = "passed", "customers"
MOST = 100
"""Campaigns of one statement: an engine has a limit to how much one UNION may hold."""


@dataclass(frozen=True, slots=True)
class Asks:
    """The conditions of a campaign in the order in which it is decided.

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
        """How many the warehouse answers."""
        return len(self.demands) + self.gives + self.names


def asks_of(index: Index, campaign: Campaign) -> Asks:
    """The conditions of a campaign."""
    step = campaign.steps[0]
    every = demands(index, campaign, step)
    gate = tuple(one for one in every if index.asks_ledger(one.condition))
    own = tuple(one for one in every if one not in gate)
    reward = step.reward
    return Asks(own, reward is not None, reward is not None and reward.recipient is not None, gate)


def funnel(plan: Plan, dues: Dues, dialect: str = "duckdb") -> Written:
    """The SQL that counts the customers of each campaign by how many conditions they meet.

    Columns campaign, passed (of `Asks.last` conditions, those before the first that is missed),
    customers (how many, each by the best of its occasions). Who has no occasion is in no row. At
    most `MOST` campaigns, for each of which something is due: of a schedule one instant.
    """
    with deep():
        way = Way(_asked, lambda *_: None, _nothing, lambda *_: None)
        together = Together.of(plan, dues, dialect_of(dialect).of_many(), way)
        statement = together.statement
        selects = []
        for shared in together.found.shared:
            for place, _ in enumerate(shared.owns):
                script, own, relation = own_part(statement, shared, place)
                select = _counted(script, own, relation)
                inline(script, select)
                selects.append(select)
        union = exp.union(*selects, distinct=False, copy=False) if selects[1:] else selects[0]
        counted = statement.add("counted", union, "campaign by campaign")
        last = exp.select("*").from_(exp.to_identifier(counted))
        title = f"where customers of {len(selects)} campaigns of {plan.project} were lost"
        return rendered(statement.query(last, title, share=True), statement.dialect, plan)


def _asked(index: Index, own: Own) -> Asked:
    asks = asks_of(index, own.campaign)
    return Asked((), [*(one.condition for one in asks.demands), *of_reward(own)], ())


def _nothing(*_: object) -> Tail:
    raise LookupError("a funnel has no decisions")


def _counted(script: Script, own: Own, relation: Relation) -> exp.Select:
    """How many customers of the campaign met how many conditions."""
    asks, reward = asks_of(script.task.index, own.campaign), own.step.reward
    relation = _with_reward(script, own, relation)
    scope = relation.scope(script.task)
    conditions = [condition(one.condition, scope) for one in asks.demands]
    if reward is not None:
        given = something_given(script.task, reward, relation, None)
        conditions.append(all_true(*given) if given else exp.true())
    met = exp.alias_(_met(conditions), PASSED)
    shown = [column("customer"), *([column("recipient")] if asks.names else []), met]
    every = exp.select(*shown).from_(exp.to_identifier(relation.name))
    name = script.add("met", every, "")
    if reward is not None and asks.names:
        name = _let(script, name, exp.Subquery(this=recipients(script, reward)), len(conditions))
    if own.event is not None:
        best = exp.alias_(exp.Max(this=column(PASSED)), PASSED)
        each = exp.select(column("customer"), best).from_(exp.to_identifier(name))
        name = script.add("best", each.group_by(column("customer")), "")
    count = exp.alias_(exp.Count(this=exp.Star()), CUSTOMERS)
    campaign = exp.alias_(text(own.campaign.name), "campaign")
    counted = exp.select(campaign, column(PASSED), count).from_(exp.to_identifier(name))
    return counted.group_by(column(PASSED))


def _with_reward(script: Script, own: Own, relation: Relation) -> Relation:
    """Who gets what beside all facts."""
    task, reward, scope = script.task, own.step.reward, relation.scope(script.task)
    if reward is None:
        return relation
    customer = relation.column("customer")
    drawn = ticket(task, own, customer, relation.column("occurrence"))
    columns = [
        exp.alias_(rewards.recipient_of(reward, scope, customer), "recipient"),
        exp.alias_(rewards.branch_of(reward, scope, drawn), "branch"),
        *(exp.alias_(one.term.expression, one.name) for one in rewards.amounts(reward, scope)),
    ]
    return relation.after(script.add("reward", relation.select(task, columns), ""), {})


def _met(conditions: list[exp.Expr]) -> exp.Expr:
    """How many conditions hold before the first that does not."""
    chosen = exp.Case()
    for place, one in enumerate(conditions):
        sure = exp.Coalesce(this=one, expressions=[exp.false()])
        chosen = chosen.when(exp.Not(this=sure), number(place), copy=False)
    return chosen.else_(number(len(conditions))) if conditions else number(0)


def _let(script: Script, name: str, allowed: exp.Subquery, before: int) -> str:
    """One more for those whose recipient is a customer whom compliance lets have it."""
    found = exp.to_identifier("found")
    same = exp.EQ(this=column("customer", "found"), expression=column("recipient", name))
    every = exp.EQ(this=column(PASSED, name), expression=number(before))
    missed = is_null(column("customer", "found"))
    let = exp.Case().when(all_true(every, exp.Not(this=missed)), number(before + 1))
    passed = exp.alias_(let.else_(column(PASSED, name)), PASSED)
    select = exp.select(column("customer", name), passed).from_(exp.to_identifier(name))
    select = select.join(exp.alias_(allowed, found, table=True), on=same, join_type="left")
    return script.add("let", select, "")
