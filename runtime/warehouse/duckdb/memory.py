"""How much memory DuckDB may take: little at first, and more where that does not do.

What it may take it takes, before it turns to temporary files, so a run would need the more memory
the more customers there are. A sort works in little as well, and nearly as fast; what cannot says
so, and is asked again with four times as much, up to a quarter of the machine.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MOST = "25%"
"""Of the machine: the rest is for the run."""

_A_THREAD = 64 * 2**20
"""Bytes to begin with."""

_TIMES = 4
_SHOWN = re.compile(r"([0-9.]+) ([KMGT])iB")
_UNITS = {"K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}


@dataclass(slots=True)
class Room:
    """What the engine behind a connection may take now, and at most, both in bytes."""

    connection: DuckDBPyConnection
    now: int
    most: int

    def more(self) -> bool:
        """Gives it more, where there is more to give."""
        if self.now >= self.most:
            return False
        self._give(self.now * _TIMES)
        return True

    def _give(self, limit: int) -> None:
        self.now = min(limit, self.most)
        value = exp.Literal.string(f"{self.now}B")
        setting = exp.EQ(this=exp.column("memory_limit"), expression=value)
        self.connection.execute(exp.Set(expressions=[exp.SetItem(this=setting)]).sql("duckdb"))

    @staticmethod
    def of(connection: DuckDBPyConnection, *, grows: bool) -> Room:
        """With what it may take now as the most; it begins with less where it `grows`."""
        asked = "SELECT current_setting('memory_limit'), current_setting('threads')"
        ((shown, threads),) = connection.execute(asked).fetchall()
        read = _SHOWN.fullmatch(shown)
        most = int(float(read[1]) * _UNITS[read[2]]) if read else 0
        room = Room(connection, most, most)
        if grows and most:
            room._give(_A_THREAD * max(int(threads), 2))
        return room
