"""How deep an expression is nested, as a parser with a stack sees it."""

from __future__ import annotations

from sqlglot import exp


def stack(expression: exp.Expr) -> int:
    """About as many symbols as are open at once while the expression is read."""
    most, open_ = 0, [(expression, 0)]
    while open_:
        node, depth = open_.pop()
        most = max(most, depth)
        open_.extend((child, depth + _added(node, child)) for child in node.iter_expressions())
    return most


def _added(node: exp.Expr, child: exp.Expr) -> int:
    """What is open of the node while the child is read."""
    match node:
        case exp.Binary():
            return 0 if child is node.this else 2
        case exp.Paren() | exp.Unary():
            return 1
        case exp.Func() | exp.In() | exp.Cast():
            return 5
        case exp.Case() | exp.Select():
            return 4
        case exp.Subquery():
            return 3
        case _:
            return 1
