"""A simulation: everything that a run over a past period would grant, and nothing kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from ...compiler.plan import Plan
from ..due.periods import Between
from ..ledger.batches.books import ALERTS, REWARDS
from ..ledger.contract import Ledger
from ..ledger.stored import StoredLedger
from ..ledger.stores.connect_sqlite import Project
from ..run.run import Progress, decided
from ..run.work import Work
from .history import Past, past
from .simulation import Simulation
from .summing import shown_names, summed
from .unproved import UnprovedStore

DIGEST = "simulated"
"""The name of the plan in the ledger: by it the simulation finds what it decided itself."""


def simulate(
    work: Work, asked: Between, *, with_ledger: bool = False, progress: Progress | None = None
) -> Simulation:
    """Decide the period in the ledger of the work, which is thrown away, and sum up.

    Nothing is delivered. Raise `Unfit` (a `CannotRun`) like `run`, and `CannotRun` if nothing is
    granted in a period of which the warehouse has no events.
    """
    work = replace(work, digest=DIGEST, explains=False)
    pasts: list[Past] = []
    report = decided(
        work, asked, progress, before=lambda plan: pasts.append(past(plan, work.warehouse, asked))
    )
    found = summed(work.plan, work.ledger, DIGEST)
    if not any(one.granted for one in found.campaigns):
        pasts[0].require_events()
    return Simulation(
        asked.start,
        asked.end,
        found.campaigns,
        found.shared,
        found.recipients.overlaps(shown_names(work.plan)),
        found.recipients.several(),
        with_ledger,
        report,
        (*pasts[0].warnings(), *report.warnings),
    )


@contextmanager
def empty_ledger(plan: Plan, name: str, channels: frozenset[str]) -> Iterator[Ledger]:
    """Open an empty ledger in memory for the plan of a project; it is gone afterwards.

    Its outbox is not kept, so it takes no notice of rewards to fulfil and of alerts.
    """
    store = UnprovedStore(Project(name, plan.currency))
    with StoredLedger(store, plan.currency, channels - {REWARDS, ALERTS}) as ledger:
        yield ledger
