"""DuckDB's memory: little at first, and more if a query needs it.

DuckDB fills its limit before it spills, so a high limit would let memory grow with the customers. A
sort is nearly as fast with little memory. Start low, and quadruple the limit on OutOfMemory, up to
a quarter of the machine's memory.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MOST = "25%"
"""The share of the machine's memory; the rest is for the run."""

_A_THREAD = 64 * 2**20
"""Bytes to begin with."""

_TIMES = 4
_SHOWN = re.compile(r"([0-9.]+) ([KMGT])iB")
_UNITS = {"K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}


@dataclass(slots=True)
class Room:
    """The memory limit of a connection's engine now, and its maximum, in bytes."""

    connection: DuckDBPyConnection
    now: int
    most: int

    def more(self) -> bool:
        """Raise the limit, if it is below the maximum; return whether it was raised."""
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
        """Return the current limit as the maximum; with `grows`, begin with less."""
        asked = "SELECT current_setting('memory_limit'), current_setting('threads')"
        ((shown, threads),) = connection.execute(asked).fetchall()
        read = _SHOWN.fullmatch(shown)
        most = int(float(read[1]) * _UNITS[read[2]]) if read else 0
        room = Room(connection, most, most)
        if grows and most:
            room._give(_A_THREAD * max(int(threads), 2))
        return room
