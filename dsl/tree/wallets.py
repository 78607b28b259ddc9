"""The wallets that a file names in its rewards."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import fields
from functools import cache
from typing import cast

from .base import Node
from .rewards import PerReward, Price, Take, WalletReward


def wallets_in(node: object) -> Iterator[str]:
    """The wallets that a part of the tree moves."""
    match node:
        case Node():
            if isinstance(node, WalletReward | PerReward | Take | Price):
                yield node.wallet.text
            yield from (
                name
                for one in _names(cast(Hashable, type(node)))
                for name in wallets_in(getattr(node, one))
            )
        case tuple():
            yield from (name for one in node for name in wallets_in(one))
        case _:
            pass


@cache
def _names(kind: Hashable) -> tuple[str, ...]:
    return tuple(one.name for one in fields(cast(type[Node], kind)))
