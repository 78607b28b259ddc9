"""Lifecycles, audiences and budget pools, as the plan has them; what benefits are named by."""

from __future__ import annotations

from collections import deque
from decimal import Decimal

from ...dsl import tree
from ...dsl.diagnostics.diagnostic import Label
from ...dsl.diagnostics.nearest import suggestions
from .. import plan
from ..check.context import Context, folded, origin
from ..check.denials import denials
from ..check.divisors import never_zero
from ..check.expressions import check, check_condition
from ..check.literals import money
from ..check.operations import conjunction, decided, operation
from ..check.scope import Scope
from ..check.symbols import repeated
from ..codes import money as money_words
from ..codes import names
from ..codes import types as words
from ..operators.build import of
from ..plan.data import SINCE
from ..plan.demands import feature_expressions
from ..plan.expressions import (
    AudienceValue,
    Clock,
    Constant,
    Expression,
    FeatureValue,
    StageValue,
    walk,
)
from ..plan.types import BOOLEAN, TIMESTAMP

_NUMBERS = ("integer", "decimal", "money")


def there_by_now(c: Context) -> Expression | None:
    """The condition that there is the customer; `None` if the catalog does not say since when."""
    if not c.customers.since:
        return None
    column = next(one for one in c.customers.fields if one.name == SINCE)
    feature = c.feature(plan.CustomerField(SINCE, SINCE, column.type, column.optional))
    since = FeatureValue(feature.id, column.type, column.optional, column.origin)
    return of("at_most", since, Clock("now", TIMESTAMP), at=column.origin)


def _of_whom_there_is(c: Context, condition: Expression) -> Expression:
    """The condition of a stage or an audience: before there is the customer, nobody is in it."""
    there = there_by_now(c)
    return condition if there is None else conjunction((there, condition), condition.origin)


def rule(c: Context, node: tree.Expression, scope: Scope) -> Expression | None:
    """A whole condition: typed, and with no denial of what may be unknown."""
    expression = check_condition(c, node, scope)
    if expression is not None:
        c.diagnostics.extend(denials(expression, never_zero(c, scope)))
    return expression


# --- lifecycles and audiences -------------------------------------------------------------------


def lifecycles(c: Context) -> tuple[plan.Lifecycle, ...]:
    """Every lifecycle as stages of which the first that holds is the customer's."""
    return tuple(_lifecycle(c, node) for node in c.symbols.lifecycles.values())


def _lifecycle(c: Context, node: tree.Lifecycle) -> plan.Lifecycle:
    for name in repeated(stage.name for stage in node.stages):
        c.report(names.DECLARED_TWICE, name, name=name.text)
    match node.kind:
        case "conditions":
            conditions = [_own_condition(c, stage) for stage in node.stages]
            stages = _stages(c, node.stages, conditions)
        case "ladder":
            stages = _ladder(c, node)
        case "score":
            stages = _score(c, node)
    return plan.Lifecycle(node.name.text, label_of(node), stages, origin(node.name.span))


def _own_condition(c: Context, stage: tree.Stage) -> Expression | None:
    return rule(c, stage.condition, Scope()) if stage.condition else _always(stage)


def _always(stage: tree.Stage) -> Expression:
    return Constant(BOOLEAN, "yes", origin(stage.span))


def _stages(
    c: Context, nodes: tuple[tree.Stage, ...], conditions: list[Expression | None]
) -> tuple[plan.Stage, ...]:
    return tuple(
        plan.Stage(
            node.name.text, label_of(node), _of_whom_there_is(c, condition), origin(node.name.span)
        )
        for node, condition in zip(nodes, conditions, strict=True)
        if condition is not None
    )


_MOST_STEPS = 200
"""Each stage of a ladder repeats the conditions of all before it."""


