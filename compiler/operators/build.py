"""Operations made from rows of the table of meaning."""

from __future__ import annotations

from ..plan.expressions import Expression, Operation, Origin, may_be_unknown
from .table import Operator, find


def operation_of(row: Operator, arguments: tuple[Expression, ...], at: Origin | None) -> Operation:
    """An operation of a row that is known to fit."""
    result = row.result(tuple(argument.type for argument in arguments))
    optional = row.may_be_unknown([may_be_unknown(argument) for argument in arguments])
    return Operation(row.key, arguments, result, optional, at)


def of(key: str, *arguments: Expression, at: Origin | None = None) -> Operation:
    """An operation that the compiler makes itself, where the types are known to fit."""
    row = find(key, tuple(argument.type for argument in arguments))
    if row is None:
        raise ValueError(f"the table of meaning has no {key} for these operands")
    return operation_of(row, arguments, at)
