"""Pools: budgets that campaigns, and other pools, draw from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from .. import plan
from ..check.context import Context
from ..codes import money as words
from .budgets import Caps, Owner, benefit_stocks, budget


@dataclass(frozen=True, slots=True)
class SharedCaps:
    """The accounts of pools and benefits; `totals` are the totals of pools, by their names."""

    accounts: tuple[plan.Account, ...]
    totals: Mapping[str, Decimal]


def pool_caps(c: Context) -> dict[str, Caps]:
    """The caps of every pool, by its name."""
    return {
        name: budget(c, Owner("pool", name), node.statements, node.name)
        for name, node in c.symbols.pools.items()
    }


def shared_caps(c: Context) -> SharedCaps:
    """The caps of pools and benefits, which campaigns share."""
    pools = pool_caps(c)
    of_pools = (account for caps in pools.values() for account in caps.accounts)
    totals = {name: caps.total.cap for name, caps in pools.items() if caps.total is not None}
    return SharedCaps((*benefit_stocks(c), *of_pools), totals)


def report_pool_circles(c: Context, pools: tuple[plan.Pool, ...]) -> None:
    """Report pools that draw from themselves, at whatever distance."""
    parents = {pool.name: pool.parent for pool in pools}
    for name in parents:
        path = [name]
        while (parent := parents.get(path[-1])) is not None and parent not in path:
            path.append(parent)
        if parent == name:
            circle = " → ".join(f"`{one}`" for one in [*path, name])
            c.report(words.POOL_CIRCLE, c.symbols.pools[name].name, name=name, circle=circle)


def lineage(pools: tuple[plan.Pool, ...], name: str | None) -> tuple[str, ...]:
    """A pool and those it draws from, the nearest first."""
    parents = {pool.name: pool.parent for pool in pools}
    path: list[str] = []
    while name is not None and name in parents and name not in path:
        path.append(name)
        name = parents[name]
    return tuple(path)
