"""The customers for whom conditions hold at an instant, asked as a campaign of these alone is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from ..plan import Campaign, Check, Eligibility, OnceTrigger, Step, WhenExhausted
from ..plan.expressions import Origin
from ..plan.steps import UNNAMED


def asking_everybody(
    name: str,
    label: str,
    at: datetime,
    origin: Origin,
    *,
    eligibility: Sequence[Eligibility] = (),
    checks: Sequence[Check] = (),
) -> Campaign:
    """A campaign that decides about everybody once, and gives nothing."""
    return Campaign(
        name=name,
        label=label,
        owner=None,
        goal=None,
        active_from=None,
        active_to=None,
        eligibility=tuple(eligibility),
        checks=tuple(checks),
        steps=(Step(UNNAMED, OnceTrigger(at, origin), None, (), (), origin),),
        shares=(),
        when_exhausted=WhenExhausted("stop", ()),
        quiet_hours=(),
        message_caps=(),
        holdout=Decimal(0),
        priority=0,
        policies=(),
        appeal=None,
        settled_days=None,
        settled_working=False,
        origin=origin,
    )
