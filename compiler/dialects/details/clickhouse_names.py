"""Columns of joins in ClickHouse.

Where three relations or more are joined, a column whose name another of them has too comes out
under the name `relation.column`. So what such a query shows is listed, each under its own name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sqlglot import exp

_MANY = 2


TableColumns = Mapping[str, Sequence[str]]
"""The columns of each CTE so far."""


def with_names(query: exp.Select) -> exp.Select:
    """The query, its joins of several relations with an alias for every column."""
    known: dict[str, Sequence[str]] = {}
    for cte in query.ctes:
        for select in cte.this.find_all(exp.Select):
            _name(select, known)
        known[cte.alias] = tuple(_columns(cte.this, known))
    _name(query, known)
    return query


def _name(select: exp.Select, known: TableColumns) -> None:
    if len(select.args.get("joins") or ()) >= _MANY:
        select.set("expressions", [one for each in select.expressions for one in _as(each, known)])


def _as(shown: exp.Expr, known: TableColumns) -> Iterator[exp.Expr]:
    if not isinstance(shown, exp.Column):
        yield shown
    elif isinstance(shown.this, exp.Star):
        for name in known[shown.table]:
            yield exp.alias_(exp.column(name, table=shown.table), name)
    else:
        yield exp.alias_(shown, shown.name)


def _columns(query: exp.Expr, known: TableColumns) -> Iterator[str]:
    """The names of what a query shows."""
    if isinstance(query, exp.SetOperation):
        query = query.this
    for shown in query.expressions:
        if not shown.is_star:
            yield shown.alias_or_name
            continue
        source = query.args["from_"].this
        if isinstance(shown, exp.Column) and shown.table != source.alias_or_name:
            yield from known[shown.table]
        elif isinstance(source, exp.Subquery):
            yield from _columns(source.this, known)
        else:
            yield from known[source.name]
