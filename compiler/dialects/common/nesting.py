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


def nested(expression: exp.Expr, kind: type[exp.Expr]) -> int:
    """The deepest nesting of this kind of expression."""
    most, open_ = 0, [(expression, 0)]
    while open_:
        node, depth = open_.pop()
        most = max(most, depth)
        open_.extend((child, depth + isinstance(node, kind)) for child in node.iter_expressions())
    return most


def _added(node: exp.Expr, child: exp.Expr) -> int:
    """The levels that a node adds while its child is parsed."""
    first = next(node.iter_expressions(), None) is child
    match node:
        case exp.In():
            return 0 if first else 5
        case exp.Binary():
            return 0 if first else 2
        case exp.Paren() | exp.Unary():
            return 1
        case exp.Filter():
            return 0 if first else 7
        case exp.Cast():
            return 2
        case exp.If() if not isinstance(node.parent, exp.Case):
            return 3 if first else 5
        case exp.If():
            return 0 if first else 2
        case exp.Case():
            return 3 if first or isinstance(child, exp.If) else 4
        case exp.Func():
            return 3 if first else 5
        case exp.Select():
            return 4
        case _:
            return 1


def levels(expression: exp.Expr) -> int:
    """How deep ClickHouse's tree of it is: two levels a call, and each operator is one.

    Brackets, AND after AND and OR after OR add none.
    """
    most, open_ = 0, [(expression, 0)]
    while open_:
        node, depth = open_.pop()
        most = max(most, depth)
        for child in node.iter_expressions():
            inner = child.unnest()
            leaf = isinstance(inner, exp.Column | exp.Literal | exp.Identifier | exp.DataType)
            same = isinstance(inner, exp.And | exp.Or) and type(inner) is type(node)
            open_.append((inner, depth if leaf or same or isinstance(inner, exp.If) else depth + 2))
    return most
