"""The invariants of a plan: every plan that the compiler makes has them, and engines rely on them.

Imports go one way: `walking` ← `amounts` `expressions` `journeys` `names` `origins` `references`
`steps`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from ..plan import Plan
from . import amounts, expressions, journeys, names, origins, references, steps
from .walking import Broken, Walked, walk

INVARIANTS: Mapping[str, Callable[[Walked], Iterator[Broken]]] = MappingProxyType(
    {
        "names are unique": names.unique,
        "lists without a meaning of their order are sorted": names.in_order,
        "references resolve": references.resolve,
        "references form no circle": references.no_circles,
        "types fit": expressions.types_fit,
        "conditions are decided": expressions.decided,
        "fields belong to the event at hand": expressions.fields_exist,
        "steps do something": steps.not_empty,
        "steps of a journey come in turn": journeys.in_turn,
        "branches can be reached": steps.reachable,
        "caps are in the order of their checks": steps.charges_in_order,
        "amounts are in range": amounts.in_range,
        "periods are in order": amounts.periods,
        "origins point into a file": origins.complete,
    }
)
"""Each invariant by the words of `docs/internals.md`, with the check that holds it."""


def check_invariants(plan: Plan) -> tuple[Broken, ...]:
    """Everything that breaks an invariant; a plan of the compiler has none of it."""
    walked = walk(plan)
    return tuple(broken for check in INVARIANTS.values() for broken in check(walked))


__all__ = ["INVARIANTS", "Broken", "check_invariants"]
