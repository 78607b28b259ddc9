"""All decisions that fall due in a stream, in their order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from ....compiler.plan import Plan
from ....compiler.plan.chance import Seeds
from ...decide.decisions import Decision
from ...decide.facts import moment, named
from ...due.known import Asked, Fresh
from ...due.periods import first_caught_up
from ...due.upcoming import upcoming
from ...ledger.contract import Ledger
from ...run.paused import left_alone
from ...warehouse.rows import WarehouseRows
from ..concerns import Event
from ..part import WHOLE, Part
from ..requests import DueDecision, place_of
from .scheduling import Scheduling
from .stepping import Stepping
from .timing import Timing

PAUSE = timedelta(minutes=1)
"""Timers of events that only the warehouse has are looked up as often, while no event comes."""


class FallingDue:
    """The timers, later steps and schedules of a plan, as the time of a stream passes them.

    Of the customers of a `part`; all of them without it.
    """

    def __init__(self, plan: Plan, ledger: Ledger, seeds: Seeds, part: Part = WHOLE) -> None:
        self._plan = plan
        self._ledger = ledger
        self._timing = Timing(plan, ledger, seeds, part)
        self._stepping = Stepping(plan, ledger, seeds, part)
        self._scheduling = Scheduling(plan, ledger, seeds, part)
        self._parts = (self._timing, self._stepping, self._scheduling)
        self._began: datetime | None = None
        self._upto: datetime | None = None
        self._next: datetime | None = None

    def __bool__(self) -> bool:
        """Whether the plan has anything that falls due."""
        return any(map(bool, self._parts))

    @property
    def asks(self) -> Asked:
        """Kinds of event that these decisions may read, and indices by which they find some."""
        kinds = frozenset().union(*(one.keeps for one in self._parts))
        return Asked(kinds, {**self._timing.indices, **self._stepping.indices})

    def begin(self, at: datetime) -> None:
        """Begin with the day of an instant; without it, with that of the first event."""
        self._began = self._began or at

    @property
    def progress(self) -> Mapping[str, datetime]:
        """How far the schedules of a part of the customers have come, which nobody keeps yet."""
        return dict(self._scheduling.progress)

    def find(
        self, rows: WarehouseRows, fresh: Fresh, in_order: Sequence[Event], upto: datetime
    ) -> list[DueDecision]:
        """Return what is due with these events, or by an instant, and was not decided yet."""
        self._upto = upto
        self.begin(min((moment(one.row)[0] for one in in_order[:1]), default=upto))
        began = self._began or upto
        alone = left_alone(self._plan, self._ledger) if self else frozenset()
        found = [
            *self._timing.due(rows, fresh, in_order, alone, began, upto),
            *self._scheduling.due(rows, fresh, alone, began, upto),
        ]
        entries = [one.decision for one in found]
        found += self._stepping.due(rows, fresh, in_order, entries, alone, began, upto)
        return sorted((self._in_time(one, in_order, upto) for one in found), key=place_of)

    def _in_time(self, due: DueDecision, in_order: Sequence[Event], upto: datetime) -> DueDecision:
        """Return the decision, marked if the stream comes to its instant too late."""
        decision = due.decision
        campaign = named(self._plan.campaigns, decision.identity.campaign)
        following = (at for at, _ in (moment(one.row) for one in in_order) if at >= decision.at)
        first = first_caught_up(self._plan, campaign, next(following, upto))
        if first is None or decision.at >= first:
            return due
        return due._replace(decision=decision._replace(too_late=True))

    def is_due(self, at: datetime) -> bool:
        """Whether something is known to be due by an instant, or a minute has passed."""
        if not self:
            return False
        if self._next is None or self._next <= at:
            return True
        waits = self._stepping.next
        return waits is not None and waits <= at

    def note(self, decision: Decision) -> None:
        """Note a decision: later ones may be measured from it."""
        self._stepping.note(decision)

    @property
    def has_entered(self) -> bool:
        """Whether a wallet has begun a journey since the last look."""
        return self._stepping.has_entered

    def pass_by(self) -> None:
        """Keep that everything which was found is decided. Without it, it is found again."""
        if self._upto is not None:
            for one in self._parts:
                one.pass_by(self._upto)
            known = upcoming(self._plan, self._upto).values() if self._scheduling else ()
            instants = [instant for instant in known if instant is not None]
            self._next = min([self._upto + PAUSE, *instants])
            self._upto = None

    def forget(self, *, decided: bool) -> None:
        """Look up in the ledger how far all is decided; with `decided`, also who waits."""
        self._next = None
        for one in self._parts:
            one.forget(decided=decided)
