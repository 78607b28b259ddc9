"""A run: read what is due from the warehouse, decide it in the ledger, and deliver.

Decisions of all campaigns are made in the order of time, so shared budgets serve whoever comes
first. Progress is stored last. A run that is cut off is simply run again: decisions are idempotent.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime

from ...compiler.plan.due import Due
from ...compiler.plan.steps import StepKey
from ..delivery import Delivered
from ..due.late import LateKeys, late_keys, mark_looked_at
from ..due.notes import keep_journeys, unreadable_notes
from ..due.periods import At, Between, Period, last_instant, periods, progress_after
from ..due.provisional import provisional
from ..due.step_marks import late_comings
from ..ledger.draws.odds import draws_of
from ..warehouse.bad_rows import Sound, sound
from ..warehouse.check import used_events
from ..warehouse.laid_over import laid_over
from .claim_rows import answers_due
from .code_stocks import take_codes, with_stocks_near_end
from .deciding.deciding import Deciding, Progress
from .deciding.portions import portions, with_answers
from .items import in_order, merged
from .nothing import with_reasons
from .paused import held_warnings, left_alone, without
from .report import RunReport
from .stranded import take_up
from .stretches import stretches_of
from .vanished import vanished
from .work import Work, deliver_due

Apart = Callable[[Work, Sequence[tuple[StepKey, Due]], datetime], Collection[StepKey]]
"""Decides the work of some steps up to an instant outside of the ledger, and says of which ones.

The plan of the work reads sound rows alone."""


def run(
    work: Work, asked: At | Between, *, dry_run: bool = False, progress: Progress | None = None
) -> RunReport:
    """Carry out everything that is due.

    With `dry_run` it works on a copy of the ledger, and keeps and delivers nothing. Raise `Unfit`
    (a `CannotRun`) if the warehouse does not match the catalog, before anything is decided.
    """
    if not dry_run:
        return decided(work, asked, progress, keeps=True)
    with work.ledger.rehearsal() as copy:
        return decided(replace(work, ledger=copy), asked, progress)


def decided(
    work: Work,
    asked: At | Between,
    progress: Progress | None = None,
    *,
    keeps: bool = False,
    apart: Apart | None = None,
) -> RunReport:
    """Decide everything that is due in the ledger of the work, as `run` does.

    With `keeps`, store the progress and deliver. Raise like `run`.
    """
    found_sound, last, deployed = _sound(work), last_instant(asked), work.plan
    reading = laid_over(found_sound.opened(work.warehouse), work.warehouse, work.lacking)
    work, ledger = replace(work, plan=reading), work.ledger
    renamed = (*vanished(work.plan, ledger), *unreadable_notes(work.plan, ledger))
    every = _asked_for(work, asked)
    since, changed = take_up(work.plan, deployed, work.digest, ledger, every, last)
    ledger.declare(work.digest, tuple(draws_of(work.plan, work.seeds)))
    codes = take_codes(work.plan, work.warehouse, ledger)
    alone = left_alone(work.plan, ledger)
    found = without(every, alone)
    late = late_keys(work.plan, work.warehouse, ledger, found)
    stretches = stretches_of(work, found, late)
    taken_apart = () if apart is None else apart(work, stretches, last)
    here = [one for one in stretches if one[0] not in taken_apart]
    answers = answers_due(work.plan, work.warehouse, found, every, late.keys)
    run_ = Deciding(work, ledger, progress or _quiet, stretches, changed, since, found, last=last)
    run_.fixed.note_late(late_comings(found, late.keys))
    if work.plain:
        run_.decide(merged(in_order(work, here), *answers))
    else:
        run_.decide_together(with_answers(portions(work, here, run_.apart()), answers))
    if keeps:
        _keep(work, without(found, run_.put_off()), late, last)
        run_.keep()
    delivered = deliver_due(work, last) if keeps else Delivered()
    campaigns = with_reasons(work, every, dict(stretches), run_.report(), run_.gate, alone)
    return RunReport(
        run_.start,
        last,
        not keeps,
        campaigns,
        delivered,
        ledger.waiting_channels(datetime.max.replace(tzinfo=last.tzinfo)),
        (
            *found_sound.warnings,
            *renamed,
            *(*held_warnings(work.plan, ledger), *with_stocks_near_end(codes, work.plan, ledger)),
            *provisional(work.plan, stretches),
            *run_.revealed.warnings(),
            *delivered.warnings(ledger.waiting_channels(last)),
        ),
        run_.ended,
        found_sound.left_out,
        run_.observed.rows(ledger),
    )


def _asked_for(work: Work, asked: At | Between) -> tuple[Period, ...]:
    """The periods of all campaigns, or of the one that is asked for."""
    found = periods(work.plan, asked, work.ledger)
    return tuple(one for one in found if work.only in (None, one.campaign.name))


def _keep(work: Work, done: tuple[Period, ...], late: LateKeys, last: datetime) -> None:
    """Store how far the run came."""
    mark_looked_at(work.plan, work.warehouse, work.ledger, done, late.keys)
    work.ledger.set_progress(progress_after(done))
    keep_journeys(work.plan, work.ledger, last)


def _quiet(_: int, __: datetime) -> None:
    """Ignore progress."""


def _sound(work: Work) -> Sound:
    """Return the warehouse without its bad rows. Raise `Unfit` if it has too many."""
    if work.sound is not None:
        return work.sound
    return sound(work.warehouse, work.plan, used_events(work.plan), work.bad_share)
