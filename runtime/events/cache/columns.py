"""The past of customers as columns, from a warehouse that gives numpy's arrays.

The engine sorts the rows by customer and moment, so that each customer's part of a column is a
slice. Amounts come as text: arrays of decimals would be inexact. That takes 3.8 of 18.0 seconds of
the processor in `bench/stream.py`, where rows that are grouped and sorted here took 4.8 of 19.9.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from ....compiler.plan import Column
from ....compiler.plan.types import (
    DecimalType,
    EnumType,
    IntegerType,
    MoneyType,
    TextType,
    ValueType,
)
from ...warehouse.contract import Warehouse
from ...warehouse.rows import PastQuestion, WarehouseRows

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FROM_TEXT: Mapping[type[ValueType], Callable[[str], Any]] = MappingProxyType(
    {MoneyType: Decimal, DecimalType: Decimal, IntegerType: int, TextType: str, EnumType: str}
)
"""The types whose values are read from text, exactly."""


class OwnPast(NamedTuple):
    """One customer's events in order: instants, keys, and the values of each field."""

    ats: list[datetime]
    keys: list[str]
    values: tuple[list[Any], ...]


def gives_arrays(warehouse: Warehouse) -> bool:
    """Whether the answers of a warehouse come as arrays."""
    answer = warehouse.ask("SELECT 1")
    for _ in answer.rows():
        pass
    return answer.arrays is not None


def are_readable(fields: Sequence[Column]) -> bool:
    """Whether the values of all these fields come exactly."""
    return all(type(field.type) in _FROM_TEXT for field in fields)


def past_by_customer(
    rows: WarehouseRows, asked: PastQuestion, fields: Sequence[Column], most: int | None
) -> tuple[int, dict[str, OwnPast] | None]:
    """Return the number of events, `most` and one more at most, and each customer's own.

    The latter are `None` if they must be read one by one. Then the engine sorts otherwise than
    Python, or some have no key, or an instant that no calendar has.
    """
    import numpy as np  # noqa: PLC0415  (only who reads by columns loads it)

    limit = None if most is None else most + 1
    arrays = rows.past_in_order(asked, limit)
    owners, at, key = arrays["owner"], arrays["at"], arrays["key"]
    count = len(owners)
    if not count or count == limit:
        return count, {}
    if any(isinstance(one, np.ma.MaskedArray) for one in (owners, at, key)):
        return count, None
    if not _is_of_calendar(at):
        return count, None
    same = owners[1:] == owners[:-1]
    tied = same & (at[1:] == at[:-1])
    in_order = not (same & (at[1:] < at[:-1])).any() and (key[1:][tied] > key[:-1][tied]).all()
    if not in_order:
        return count, None
    places = [0, *(np.flatnonzero(~same) + 1).tolist(), count]
    ats = [each.replace(tzinfo=UTC) for each in at.tolist()]
    keys: list[str] = key.tolist()
    values = [_values(arrays[f"field_{n}"], field.type) for n, field in enumerate(fields)]
    found: dict[str, OwnPast] = {}
    for first, end in pairwise(places):
        own = tuple([column[first:end] for column in values])
        found[owners[first]] = OwnPast(ats[first:end], keys[first:end], own)
    return count, found if len(found) == len(places) - 1 else None


def _is_of_calendar(at: NDArray[Any]) -> bool:
    import numpy as np  # noqa: PLC0415

    first, last = np.datetime64(datetime.min, "us"), np.datetime64(datetime.max, "us")
    return bool(((at >= first) & (at <= last)).all())


def _values(column: NDArray[Any], type_: ValueType) -> list[Any]:
    read = _FROM_TEXT[type(type_)]
    found: list[Any] = column.tolist()
    if read is str:
        return found
    return [None if text is None else read(text) for text in found]
