"""Builders of the `ast` pieces from which the event path's functions are made."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from .code import PARAMETERS, call, load


def nobody() -> ast.expr:
    """`()`."""
    return ast.Tuple([], ast.Load())


def set_(name: str, value: ast.expr) -> ast.stmt:
    """`name = value`."""
    return ast.Assign([ast.Name(name, ast.Store())], value)


def keep(rows: ast.expr) -> ast.stmt:
    """`left &= rows`."""
    return ast.AugAssign(ast.Name("left", ast.Store()), ast.BitAnd(), rows)


def left_of(rows: ast.expr) -> ast.expr:
    """`left & rows`."""
    return ast.BinOp(load("left"), ast.BitAnd(), rows)


def unless(condition: ast.expr) -> ast.stmt:
    """`if not condition: return ()`."""
    return ast.If(negated(condition), [ast.Return(nobody())], [])


def negated(condition: ast.expr) -> ast.expr:
    """`not condition`, without doubling a `not`."""
    match condition:
        case ast.UnaryOp(ast.Not(), inner):
            return inner
        case _:
            return ast.UnaryOp(ast.Not(), condition)


def all_of(conditions: list[ast.expr]) -> ast.expr:
    """`this and that`."""
    return conditions[0] if len(conditions) == 1 else ast.BoolOp(ast.And(), conditions)


def is_known(value: ast.expr) -> ast.expr:
    """`value is not None`."""
    return ast.Compare(value, [ast.IsNot()], [ast.Constant(None)])


def method(owner: str, name: str) -> ast.expr:
    """`owner.name`."""
    return ast.Attribute(load(owner), name, ast.Load())


def get(owner: ast.expr, *arguments: ast.expr) -> ast.expr:
    """`owner.get(…)`."""
    return call(ast.Attribute(owner, "get", ast.Load()), *arguments)


def go(function: ast.expr, *more: ast.expr) -> ast.expr:
    """`function(f, e, c, now, …)`."""
    return call(function, *map(load, PARAMETERS), *more)


def unpacked(names: Iterable[str], of: str) -> ast.stmt:
    """`a, b, c = of`."""
    targets: list[ast.expr] = [ast.Name(name, ast.Store()) for name in names]
    return ast.Assign([ast.Tuple(targets, ast.Store())], load(of))
