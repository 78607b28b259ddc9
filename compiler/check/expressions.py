"""Type-check expressions of the tree: a small function per node, a message per mismatch.

A function returns the typed expression, or `None` after it has reported a mistake.
"""

from __future__ import annotations

from typing import assert_never

from ...dsl import tree
from ...dsl.diagnostics.diagnostic import names_listed
from ...dsl.diagnostics.nearest import suggestions
from ..codes import names, types
from ..operators.build import of
from ..operators.folding import fold
from ..plan.expressions import Clock, Constant, Expression, StageValue
from ..plan.types import BOOLEAN, DATE, TEXT, TIMESTAMP, EnumType
from .context import Context, folded, origin
from .histories import check_history
from .literals import constant
from .operations import condition, operation
from .scope import Scope, arm_is, bare_name, is_resolvable, member

MOST_TERMS = 100
"""The limit of terms in one run of `+ -` or `* /`: each is a level of nesting for every engine."""

_KEYS: dict[str, str] = {
    "=": "equal",
    "!=": "not_equal",
    "<": "less",
    "<=": "at_most",
    ">": "greater",
    ">=": "at_least",
    "before": "less",
    "after": "greater",
    "contains": "contains",
    "starts with": "starts_with",
    "+": "add",
    "-": "subtract",
    "*": "multiply",
    "/": "divide",
}


def check_condition(c: Context, node: tree.Expression, scope: Scope) -> Expression | None:
    """The node as a condition: yes or no, never unknown."""
    expression = check(c, node, scope)
    return None if expression is None else condition(c, node, expression)


def check(c: Context, node: tree.Expression, scope: Scope) -> Expression | None:
    """The node as a value of whatever type."""
    match node:
        case (
            tree.Number()
            | tree.Percent()
            | tree.Money()
            | tree.Duration()
            | tree.DateLiteral()
            | tree.TimestampLiteral()
            | tree.TimeLiteral()
            | tree.Boolean()
            | tree.Text()
        ):
            return constant(c, node)
        case tree.NameRef():
            return bare_name(c, node, scope)
        case tree.Member():
            return member(c, node, scope)
        case tree.Now():
            return Clock("now", TIMESTAMP, origin(node.span))
        case tree.Today():
            return Clock("today", DATE, origin(node.span))
        case tree.Not() | tree.And() | tree.Or():
            return _logic(c, node, scope)
        case tree.Comparison() | tree.Membership() | tree.Between() | tree.IsKnown():
            return _comparison(c, node, scope)
        case tree.Arithmetic() | tree.Negative() | tree.Else() | tree.Extreme():
            return _arithmetic(c, node, scope)
        case tree.Whole(which, inner):
            return _of_one(c, node, (which, f"{which}(…)"), inner, scope)
        case tree.Within() | tree.AnniversaryWithin():
            return _within(c, node, scope)
        case tree.DaysSince(inner):
            return _of_one(c, node, ("days_since", "days since"), inner, scope)
        case tree.DaysUntil(inner):
            return _of_one(c, node, ("days_until", "days until"), inner, scope)
        case tree.AnniversaryToday(inner):
            return _of_one(c, node, ("anniversary_today", "anniversary of"), inner, scope)
        case tree.StageIs() | tree.ArmIs():
            return _in_group(c, node, scope)
        case tree.Has() | tree.Aggregate() | tree.Pick() | tree.Balance():
            return check_history(c, node, scope, check)
        case _:
            assert_never(node)


def _logic(c: Context, node: tree.Not | tree.And | tree.Or, scope: Scope) -> Expression | None:
    match node:
        case tree.Not():
            operand = check_condition(c, node.operand, scope)
            return operation(c, node, "not", "not", (operand,)) if operand else None
        case tree.And(operands):
            key = "and"
        case tree.Or(operands):
            key = "or"
        case _:
            assert_never(node)
    parts = [check_condition(c, operand, scope) for operand in operands]
    known = tuple(part for part in parts if part is not None)
    return operation(c, node, key, key, known) if len(known) == len(parts) else None


# --- comparison ---------------------------------------------------------------------------------

_Comparison = tree.Comparison | tree.Membership | tree.Between | tree.IsKnown


def _comparison(c: Context, node: _Comparison, scope: Scope) -> Expression | None:
    match node:
        case tree.Comparison(sign, left, right):
            operands = together(c, (left, right), scope)
            if operands is not None and node.ignoring_case:
                operands = _ignoring_case(c, node, sign, operands)
            return operation(c, node, _KEYS[sign], sign, operands) if operands else None
        case tree.Membership():
            return _membership(c, node, scope)
        case tree.Between(operand, low, high):
            operands = together(c, (operand, low, high), scope)
            if operands is None:
                return None
            above = operation(c, node, "at_least", "between", (operands[0], operands[1]))
            below = operation(c, node, "at_most", "between", (operands[0], operands[2]))
            return operation(c, node, "and", "and", (above, below)) if above and below else None
        case tree.IsKnown(operand, known):
            value = check(c, operand, scope)
            if value is None:
                return None
            is_known = operation(c, node, "is_known", "is known", (value,))
            return is_known if known else _negated(c, node, is_known)
        case _:
            assert_never(node)


