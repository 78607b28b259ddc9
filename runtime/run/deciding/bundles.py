"""The bundles of a step, by the texts of their amounts: rows with the same amounts share one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from ....compiler.plan import Plan, Reward, RewardLine
from ....compiler.plan.calendar import WallClock
from ....compiler.plan.types import ValueType
from ....compiler.plan.values import decode
from ....compiler.rewards.payouts import goods_of
from ...decide.decisions import Line
from ..candidates import bundle_at

_MOST = 4_096

Cells = tuple[str | None, ...]
"""The texts of the amounts of a bundle's lines; `None` where a line has none."""


class Bundles:
    """The bundles that one list of a step's lines comes to.

    `expires`: a bundle that was made ends at some instant. Such a one is kept for its instant.
    """

    def __init__(
        self,
        plan: Plan,
        reward: Reward | None,
        lines: Sequence[RewardLine],
        types: Sequence[ValueType | None],
    ) -> None:
        self.known: dict[Any, tuple[Line, ...]] = {}
        self.expires = False
        self._reward = reward
        self._lines = tuple(lines)
        self._types = tuple(types)
        self._goods = goods_of(plan)
        self._zone = ZoneInfo(plan.time_zone)

    def of(self, cells: Cells, at: datetime) -> tuple[Line, ...]:
        """The lines of these amounts at an instant; none if an amount gives nothing."""
        if self.expires:
            ended = self.known.get((cells, at))
            if ended is not None:
                return ended
        clock = WallClock(at, self._zone)
        values = [
            None if cell is None or type_ is None else decode(type_, cell)
            for type_, cell in zip(self._types, cells, strict=True)
        ]
        whole, is_lasting = bundle_at(self._reward, self._lines, values, self._goods, clock)
        if len(self.known) >= _MOST:
            self.known.clear()
        if is_lasting:
            self.known[cells] = whole
        else:
            self.expires = True
            self.known[cells, at] = whole
        return whole
