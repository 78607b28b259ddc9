"""The stages of every customer at many instants, in one statement that reads each table once.

A stage at an instant is asked as a campaign of a schedule asks it. If all histories rest upon the
instant and the events alone, each instant has columns of its own in the row of a
customer. Otherwise there is a row for each customer and instant, which are gathered afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlglot import exp

from ..dialects.common.terms import column, text
from ..dialects.registry import dialect_of
from ..operators.build import of
from ..plan import CustomerField, Lifecycle, Plan
from ..plan.data import SINCE
from ..plan.demands import Index
from ..plan.due import Due
from ..plan.expressions import Clock, Expression, FeatureValue
from ..plan.steps import UNNAMED, Dues, StepKey
from ..plan.types import TEXT, TIMESTAMP
from ..sql.all.campaigns import Output, Together
from ..sql.all.shared import Shared
from ..sql.ctes import Relation, Statement
from ..sql.decisions import Tail
from ..sql.everybody import asking_everybody
from ..sql.facts import Needs, needed
from ..sql.histories.grouped import is_plain
from ..sql.journeys.answers import TO_SHOW
from ..sql.statement import Written, deep, rendered
from ..sql.translate import condition

_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_MORE = 0x4E00
"""The first of the letters after those."""

NOT_YET = 0
"""The place of the letter of a customer before `since`."""
OUTSIDE = 1
"""The place of the letter of a customer in no stage."""
FIRST = 2
"""The place of the letter of the first stage."""


def letter(place: int) -> str:
    """The letter of `NOT_YET`, `OUTSIDE` or a stage, counted from `FIRST`."""
    more = place - len(_LETTERS)
    return _LETTERS[place] if more < 0 else chr(_MORE + more)


@dataclass(frozen=True, slots=True)
class Asked:
    """The lifecycles that are asked, at these instants (aware, UTC, in order)."""

    plan: Plan
    lifecycles: tuple[Lifecycle, ...]
    instants: tuple[datetime, ...]

    @property
    def needs(self) -> Needs:
        """The facts to compute at each instant: those of which stages are made."""
        asked = [stage.condition for one in self.lifecycles for stage in one.stages]
        there = there_by_now(self.plan)
        return Needs((), asked if there is None else [*asked, there], ())

    @property
    def is_plain(self) -> bool:
        """Whether all histories rest upon the instant and the events alone."""
        index = Index(self.plan)
        return is_plain(index, needed(index, [self.needs]))


def asked_of(plan: Plan, lifecycles: Sequence[Lifecycle], instants: Sequence[datetime]) -> Asked:
    """The question for these lifecycles, over a plan that reads since when there is a customer."""
    fields = [one for one in plan.customers.fields if one.name == SINCE and plan.customers.since]
    known = {one.id for one in plan.features}
    more = [CustomerField(SINCE, SINCE, one.type, one.optional) for one in fields]
    features = (*plan.features, *(one for one in more if one.id not in known))
    return Asked(replace(plan, features=features), tuple(lifecycles), tuple(instants))


def there_by_now(plan: Plan) -> Expression | None:
    """The condition that there is the customer; `None` if the catalog does not say since when."""
    if not plan.customers.since:
        return None
    field = next(one for one in plan.customers.fields if one.name == SINCE)
    since = FeatureValue(SINCE, field.type, field.optional, field.origin)
    return of("at_most", since, Clock("now", TIMESTAMP))


def words_query(asked: Asked, dialect: str, *, in_order: bool = False) -> Written:
    """A row a customer: the key, and of each lifecycle a word with a letter for each instant.

    With `in_order` the rows are sorted by the key.
    """
    with deep():
        plan, dues = _as_campaigns(asked)
        output = Output(lambda *_: asked.needs, lambda *_: None, _no_rows, lambda *_: None, TO_SHOW)
        together = Together.of(plan, dues, dialect_of(dialect).of_many(), output)
        statement, shared = together.statement, together.found.shared
        wide = asked.is_plain
        select = _beside(asked, statement, shared) if wide else _gathered(asked, statement, shared)
        if in_order:
            turn = statement.dialect.ordered(column("customer"), TEXT)
            select = select.order_by(exp.Ordered(this=turn, nulls_first=False))
        title = f"stages of customers of {plan.project} at {len(asked.instants)} instants"
        return rendered(statement.query(select, title), statement.dialect, plan)


def _as_campaigns(asked: Asked) -> tuple[Plan, Dues]:
    """A campaign for each instant, or for all of them, that asks everybody."""
    parts = [(one,) for one in asked.instants] if asked.is_plain else [asked.instants]
    origin = asked.lifecycles[0].origin
    names = [f"at_{place}" for place in range(len(parts))]
    campaigns = tuple(
        asking_everybody(name, name, some[0], origin)
        for name, some in zip(names, parts, strict=True)
    )
    dues = {
        StepKey(name, UNNAMED): Due(some[0], some[-1], some)
        for name, some in zip(names, parts, strict=True)
    }
    return replace(asked.plan, campaigns=campaigns), dues


def _beside(asked: Asked, statement: Statement, shared: Sequence[Shared]) -> exp.Select:
    """The words of customers whose row has the stages at all instants."""
    dialect, relation = statement.dialect, shared[0].facts.name
    every = [_letters(asked, one) for one in shared]
    words = [
        exp.alias_(dialect.joined(*letters), f"word_{place}")
        for place, letters in enumerate(zip(*every, strict=True))
    ]
    return exp.select(column("customer"), *words).from_(exp.to_identifier(relation))


def _gathered(asked: Asked, statement: Statement, shared: Sequence[Shared]) -> exp.Select:
    """The words of customers who have a row for each instant."""
    (whole,) = shared
    dialect, relation = statement.dialect, whole.facts.name
    shown = [exp.alias_(one, f"letter_{place}") for place, one in enumerate(_letters(asked, whole))]
    rows = exp.select(column("customer"), column("moment"), *shown)
    made = statement.add("letters", rows.from_(exp.to_identifier(relation)), "at each instant")
    words = []
    for place in range(len(shown)):
        letters = []
        for instant in asked.instants:
            now = exp.EQ(this=column("moment"), expression=dialect.timestamp(instant))
            chosen = exp.Case().when(now, column(f"letter_{place}"))
            letters.append(exp.Max(this=chosen))
        words.append(exp.alias_(dialect.joined(*letters), f"word_{place}"))
    select = exp.select(column("customer"), *words).from_(exp.to_identifier(made))
    return select.group_by(column("customer"))


def _letters(asked: Asked, shared: Shared) -> list[exp.Expr]:
    """The letter of each lifecycle, at the instant of a row or of its columns."""
    task = shared.task
    scope = Relation(shared.facts.name, shared.facts.terms).scope(task)
    there = there_by_now(asked.plan)
    found: list[exp.Expr] = []
    for one in asked.lifecycles:
        chosen = exp.Case()
        if there is not None:
            known = exp.Coalesce(this=condition(there, scope), expressions=[exp.false()])
            chosen = chosen.when(exp.Not(this=known), text(letter(NOT_YET)))
        for place, each in enumerate(one.stages, FIRST):
            holds = condition(each.condition, scope)
            chosen = chosen.when(holds, text(letter(place)))
        found.append(chosen.else_(text(letter(OUTSIDE))))
    return found


def _no_rows(*_: object) -> Tail:
    raise LookupError("a question for stages has no rows of decisions")
