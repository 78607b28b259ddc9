"""Group steps of campaigns that are decided alike, so that they can share their occasions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from ...plan import Plan
from ...plan.due import Due
from ...plan.steps import Dues, StepKey, steps_of
from ..ctes import Job


def alike(plan: Plan, dues: Dues) -> Iterator[tuple[tuple[Job, ...], Due]]:
    """The groups of steps for which anything is due, each with the union of their due periods.

    Groups of schedules come first, one for each set of campaigns that fire at the same instants. A
    schedule with several instants can be in several groups. Groups of event campaigns follow, one
    for each kind of event. A campaign that waits for a group of customers, a pattern, a
    timer or another step has a group to itself. So has one that waits for entering or leaving.
    """
    events: dict[tuple[str, StepKey | tuple[()]], list[Job]] = {}
    firing: dict[datetime, list[Job]] = {}
    for key, campaign, step in steps_of(plan):
        due = dues.get(key)
        if due is None:
            continue
        job = Job(campaign, step, due)
        if job.entering is not None:
            if due.every:
                yield (job,), Due(due.every[0], due.every[-1], due.every)
        elif job.is_scheduled:
            for instant in due.instants:
                firing.setdefault(instant, []).append(job)
        elif due.late_table is not None or due.start <= due.end:
            alone = key if job.waits else ()
            events.setdefault((job.event or "", alone), []).append(job)
    together: dict[tuple[StepKey, ...], list[datetime]] = {}
    for instant, jobs in sorted(firing.items()):
        together.setdefault(tuple(job.key for job in jobs), []).append(instant)
    for instants in together.values():
        first, *_, last = (instants[0], *instants)
        yield tuple(firing[first]), Due(first, last, tuple(instants))
    for _, jobs in sorted(events.items()):
        yield tuple(jobs), _hull(jobs)


def _hull(jobs: Sequence[Job]) -> Due:
    """All that is due of any of them; late events too, where there are some for one of them."""
    late = next((job.due.late_table for job in jobs if job.due.late_table is not None), None)
    asked = [job.due for job in jobs if job.due.start <= job.due.end]
    if not asked:
        return jobs[0].due
    start, end = min(due.start for due in asked), max(due.end for due in asked)
    return jobs[0].due if not jobs[1:] else Due(start, end, late_table=late)