_OF_LETTERS = frozenset({"=", "!=", "in", "contains", "starts with"})


def _ignoring_case(
    c: Context, node: tree.Node, sign: str, operands: tuple[Expression, ...]
) -> tuple[Expression, ...] | None:
    """The texts without the case of their letters.

    With literals, only the letters that theirs become matter: no other one is equal to them.
    """
    if sign not in _OF_LETTERS or any(one.type != TEXT for one in operands):
        c.report(types.NO_CASE, node, text=folded(node.span))
        return None
    known = [fold(one.value) for one in operands if isinstance(one, Constant)]
    is_enough = len(known) >= len(operands) - 1
    kept = Constant(TEXT, "".join(sorted(set("".join(known)))) if is_enough else "")
    return tuple(
        Constant(TEXT, fold(one.value), one.origin)
        if isinstance(one, Constant)
        else of("folded", one, kept, at=one.origin)
        for one in operands
    )


def _membership(c: Context, node: tree.Membership, scope: Scope) -> Expression | None:
    operands = together(c, (node.operand, *node.choices), scope)
    if operands is not None and node.ignoring_case:
        operands = _ignoring_case(c, node, "in", operands)
    if operands is None:
        return None
    found = operation(c, node, "in", "in", operands)
    return _negated(c, node, found) if node.negated else found


def _negated(c: Context, node: tree.Node, inner: Expression | None) -> Expression | None:
    return operation(c, node, "not", "not", (inner,)) if inner else None


def together(
    c: Context, nodes: tuple[tree.Expression, ...], scope: Scope
) -> tuple[Expression, ...] | None:
    """Values that are compared with each other. A bare name compared with an enum is its member."""
    typed = [None if _is_word(c, node, scope) else check(c, node, scope) for node in nodes]
    enums = [one for one in typed if one is not None and isinstance(one.type, EnumType)]
    result: list[Expression] = []
    complete = True
    for node, value in zip(nodes, typed, strict=True):
        beside = next((enum for enum in enums if enum is not value), None)
        if beside is not None and isinstance(node, tree.NameRef | tree.Text):
            value = _word(c, node, beside, value)  # noqa: PLW2901  (the word replaces it)
        elif value is None and isinstance(node, tree.NameRef) and not is_resolvable(c, node, scope):
            bare_name(c, node, scope)
        complete = complete and value is not None
        if value is not None:
            result.append(value)
    return tuple(result) if complete else None


def _is_word(c: Context, node: tree.Expression, scope: Scope) -> bool:
    return isinstance(node, tree.NameRef) and not is_resolvable(c, node, scope)


def _word(
    c: Context, node: tree.NameRef | tree.Text, beside: Expression, value: Expression | None
) -> Expression | None:
    """A name or text compared with an enum: the member of that name, or else its ordinary value."""
    enum = beside.type
    if not isinstance(enum, EnumType):
        return value
    text = node.name.text if isinstance(node, tree.NameRef) else node.value
    if text in enum.values:
        return Constant(enum, text, origin(node.span))
    if isinstance(node, tree.NameRef) and value is not None:
        return value
    owner = beside.origin.text if beside.origin else ""
    c.report(names.UNKNOWN_WORD, node, name=text, owner=owner, **suggestions(text, enum.values))
    return None


# --- arithmetic and time ------------------------------------------------------------------------

_Arithmetic = tree.Arithmetic | tree.Negative | tree.Else | tree.Extreme


def _arithmetic(c: Context, node: _Arithmetic, scope: Scope) -> Expression | None:
    match node:
        case tree.Arithmetic(first, rest):
            if len(rest) >= MOST_TERMS:
                c.report(types.TOO_LONG, node, most=str(MOST_TERMS))
                return None
            total = check(c, first, scope)
            for sign, operand in rest:
                value = check(c, operand, scope)
                if total is None or value is None:
                    total = None
                    continue
                total = operation(c, node, _KEYS[sign], sign, (total, value))
            return total
        case tree.Negative(operand):
            value = check(c, operand, scope)
            if isinstance(value, Constant) and value.type.kind in ("integer", "decimal", "money"):
                return Constant(value.type, _negated_number(value.value), origin(node.span))
            return operation(c, node, "negate", "-", (value,)) if value else None
        case tree.Else(choices):
            operands = together(c, choices, scope)
            return operation(c, node, "else", "else", operands) if operands else None
        case tree.Extreme(which, values):
            operands = together(c, values, scope)
            key = "least" if which == "min" else "greatest"
            return operation(c, node, key, which, operands) if operands else None
        case _:
            assert_never(node)


