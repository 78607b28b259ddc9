"""The part of each step that a run decides, with the late keys that its query reads."""

from __future__ import annotations

from collections.abc import Sequence

from ...compiler.plan import Schedule, WalletTrigger
from ...compiler.plan.due import Due
from ...compiler.plan.steps import StepKey
from ..due.late import LateKeys, groups_of, keys_of
from ..due.periods import Period
from ..due.schedule import due
from .entered import again_of
from .work import Work


def stretches_of(work: Work, found: Sequence[Period], late: LateKeys) -> list[tuple[StepKey, Due]]:
    """Every step for which there is something to look at."""
    stretches = []
    for number, period in enumerate(found):
        (name, step), kept, since = period.key, None, None
        is_scheduled = isinstance(period.step.trigger, Schedule | WalletTrigger)
        groups = groups_of(period)
        again = again_of(work.plan, work.warehouse, period, late, f"campaigner_late_{number}")
        if any(map(late.keys.has, groups)):
            kept, since = f"campaigner_late_{number}", period.floor
            work.warehouse.keep(kept, keys_of(period, late.keys, groups))
        start, end = period.start, period.end
        stretch = due(
            *(work.plan, name, start, end, kept),
            step=step,
            late_since=since,
            late=again,
            entered=period.entered,
        )
        if stretch.every or kept or (not is_scheduled and stretch.start <= stretch.end):
            stretches.append((period.key, stretch))
    return stretches
