"""Whether a condition can hold, and whether it can fail, given the ranges of the catalog.

An answer "it cannot" is a proof. For a condition over one field and literals "it can" is one too;
over several it may be too cautious.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ..plan.all_expressions import Written
from ..plan.expressions import (
    AudienceValue,
    Constant,
    Expression,
    Operation,
    may_be_unknown,
    without_origins,
)
from ..plan.types import EnumType, MoneyType
from ..plan.values import decode
from .intervals import Interval, Intervals
from .value_sets import Values, possible, satisfying, union

Box = Mapping[Expression, Values]
"""The limits of each field; a field without an entry is unlimited."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The values for which a condition holds and fails; `None`: there are none."""

    true: Box | None
    false: Box | None


ANY = Outcome({}, {})

MOST_PARTS = 100
"""The limit of operands of one `and` or `or`; beyond it nothing is proved, which bounds the
work."""

_MIRRORED = {
    "less": "greater",
    "greater": "less",
    "at_most": "at_least",
    "at_least": "at_most",
    "equal": "equal",
    "not_equal": "not_equal",
}


@dataclass(frozen=True, slots=True)
class Outcomes:
    """The outcomes of one plan's conditions; `audiences` are its audiences' conditions.

    `known`: as if no field were unknown.
    """

    intervals: Intervals
    audiences: Mapping[str, Expression]
    known: bool = False
    _found: dict[tuple[int, str | None, str | None], Outcome] = field(default_factory=dict)
    """By node and events: the stages of a ladder share their conditions."""

    def of(self, node: Expression, seen: Written) -> Outcome:
        """The outcome of a condition; the node must live as long as this."""
        key = (id(node), seen.event, seen.past)
        if key not in self._found:
            self._found[key] = self._of(node, seen)
        return self._found[key]

    def _of(self, node: Expression, seen: Written) -> Outcome:
        match node:
            case Constant(value=value):
                return Outcome({}, None) if value == "yes" else Outcome(None, {})
            case AudienceValue(audience=name):
                condition = self.audiences[name]
                return self.of(condition, Written(condition, "audience"))
            case Operation():
                return self._of_operation(node, seen)
            case _:
                return ANY

    def _of_operation(self, node: Operation, seen: Written) -> Outcome:
        match node.operator:
            case "and" | "or" if len(node.arguments) > MOST_PARTS:
                return ANY
            case "and":
                parts = [self.of(one, seen) for one in node.arguments]
                return Outcome(
                    _meet([part.true for part in parts]), _join([part.false for part in parts])
                )
            case "or":
                parts = [self.of(one, seen) for one in node.arguments]
                return Outcome(
                    _join([part.true for part in parts]), _meet([part.false for part in parts])
                )
            case "not":
                inner = self.of(node.arguments[0], seen)
                return Outcome(inner.false, inner.true)
            case "is_known":
                return self._known_or_not(node.arguments[0], seen)
            case "in":
                return self._among(node.arguments[0], node.arguments[1:], seen)
            case operator if operator in _MIRRORED:
                return self._compared(operator, node.arguments[0], node.arguments[1], seen)
            case _:
                return ANY

    def _among(self, value: Expression, choices: Sequence[Expression], seen: Written) -> Outcome:
        base = self._field(value, seen)
        same = [one for one in choices if isinstance(one, Constant) and _alike(value, one)]
        if base is None or len(same) < len(choices):
            parts = [self._compared("equal", value, one, seen) for one in choices[:MOST_PARTS]]
            one_may = any(part.true is not None for part in parts) or len(choices) > MOST_PARTS
            return Outcome({} if one_may else None, {})
        places = (satisfying(value.type, "equal", decode(one.type, one.value)) for one in same)
        holding, key = union(places), without_origins(value)
        return Outcome(_box(key, base.meet(holding)), _box(key, base.without(holding)))

    def _known_or_not(self, value: Expression, seen: Written) -> Outcome:
        base = self._field(value, seen)
        if base is None:
            return ANY
        known, key = Values(base.spans, unknown=False), without_origins(value)
        unknown = Values((), base.unknown)
        return Outcome(_box(key, known), _box(key, unknown))

    def _field(self, node: Expression, seen: Written) -> Values | None:
        """The values of a node that is a field; `None` of any other."""
        found = self.intervals.columns.of(node, seen)
        optional = may_be_unknown(node) and not self.known
        return None if found is None else possible(found[1], optional=optional)

    def _compared(
        self, operator: str, left: Expression, right: Expression, seen: Written
    ) -> Outcome:
        if isinstance(left, Constant):
            left, right, operator = right, left, _MIRRORED[operator]
        base = self._field(left, seen)
        if base is not None and isinstance(right, Constant) and _alike(left, right):
            return _of_field(without_origins(left), base, operator, left, right)
        one, other = self.intervals.of(left, seen), self.intervals.of(right, seen)
        if one is None or other is None:
            return ANY
        never, always = _ORDER[operator](one, other)
        sure = always and (self.known or not (one.unknown or other.unknown))
        return Outcome(None if never else {}, None if sure else {})


def _alike(left: Expression, right: Constant) -> bool:
    """Whether the two are on one grid."""
    if isinstance(left.type, EnumType | MoneyType):
        return left.type == right.type
    return not isinstance(right.type, EnumType)


def _of_field(
    key: Expression, base: Values, operator: str, left: Expression, right: Constant
) -> Outcome:
    value = decode(right.type, right.value)
    if operator == "not_equal":
        equal = satisfying(left.type, "equal", value)
        return Outcome(
            _box(key, Values(base.without(equal).spans, unknown=False)),
            _box(key, union((base.meet(equal), Values((), base.unknown)))),
        )
    holding = satisfying(left.type, operator, value)
    return Outcome(_box(key, base.meet(holding)), _box(key, base.without(holding)))


def _order(
    never: Callable[[Interval, Interval], bool], always: Callable[[Interval, Interval], bool]
) -> Callable[[Interval, Interval], tuple[bool, bool]]:
    return lambda left, right: (never(left, right), always(left, right))


def _apart(left: Interval, right: Interval) -> bool:
    return bool(left.high < right.low or right.high < left.low)


def _one(left: Interval, right: Interval) -> bool:
    return bool(left.low == left.high == right.low == right.high)


_ORDER = {
    "less": _order(lambda a, b: a.low >= b.high, lambda a, b: a.high < b.low),
    "at_most": _order(lambda a, b: a.low > b.high, lambda a, b: a.high <= b.low),
    "greater": _order(lambda a, b: a.high <= b.low, lambda a, b: a.low > b.high),
    "at_least": _order(lambda a, b: a.high < b.low, lambda a, b: a.low >= b.high),
    "equal": _order(_apart, _one),
    "not_equal": _order(_one, _apart),
}


def _box(key: Expression, values: Values) -> Box | None:
    return None if values.is_empty else {key: values}


def _meet(boxes: Sequence[Box | None]) -> Box | None:
    """The intersection of the boxes."""
    found: dict[Expression, Values] = {}
    for box in boxes:
        if box is None:
            return None
        for key, values in box.items():
            found[key] = found[key].meet(values) if key in found else values
            if found[key].is_empty:
                return None
    return found


def _join(boxes: Sequence[Box | None]) -> Box | None:
    """The smallest box around what lies in any of them."""
    some = [box for box in boxes if box is not None]
    if not some:
        return None
    limited = set.intersection(*(set(box) for box in some))
    return {key: union(box[key] for box in some) for key in limited}