def _ladder(c: Context, node: tree.Lifecycle) -> tuple[plan.Stage, ...]:
    """The highest step whose condition and all before it hold; highest first in the plan."""
    if len(node.stages) > _MOST_STEPS:
        count, most = str(len(node.stages)), str(_MOST_STEPS)
        c.report(words.TOO_MANY_STEPS, node.name, name=node.name.text, found=count, most=most)
        return ()
    steps: list[Expression | None] = []
    below: tuple[Expression, ...] = ()
    for stage in node.stages:
        own = _own_condition(c, stage)
        if own is not None and stage.condition is not None:
            below = (*below, own)
        steps.append(own and (conjunction(below, origin(stage.span)) if below else own))
    return _stages(c, tuple(reversed(node.stages)), list(reversed(steps)))


def _score(c: Context, node: tree.Lifecycle) -> tuple[plan.Stage, ...]:
    """The stage of the highest threshold that the score reaches; highest first in the plan."""
    score = check(c, node.score, Scope()) if node.score else None
    if score is None:
        return ()
    steps: list[tuple[Decimal, tree.Stage, Expression]] = []
    for stage in node.stages:
        threshold = check(c, stage.threshold, Scope()) if stage.threshold else None
        if threshold is None:
            continue
        if not isinstance(threshold, Constant) or threshold.type.kind not in _NUMBERS:
            written = stage.threshold or stage
            c.report(words.NOT_A_THRESHOLD, written, text=folded(written.span))
            continue
        reached = operation(c, stage, "at_least", ">=", (score, threshold))
        if reached is not None:
            steps.append((Decimal(threshold.value), stage, decided(reached)))
    steps.sort(key=lambda step: step[0], reverse=True)
    return _stages(c, tuple(stage for _, stage, _ in steps), [reached for _, _, reached in steps])


def audiences(c: Context) -> tuple[plan.Audience, ...]:
    """Every audience with its condition."""
    found = []
    for node in c.symbols.audiences.values():
        condition = rule(c, node.condition, Scope())
        if condition is not None:
            whole, at = _of_whom_there_is(c, condition), origin(node.name.span)
            found.append(plan.Audience(node.name.text, label_of(node), whole, at))
    return tuple(found)


def report_circles(
    c: Context, lifecycles_: tuple[plan.Lifecycle, ...], audiences_: tuple[plan.Audience, ...]
) -> bool:
    """Report names that are explained by themselves; whether there are any."""
    uses = {one.name: _names_in(c, one.condition) for one in audiences_}
    for lifecycle in lifecycles_:
        uses[lifecycle.name] = {
            name for stage in lifecycle.stages for name in _names_in(c, stage.condition)
        }
    tangled = _tangled(uses)
    circles = [circle for name in sorted(tangled)[:_TOLD] if (circle := _circle(name, tangled))]
    for circle in circles:
        node = c.symbols.audiences.get(circle[0]) or c.symbols.lifecycles[circle[0]]
        told = " → ".join(f"`{name}`" for name in circle)
        c.report(names.CIRCLE, node.name, name=circle[0], circle=told)
    return bool(circles)


_TOLD = 100
"""The limit of cycles that are reported: the names of more would fill the screen."""


def _names_in(c: Context, expression: Expression) -> set[str]:
    """The audiences and lifecycles that it names, in the `where` of its histories too."""
    found: set[str] = set()
    for node in walk(expression):
        match node:
            case AudienceValue(name) | StageValue(name):
                found.add(name)
            case FeatureValue(feature):
                for inner in feature_expressions(c.features[feature]):
                    found |= _names_in(c, inner)
            case _:
                pass
    return found


def _tangled(uses: dict[str, set[str]]) -> dict[str, set[str]]:
    """The names that are in a cycle or on a path between two.

    Names without dependencies are removed until none is left, then names without dependents.
    """
    left = uses
    for _ in range(2):
        resting: dict[str, list[str]] = {}
        for name, others in left.items():
            for other in others:
                resting.setdefault(other, []).append(name)
        count = {name: len(others & left.keys()) for name, others in left.items()}
        free = [name for name, number in count.items() if not number]
        while free:
            for name in resting.get(free.pop(), ()):
                count[name] -= 1
                if not count[name]:
                    free.append(name)
        kept = {name for name, number in count.items() if number}
        left = {other: kept.intersection(resting.get(other, ())) for other in kept}
    return {name: uses[name] & left.keys() for name in left}