def _negated_number(text: str) -> str:
    """`-` before a number that may be negative itself: `--5` is 5."""
    return text.removeprefix("-") if text.startswith("-") else f"-{text}"


def _of_one(
    c: Context, node: tree.Node, operator: tuple[str, str], inner: tree.Expression, scope: Scope
) -> Expression | None:
    """An operator (its key, its words) of one operand."""
    key, words = operator
    value = check(c, inner, scope)
    return operation(c, node, key, words, (value,)) if value else None


def _within(
    c: Context, node: tree.Within | tree.AnniversaryWithin, scope: Scope
) -> Expression | None:
    value, length = check(c, node.operand, scope), constant(c, node.duration)
    if value is None or length is None:
        return None
    match node:
        case tree.Within(direction=direction):
            key, words = f"within_{direction}", f"within {direction}"
        case tree.AnniversaryWithin():
            key, words = "anniversary_within", "anniversary of"
        case _:
            assert_never(node)
    return operation(c, node, key, words, (value, length))


# --- stages -------------------------------------------------------------------------------------


def _in_group(c: Context, node: tree.StageIs | tree.ArmIs, scope: Scope) -> Expression | None:
    """Whether the customer is in a stage, or in an arm."""
    if isinstance(node, tree.ArmIs):
        return arm_is(c, node, scope)
    return stage_is(c, node, node.stages, negated=node.negated)


def stage_is(
    c: Context, node: tree.Node, stages: tuple[tree.StageRef, ...], *, negated: bool = False
) -> Expression | None:
    """Whether the customer's stage is one of these; each lifecycle is asked once.

    `negated`: whether the customer is in another stage of each of their lifecycles.
    """
    wanted: dict[str, list[str]] = {}
    for stage in stages:
        lifecycle = _lifecycle_of(c, stage)
        if lifecycle is None:
            return None
        wanted.setdefault(lifecycle, []).append(stage.stage.text)
    parts = tuple(_one_of(c, node, name, listed, negated) for name, listed in wanted.items())
    if len(parts) == 1:
        return parts[0]
    joint = "and" if negated else "or"
    return operation(c, node, joint, joint, parts)


def _one_of(c: Context, node: tree.Node, name: str, listed: list[str], negated: bool) -> Expression:
    lifecycle = c.symbols.lifecycles[name]
    words = tuple(stage.name.text for stage in lifecycle.stages)
    chosen = [word for word in words if word not in listed] if negated else listed
    enum, at = EnumType(words), origin(node.span)
    if not chosen:
        return Constant(BOOLEAN, "no", at)
    everybody = _covers_everybody(lifecycle) and not c.customers.since
    value = StageValue(name, enum, optional=not everybody, origin=at)
    choices = tuple(Constant(enum, word, at) for word in chosen)
    found = operation(c, node, "in", "stage in", (value, *choices))
    if found is None:
        raise TypeError(f"`in` over stages must be an operation: {folded(node.span)}")
    return found


def _covers_everybody(lifecycle: tree.Lifecycle) -> bool:
    """Whether it is a ladder whose first step asks for nothing."""
    return lifecycle.kind == "ladder" and any(one.condition is None for one in lifecycle.stages[:1])


def _lifecycle_of(c: Context, ref: tree.StageRef) -> str | None:
    lifecycles = c.symbols.lifecycles
    if ref.lifecycle is None:
        return _only_lifecycle_with(c, ref)
    name = ref.lifecycle.text
    if name not in lifecycles:
        near = suggestions(name, lifecycles)
        c.report(names.UNKNOWN_DECLARATION, ref.lifecycle, kind=names.LIFECYCLE, name=name, **near)
        return None
    stages = [stage.name.text for stage in lifecycles[name].stages]
    if ref.stage.text in stages:
        return name
    near = suggestions(ref.stage.text, stages)
    c.report(names.UNKNOWN_DECLARATION, ref.stage, kind=names.STAGE, name=ref.stage.text, **near)
    return None


def _only_lifecycle_with(c: Context, ref: tree.StageRef) -> str | None:
    stage = ref.stage.text
    owners = c.symbols.stages.get(stage, ())
    if len(owners) == 1:
        return owners[0]
    if owners:
        known = names_listed(f"{owner}.{stage}" for owner in owners)
        c.report(names.AMBIGUOUS_STAGE, ref, name=stage, known=known)
        return None
    near = suggestions(stage, c.symbols.stages)
    c.report(names.UNKNOWN_DECLARATION, ref, kind=names.STAGE, name=stage, **near)
    return None
