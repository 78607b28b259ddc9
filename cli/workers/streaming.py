"""Deciding a stream with several workers."""

from __future__ import annotations

from ...compiler.plan import Plan
from ...dsl.diagnostics.diagnostic import CannotRun
from ...runtime.events.session import IDLE, Totals
from ...runtime.events.stream import batches
from ...runtime.events.worker import BATCH
from ...runtime.events.workers.apart import decided_together
from ..codes.command_line import DECISIONS_KEPT
from ..event_results import tell_lines
from ..failures import tell_all
from ..screen.terminal import Session
from ..stopping import whole
from .crew import Crew
from .in_order import Told
from .messages import Begin


def require_apart(plan: Plan) -> None:
    """Raise `CannotRun` if the plan has campaigns that one worker must decide."""
    found = decided_together(plan)
    if found:
        stopped = CannotRun(found[0])
        stopped.diagnostics = found
        raise stopped


def together(session: Session, begin: Begin, descriptor: int, count: int) -> tuple[Totals, bool]:
    """Decide an open file; return the totals, and whether rows of the warehouse were left out.

    Raise `CannotRun` if a worker cannot go on.
    """

    def tell(told: Told) -> None:
        tell_lines(told.problems, told.shown, session)

    with Crew(count, begin, session.now, tell) as crew:
        began = crew.begin()
        tell_all(began.warnings, session)
        session.kept = DECISIONS_KEPT
        for lines in batches(descriptor, BATCH * count, idle=IDLE, ready=crew.ready):
            with whole():
                if lines:
                    crew.deal(lines)
                else:
                    crew.pass_time()
        totals = crew.end()
    return totals, began.rows_left_out
