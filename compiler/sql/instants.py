"""Schedules that fire but once in the time asked for: their facts stand beside the customer.

The instants are literals, and so are the ends of all windows. So what a customer did is counted
without any instants to be joined: each table of events is grouped by its customers, and each of
the instants has columns of its own. Windows of a like reach are counted together, so that the many
short ones look at recent events alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlglot import exp

from ..plan import EventAggregate, EventPick, GrantCount, SinceWindow
from ..types import IntegerType
from .build import Relation, Script, Statement, Task, restricted
from .columns import renamed
from .comments import places
from .facts import complete
from .histories import aggregated, looked_at
from .moments import Single
from .needs import Index
from .sources import Past
from .terms import Term, all_true, column, is_null, number
from .translate import Key, Scope
from .windows import earliest, known_bounds

Counted = EventAggregate | EventPick

_REACHES = (8, 32, 125)
"""Days, each about four times those before."""


def is_plain(index: Index, needed: Sequence[Key]) -> bool:
    """Whether all histories among these rest upon the instant and the events alone."""
    for kind, name in needed:
        feature = index.features[name] if kind == "feature" else None
        if isinstance(feature, GrantCount):
            return False
        if isinstance(feature, EventAggregate | EventPick):
            since = isinstance(feature.window, SinceWindow)
            if since or index.basis((kind, name)):
                return False
    return True


def by_customer(
    statement: Statement,
    tasks: Sequence[tuple[Task, Sequence[Key]]],
    who: Relation,
    pasts: Mapping[str, Past],
) -> list[Relation]:
    """The facts of each task, which has one instant; all of them in one row for each customer."""
    asked = [
        _Asked(task, feature) for task, needed in tasks for feature in _histories(task, needed)
    ]
    groups: dict[tuple[str, int], list[_Asked]] = {}
    for one in asked:
        groups.setdefault((one.feature.event, one.reach), []).append(one)
    found: dict[tuple[datetime, Key], Term] = {}
    select = exp.select(exp.Column(this=exp.Star(), table=exp.to_identifier(who.name)))
    select = select.from_(exp.to_identifier(who.name))
    for (event, _), some in sorted(groups.items()):
        name, terms = _history(statement, some, pasts[event])
        same = exp.EQ(this=column("customer", name), expression=column("customer", who.name))
        select = select.join(exp.to_identifier(name), on=same, join_type="left")
        for one, term in zip(some, terms, strict=True):
            own = one.task.name(one.key, one.feature.id)
            select.select(exp.alias_(_known(one, term, name), own), copy=False)
            found[one.instant, one.key] = renamed(term, own)
    if asked:
        name = statement.add("facts", select, "histories beside")
        who = Relation(name, who.terms)
    return _completed(statement, tasks, who, found)


def _completed(
    statement: Statement,
    tasks: Sequence[tuple[Task, Sequence[Key]]],
    who: Relation,
    found: Mapping[tuple[datetime, Key], Term],
) -> list[Relation]:
    """With stages and memberships, instant by instant."""
    relations, name = [], who.name
    for task, needed in tasks:
        at = _single(task).instant
        histories = {key: found[at, key] for key in needed if (at, key) in found}
        terms = {key: term for key, term in who.terms.items() if key in needed}
        relation = Relation(name, {**terms, **histories})
        relation, _ = complete(Script(task, statement), relation, needed, {}, ())
        relations.append(relation)
        name = relation.name
    return [Relation(name, relation.terms) for relation in relations]


def _single(task: Task) -> Single:
    if not isinstance(task.moments, Single):
        raise TypeError("there is more than one instant")
    return task.moments


def _histories(task: Task, needed: Sequence[Key]) -> list[Counted]:
    named = (task.index.features[name] for kind, name in needed if kind == "feature")
    return [one for one in named if isinstance(one, EventAggregate | EventPick)]


# --- what customers did -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Asked:
    """A history at an instant."""

    task: Task
    feature: Counted

    @property
    def key(self) -> Key:
        """What it is in expressions."""
        return ("feature", self.feature.id)

    @property
    def instant(self) -> datetime:
        """Now."""
        return _single(self.task).instant

    @property
    def since(self) -> datetime | None:
        """Before this instant nothing is looked at."""
        return earliest((self.instant, self.instant), self.feature.window)

    @property
    def reach(self) -> int:
        """Which of like reaches it has."""
        since = self.since
        if since is None:
            return len(_REACHES)
        return sum((self.instant - since).days > days for days in _REACHES)


def _history(statement: Statement, some: Sequence[_Asked], past: Past) -> tuple[str, list[Term]]:
    """Of those customers who did anything within reach."""
    rows = {("row", field): term for field, term in past.fields.items()}
    moment = column(past.moment)
    last = max(one.instant for one in some)
    customer = exp.alias_(column(past.customer), "customer")
    select = exp.select(customer).from_(exp.to_identifier(past.name))
    terms: list[Term] = []
    dialect = statement.dialect
    for one in some:
        world = one.task.world(moment)
        window = one.feature.window
        bounds = {} if window is None else known_bounds(window, world)
        scope, script = Scope(world, rows), Script(one.task, statement)
        looked = looked_at(script, Relation("", bounds), window, one.feature.where, past, scope)
        if one.instant < last:
            sooner = exp.LTE(this=moment.copy(), expression=world.now.copy())
            looked = sooner if looked is None else all_true(sooner, looked)
        term = aggregated(one.feature, past, scope, looked)
        name = one.task.name(("history", one.feature.id), one.feature.id)
        select.select(exp.alias_(term.expression, name), copy=False)
        terms.append(renamed(term, name))
    starts = [one.since for one in some]
    known = [start for start in starts if start is not None]
    stretch: list[exp.Expr] = [exp.LTE(this=moment.copy(), expression=dialect.timestamp(last))]
    if len(known) == len(starts):
        first = dialect.timestamp(min(known))
        stretch.append(exp.GTE(this=moment.copy(), expression=first))
    select = restricted(select, stretch).group_by(column(past.customer))
    comment = f"history of {some[0].feature.event}: {places(one.feature.origin for one in some)}"
    return statement.add(f"history_{some[0].feature.event}", select, comment), terms


def _known(one: _Asked, term: Term, history: str) -> exp.Expr:
    """Its value, also of those who did nothing within reach."""
    found = column(term.expression.name, history)
    if isinstance(one.feature, EventPick) or one.feature.function in ("average", "min", "max"):
        return found
    if one.feature.function != "sum":
        return exp.Coalesce(this=found, expressions=[number(0)])
    # A sum that is too large is unknown, which is something else.
    whole = isinstance(one.feature.type, IntegerType)
    nothing = number(0) if whole else one.task.dialect.decimal(Decimal(0))
    nobody = is_null(column("customer", history))
    return exp.Case().when(nobody, nothing).else_(found)
