"""Columns of joins in ClickHouse.

Where three relations or more are joined, a column whose name another of them has too comes out
under the name `relation.column`. So what such a query shows is listed, each under its own name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sqlglot import exp

_MANY = 2


def with_names(query: exp.Select) -> exp.Select:
    """The query, its joins of several relations with an alias for every column."""
    known: dict[str, Sequence[str]] = {}
    for cte in query.ctes:
        select = cte.this
        if isinstance(select, exp.Select):
            _name(select, known)
            known[cte.alias] = tuple(_columns(select, known))
    _name(query, known)
    return query


def _name(select: exp.Select, known: Mapping[str, Sequence[str]]) -> None:
    if len(select.args.get("joins") or ()) >= _MANY:
        select.set("expressions", [one for each in select.expressions for one in _as(each, known)])


def _as(shown: exp.Expr, known: Mapping[str, Sequence[str]]) -> Iterator[exp.Expr]:
    if not isinstance(shown, exp.Column):
        yield shown
    elif isinstance(shown.this, exp.Star):
        for name in known[shown.table]:
            yield exp.alias_(exp.column(name, table=shown.table), name)
    else:
        yield exp.alias_(shown, shown.name)


def _columns(select: exp.Select, known: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """The names of what a query shows."""
    for shown in select.expressions:
        if shown.is_star:
            source = select.args["from_"].this.name if isinstance(shown, exp.Star) else shown.table
            yield from known[source]
        else:
            yield shown.alias_or_name
