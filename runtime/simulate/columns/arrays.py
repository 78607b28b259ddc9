"""Answers of the warehouse as numpy arrays, and texts as numbers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...warehouse.contract import Answer

Ints = NDArray[np.int64]
Truths = NDArray[np.bool_]
Column = NDArray[Any]

UNKNOWN = -1
"""An integer that a warehouse does not know."""
MICROSECONDS = np.dtype("datetime64[us]")
_EXACT = 2**53


class TooMuch(Exception):  # noqa: N818  (not an error: the ledger can count further)
    """An amount is too large to be summed up by columns."""


def require_exact(units: Ints) -> None:
    """Raise `TooMuch` if a sum of these might not be exact in every number of numpy."""
    if units.sum(dtype=np.float64) >= _EXACT:
        raise TooMuch


def columns_of(answer: Answer) -> Iterator[dict[str, Column]]:
    """Yield the columns of an answer by name, some of the rows at a time; at least one row."""
    if answer.arrays is not None:
        yield from (dict(one) for one in answer.arrays() if len(one[answer.columns[0]]))
        return
    for batch in answer.batches:
        values = zip(*batch, strict=True)
        yield {name: _objects(column) for name, column in zip(answer.columns, values, strict=True)}


def _objects(values: Sequence[Any]) -> Column:
    found = np.empty(len(values), dtype=object)
    found[:] = values
    return found


def texts(column: Column) -> list[Any]:
    """The texts of a column; `None` for those that are unknown."""
    # `filled(None)` would fill in numpy's own text for what is missing, a question mark.
    found: list[Any] = column.tolist()
    return found


def integers(column: Column) -> Ints:
    """The integers of a column; `UNKNOWN` for those that are unknown."""
    if isinstance(column, np.ma.MaskedArray):
        column = column.filled(UNKNOWN)
    if column.dtype == object:
        column = np.array([UNKNOWN if one is None else int(one) for one in column])
    return column.astype(np.int64)


def truths(column: Column) -> Truths:
    """The truths of a column, none of which is unknown."""
    return column.astype(np.bool_)


def instants(column: Column) -> Ints:
    """The instants of a column, in microseconds since 1970."""
    return column.astype(MICROSECONDS).astype(np.int64)


class Numbers:
    """Numbers from 0 for texts, in the order in which they come."""

    def __init__(self) -> None:
        self._of: defaultdict[str, int] = defaultdict()
        self._of.default_factory = self._of.__len__

    def __len__(self) -> int:
        return len(self._of)

    def of(self, found: Iterable[str], count: int) -> Ints:
        """The numbers of these texts."""
        return np.fromiter(map(self._of.__getitem__, found), np.int64, count)

    @property
    def texts(self) -> list[str]:
        """The texts, by their numbers."""
        return list(self._of)
