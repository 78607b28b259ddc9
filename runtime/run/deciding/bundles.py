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
from ....compiler.rewards.table import payout
from ...decide.decisions import Line
from ...decide.lines import bundle, by_times, is_timeless, line_of

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
        values = (
            None if cell is None or type_ is None else decode(type_, cell)
            for type_, cell in zip(self._types, cells, strict=True)
        )
        found = [
            payout(line, value, self._goods)
            for line, value in zip(self._lines, values, strict=True)
        ]
        made = [
            None if one is None else line_of(self._reward, one, clock, times=by_times(line))
            for line, one in zip(self._lines, found, strict=True)
        ]
        whole = bundle(made) or ()
        if len(self.known) >= _MOST:
            self.known.clear()
        if all(one is None or is_timeless(self._reward, one) for one in found):
            self.known[cells] = whole
        else:
            self.expires = True
            self.known[cells, at] = whole
        return whole
