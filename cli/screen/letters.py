"""Rows of the outbox that a command line names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...runtime.ledger.outbox import Letter


def chosen(letters: Iterable[Letter], keys: tuple[str, ...]) -> Iterator[Letter]:
    """The letters of these keys; all of them if none is named."""
    from ...runtime.delivery.lines import row_key

    wanted = frozenset(keys)
    return (letter for letter in letters if not wanted or row_key(letter) in wanted)
