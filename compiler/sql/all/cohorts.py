"""Which campaigns are decided alike, so that they can share their occasions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from ...plan import Plan
from ...plan.due import Due
from ..ctes import Own


def alike(plan: Plan, dues: Mapping[str, Due]) -> Iterator[tuple[tuple[Own, ...], Due]]:
    """The campaigns for which anything is due, and what is due of any of them.

    First those with schedules, by the instants at which they fire (one with several instants can be
    in several), then the others, by the event that they wait for: each by itself if for a group.
    """
    events: dict[tuple[str, str], list[Own]] = {}
    firing: dict[datetime, list[Own]] = {}
    for campaign in plan.campaigns:
        due = dues.get(campaign.name)
        if due is None:
            continue
        own = Own(campaign, campaign.steps[0], due)
        if own.event is None:
            for instant in due.instants:
                firing.setdefault(instant, []).append(own)
        elif due.late_table is not None or due.start <= due.end:
            alone = "" if own.group is None else campaign.name
            events.setdefault((own.event, alone), []).append(own)
    together: dict[tuple[str, ...], list[datetime]] = {}
    for instant, owns in sorted(firing.items()):
        together.setdefault(tuple(own.campaign.name for own in owns), []).append(instant)
    for instants in together.values():
        first, *_, last = (instants[0], *instants)
        yield tuple(firing[first]), Due(first, last, tuple(instants))
    for _, owns in sorted(events.items()):
        yield tuple(owns), _hull(owns)


def _hull(owns: Sequence[Own]) -> Due:
    """All that is due of any of them; late events too, where there are some for one of them."""
    late = next((own.due.late_table for own in owns if own.due.late_table is not None), None)
    asked = [own.due for own in owns if own.due.start <= own.due.end]
    if not asked:
        return owns[0].due
    return Due(min(due.start for due in asked), max(due.end for due in asked), late_table=late)
