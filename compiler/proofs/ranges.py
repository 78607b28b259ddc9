"""The `range` of a catalog's field: which values it lets in, and how it is written."""

from __future__ import annotations

from ...dsl.diagnostics.diagnostic import Phrase
from ..plan import Column
from ..plan.values import Value, decode


def ends(field: Column) -> tuple[Value | None, Value | None]:
    """The smallest and the largest value of the field; `None` where that end is open."""
    low, high = field.minimum, field.maximum
    return (
        None if low is None else decode(field.type, low),
        None if high is None else decode(field.type, high),
    )


def has_range(field: Column) -> bool:
    """Whether the catalog bounds the field at one end at least."""
    return field.minimum is not None or field.maximum is not None


def is_within(field: Column, value: Value) -> bool:
    """Whether the catalog lets a value of the field's type in."""
    low, high = ends(field)
    # All three are of the field's type.
    above = low is None or low <= value  # type: ignore[operator]
    return above and (high is None or value <= high)  # type: ignore[operator]


def range_words(field: Column) -> Phrase:
    """`0 to 130`, `at least 0`, `at most 130`."""
    match field.minimum, field.maximum:
        case None, None:
            return Phrase("ranges.any")
        case None, high:
            return Phrase("ranges.at_most", high=str(high))
        case low, None:
            return Phrase("ranges.at_least", low=str(low))
        case low, high:
            return Phrase("ranges.between", low=str(low), high=str(high))