def _circle(start: str, uses: dict[str, set[str]]) -> list[str] | None:
    """A shortest way from a name back to itself."""
    before: dict[str, str] = {}
    near = deque([start])
    while near:
        last = near.popleft()
        for name in sorted(uses.get(last, ())):
            if name == start:
                way = [name, last]
                while way[-1] != start:
                    way.append(before[way[-1]])
                return way[::-1]
            if name not in before:
                before[name] = last
                near.append(name)
    return None


# --- benefits and pools -------------------------------------------------------------------------


def known_benefit(c: Context, name: tree.Name) -> bool:
    """Whether there is a benefit of that name; if not, that is reported."""
    if name.text in c.symbols.benefits:
        return True
    known = suggestions(name.text, c.symbols.benefits)
    c.report(names.UNKNOWN_DECLARATION, name, kind=names.BENEFIT, name=name.text, **known)
    return False


def is_computed(c: Context, name: tree.Name) -> bool:
    """Whether the benefit's value is computed where it is given; if so, that is reported."""
    benefit = c.benefits.get(name.text)
    if benefit is None or not benefit.computed:
        return False
    c.report(money_words.VALUE_NOT_SAID, name, name=name.text)
    return True


def in_currency(c: Context, node: tree.Money) -> Decimal | None:
    """The amount, where it is in the project's currency; another one is reported."""
    if node.currency != c.currency:
        c.report(money_words.OTHER_CURRENCY, node, found=node.currency, expected=c.currency)
        return None
    return money(c, node)


_SEVERAL = (tree.Message, tree.PauseWhen)
"""Statements of which there may be several of a kind."""


def once(c: Context, owner: str, statements: tuple[tree.Node, ...]) -> None:
    """Report statements of a kind that may stand once and stand again."""
    first: dict[type[tree.Node], tree.Node] = {}
    for statement in (one for one in statements if not isinstance(one, _SEVERAL)):
        earlier = first.setdefault(type(statement), statement)
        if earlier is not statement:
            label = Label(earlier.span.place, names.DECLARED_FIRST)
            c.report(names.CLAUSE_TWICE, statement, label, clause=clause_of(statement), name=owner)


def clause_of(statement: tree.Node) -> str:
    """The words that a statement begins with and is called by."""
    words_ = folded(statement.span).split(" ")
    pair = " ".join(words_[:2])
    return pair if pair in _PAIRS else words_[0]


_PAIRS = (
    "when exhausted",
    "exclusive with",
    "settled within",
    "expires after",
    "deliver on",
    "claimed on",
    "late events",
    "codes from",
    "catch up",
    "while paused",
)


def label_of(node: tree.Stage | tree.Lifecycle | tree.Audience | tree.Benefit | tree.Pool) -> str:
    """Its label; its name without one."""
    return node.label.value if node.label else node.name.text


def pools(c: Context) -> tuple[plan.Pool, ...]:
    """Every budget pool and the one it draws from."""
    found = []
    for node in c.symbols.pools.values():
        parents = [one.pool for one in node.statements if isinstance(one, tree.FromPool)]
        for parent in parents:
            known_pool(c, parent)
        parent_name = parents[0].text if parents else None
        at = origin(node.name.span)
        found.append(plan.Pool(node.name.text, label_of(node), parent_name, at))
    return tuple(found)


def known_pool(c: Context, name: tree.Name) -> bool:
    """Whether there is a budget of that name; if not, that is reported."""
    if name.text in c.symbols.pools:
        return True
    known = suggestions(name.text, c.symbols.pools)
    c.report(names.UNKNOWN_DECLARATION, name, kind=names.POOL, name=name.text, **known)
    return False
