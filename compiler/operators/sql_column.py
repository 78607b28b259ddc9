"""The column `sql` of `table.py`, by the meaning in Python.

It is apart, as the library that writes SQL takes long to load, and decisions in Python need none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from . import python_meaning, rounding, sql_bounds, sql_meaning, sql_rounding, sql_time
from .table import Operator

_MEANINGS: Mapping[Callable[..., Any], sql_meaning.Meaning] = MappingProxyType(
    {
        python_meaning.all_of: sql_meaning.all_of,
        python_meaning.any_of: sql_meaning.any_of,
        python_meaning.negation: sql_meaning.negation,
        python_meaning.holds: sql_meaning.holds,
        python_meaning.is_known: sql_meaning.is_known,
        python_meaning.equal: sql_meaning.equal,
        python_meaning.not_equal: sql_meaning.not_equal,
        python_meaning.less: sql_meaning.less,
        python_meaning.at_most: sql_meaning.at_most,
        python_meaning.greater: sql_meaning.greater,
        python_meaning.at_least: sql_meaning.at_least,
        python_meaning.one_of: sql_meaning.one_of,
        python_meaning.contains: sql_meaning.contains,
        python_meaning.starts_with: sql_meaning.starts_with,
        python_meaning.folded: sql_meaning.folded,
        python_meaning.arm: sql_meaning.arm,
        python_meaning.negate: sql_meaning.negate,
        python_meaning.first_known: sql_meaning.first_known,
        python_meaning.least: sql_meaning.least,
        python_meaning.greatest: sql_meaning.greatest,
        python_meaning.bounded_add: sql_bounds.add,
        python_meaning.bounded_subtract: sql_bounds.subtract,
        python_meaning.bounded_multiply: sql_bounds.multiply,
        python_meaning.bounded_divide: sql_bounds.divide,
        python_meaning.bounded_negate: sql_bounds.negate,
        python_meaning.within: sql_bounds.within,
        python_meaning.date_of: sql_time.date_of,
        python_meaning.later: sql_time.later,
        python_meaning.earlier: sql_time.earlier,
        python_meaning.within_last: sql_time.within_last,
        python_meaning.within_next: sql_time.within_next,
        python_meaning.days_since: sql_time.days_since,
        python_meaning.days_until: sql_time.days_until,
        python_meaning.anniversary_today: sql_time.anniversary_today,
        python_meaning.anniversary_within: sql_time.anniversary_within,
        python_meaning.add: sql_meaning.add,
        python_meaning.subtract: sql_meaning.subtract,
        python_meaning.multiply: sql_meaning.multiply,
        python_meaning.divide: sql_meaning.divide,
        rounding.floor: sql_rounding.floor,
        rounding.ceil: sql_rounding.ceil,
        rounding.half_up: sql_rounding.half_up,
        rounding.whole_times: sql_rounding.whole_times,
    }
)


def sql_of(row: Operator) -> sql_meaning.Meaning:
    """The SQL of a row of the table."""
    return _MEANINGS[row.python]
