"""Results of a turn as lines that can be pasted into a scenario."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from ...compiler.plan import CASH
from ...compiler.plan.types import minor_unit
from ...dsl.formatting.literals import quoted
from .came import Came, CameLine, CameMessage, CameOutcome, CameReward


def written(came: Came, zone: ZoneInfo, *, several: bool, timed: bool = True) -> str:
    """`reward coffee and 50 points to ann at 2026-03-01 10:00`.

    The customer is named if there are several, the instant if `timed`.
    """
    match came:
        case CameReward(customer, _, lines, at):
            to = f" to {customer}" if several else ""
            given = " and ".join(_line(one) for one in lines)
            return f"reward {given}{to}{_at(at, zone) if timed else ''}"
        case CameMessage(customer, channel, text, at):
            to = f" to {customer}" if several else ""
            return f"message {channel} {quoted(text)}{to}{_at(at, zone) if timed else ''}"
        case CameOutcome(customer, _, outcome, _):
            return outcome + (f" of {customer}" if several else "")


def every(came: Sequence[Came], zone: ZoneInfo, *, several: bool) -> list[str]:
    """The lines of all that came; each refusal once."""
    return list(dict.fromkeys(written(one, zone, several=several) for one in came))


def _line(line: CameLine) -> str:
    if line.reward == CASH:
        return f"{_amount(line)} as cash"
    if line.currency == line.reward:
        return f"{line.amount:f} {line.reward}"
    return line.reward


def _amount(line: CameLine) -> str:
    places = Decimal(1).scaleb(-minor_unit(line.currency))
    return f"{line.amount.quantize(places):f} {line.currency}"


def _at(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone).replace(tzinfo=None)
    return f" at {local.isoformat(' ', 'seconds' if local.second else 'minutes')}"
