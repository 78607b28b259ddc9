"""Measures (see `builder`)."""

from __future__ import annotations

from typing import Any

from ...tree import Conversion, Guard, Measures, Revenue, Success
from ..tokens import covering


class MeasureBuilder:
    """Measures of a campaign."""

    @staticmethod
    def measures(children: list[Any]) -> Measures:
        """`measure { conversion … revenue … }`."""
        kept = tuple(one for one in children[2:-1] if one is not None)
        return Measures(kept, span=covering(children))

    @staticmethod
    def conversion(children: list[Any]) -> Conversion:
        """`conversion on invest where … within 14 days`."""
        _, event, _, where, _, within = children
        return Conversion(event, where, within, span=covering(children))

    @staticmethod
    def revenue(children: list[Any]) -> Revenue:
        """`revenue 0.8% of sum(invest.amount) within 90 days`."""
        _, value, _, within = children
        return Revenue(value, within, span=covering(children))

    @staticmethod
    def success(children: list[Any]) -> Success:
        """`success when stage becomes retail.growing within 30 days`."""
        _, stage, _, within = children
        return Success(stage, within, span=covering(children))

    @staticmethod
    def guard(children: list[Any]) -> Guard:
        """`guard at most 1% unsubscribe where … within 14 days`."""
        _, most, event, _, where, _, within = children
        return Guard(most, event, where, within, span=covering(children))
