"""A simulation: everything that a run over a past period would grant, and nothing kept."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from ...compiler.plan import Plan
from ...compiler.plan.due import Due
from ...compiler.plan.steps import StepKey
from ..due.periods import Between
from ..ledger.batches.books import ALERTS, REWARDS
from ..ledger.contract import Ledger
from ..ledger.stored import StoredLedger
from ..ledger.stores.connect_sqlite import Project
from ..ledger.stores.memory import MemoryStore
from ..run.deciding.deciding import Progress
from ..run.run import decided
from ..run.work import Work
from .columns.deciding import decide_apart
from .columns.totals import ColumnTotals
from .history import Past, past
from .simulation import Simulation
from .summing import shown_names, summed

DIGEST = "simulated"
"""The name of the plan in the ledger: by it the simulation finds what it decided itself."""


def simulate(
    work: Work,
    asked: Between,
    *,
    with_ledger: bool = False,
    progress: Progress | None = None,
    by_columns: bool = True,
) -> Simulation:
    """Decide the period in the ledger of the work, which is thrown away, and sum up.

    Nothing is delivered. Raise `Unfit` (a `CannotRun`) like `run`, and `CannotRun` if nothing is
    granted in a period of which the warehouse has no events. Plain campaigns are decided
    `by_columns` unless the ledger has something in it; the results are the same.
    """
    work = replace(work, digest=DIGEST, explains=False)
    apart = _Apart(asked, progress, by_columns=by_columns and not with_ledger)
    report = decided(work, asked, progress, apart=apart.decide)
    found = summed(work.plan, work.ledger, DIGEST, apart.totals)
    before = apart.past
    if before is not None and not any(one.granted for one in found.campaigns):
        before.require_events()
    return Simulation(
        asked.start,
        asked.end,
        found.campaigns,
        found.shared,
        found.recipients.overlaps(shown_names(work.plan)),
        found.recipients.several(),
        with_ledger,
        report.left_out,
        (*(() if before is None else before.warnings()), *report.warnings),
    )


@dataclass(slots=True)
class _Apart:
    """The part of a simulation that needs no ledger, and the past that all of it reads."""

    asked: Between
    progress: Progress | None
    by_columns: bool
    past: Past | None = None
    totals: ColumnTotals | None = None

    def decide(
        self, work: Work, stretches: Sequence[tuple[StepKey, Due]], last: datetime
    ) -> Collection[StepKey]:
        """See `run.Apart`."""
        self.past = past(work.plan, work.warehouse, self.asked)
        if self.by_columns:
            told = self.progress or (lambda *_: None)
            self.totals = decide_apart(work, stretches, last, told)
        if self.totals is None:
            return ()
        return [key for key, _ in stretches if key.campaign in self.totals.names]


@contextmanager
def empty_ledger(plan: Plan, name: str, channels: frozenset[str]) -> Iterator[Ledger]:
    """Open an empty ledger in memory for the plan of a project; it is gone afterwards.

    Its outbox is not kept, so it takes no notice of rewards to fulfil and of alerts.
    """
    store = MemoryStore.of(Project(name, plan.currency), sends=False)
    with StoredLedger(store, plan.currency, channels - {REWARDS, ALERTS}) as ledger:
        yield ledger
