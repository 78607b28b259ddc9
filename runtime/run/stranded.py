"""Edits with people inside: which steps are gone, who waits for them, and what becomes of them.

The ledger keeps each journey as it was at the last run, so that the edit can be seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from ...compiler.diff.alike import equal
from ...compiler.plan import Campaign, Plan, Step
from ...compiler.plan.expressions import where
from ...compiler.plan.plan_json import dump
from ...compiler.plan.steps import StepKey
from ...dsl.diagnostics.diagnostic import CannotRun, Label, Phrase, diagnose, names_listed
from ..codes import running
from ..decide.deciding import leaving
from ..decide.decisions import Decision, Identity
from ..decide.journeys.inside import Inside, Instance, place_of, until
from ..due.experiments import keep_experiments, require_same_experiments
from ..due.notes import journey_before
from ..due.periods import Period
from ..ledger.contract import Ledger


@dataclass(slots=True)
class Gone:
    """The customers who are at a gone step, or wait for it. `goes_on`: the steps they can come to.

    `waiting` are the instances that wait for it; the others have come to it last.
    """

    waiting: list[Inside] = field(default_factory=list)
    count: int = 0
    example: str = ""
    goes_on: dict[str, None] = field(default_factory=dict)

    def add(self, inside: Inside, goes_on: Sequence[str], *, waits: bool) -> None:
        """Take in an instance."""
        self.count += 1
        self.example = self.example or inside.customer
        self.goes_on |= dict.fromkeys(goes_on)
        self.waiting += [inside] if waits else []


Since = Mapping[str, datetime]
"""By campaign, the instant from which a run decides what the last one has not."""


def since_last_run(periods: Iterable[Period], last: datetime) -> Since:
    """Return from when a run goes on, by campaign: steps that are new begin before that."""
    found: dict[str, datetime] = {}
    for one in periods:
        name = one.campaign.name
        start = one.start if one.start <= one.end else last
        found[name] = max(start, found.get(name, start))
    return found


def take_up(
    plan: Plan, deployed: Plan, digest: str, ledger: Ledger, every: Iterable[Period], last: datetime
) -> tuple[Since, Changed]:
    """Take up from where the ledger is: carry out edits, and keep the plan for those after us.

    `deployed` is the plan as its digest names it, whatever the warehouse has made of it since.
    Raise `CannotRun` if an edit strands somebody, or changes an experiment that has decided.
    """
    require_same_experiments(plan, ledger)
    since = since_last_run(every, last)
    changed = carry_out_edits(plan, digest, ledger, since)
    keep_experiments(plan, ledger)
    ledger.keep_plan(digest, lambda: dump(deployed))
    return since, changed


def require_nobody_stranded(plan: Plan, ledger: Ledger, since: Since) -> None:
    """Raise `CannotRun` if a step is gone at which somebody is, or for which somebody waits.

    A step is not gone that another is `renamed from`, or that the journey says is `removed`.
    """
    for campaign in plan.campaigns:
        now = since.get(campaign.name)
        if campaign.journey is None or now is None:
            continue
        silent = {
            step: one
            for step, one in gone_steps(plan, campaign, ledger, now).items()
            if step not in (*campaign.journey.removed, *campaign.journey.ended)
        }
        if silent:
            place, name = where(campaign.journey.origin), campaign.renamed or campaign.name
            step, first = next(iter(silent.items()))
            count = f"{first.count:,}"
            found = diagnose(
                running.STRANDED, place, name=name, step=step, count=count, customer=first.example
            )
            head = where(campaign.origin)
            labels = tuple(Label(head, _line(step, one)) for step, one in silent.items())
            raise CannotRun(replace(found, labels=labels))


def _line(step: str, one: Gone) -> Phrase:
    """Say how many are at a step, and where they would go."""
    count, to = f"{one.count:,}", names_listed(one.goes_on)
    if not one.goes_on:
        return Phrase("stranded.nowhere", step=step, count=count)
    return Phrase("stranded.goes_on", step=step, count=count, to=to)


def gone_steps(plan: Plan, campaign: Campaign, ledger: Ledger, now: datetime) -> dict[str, Gone]:
    """Return the steps that the journey has no more and where somebody is, by name, sorted."""
    zone, known = ZoneInfo(plan.time_zone), {step.name for step in campaign.steps}
    before = journey_before(ledger, campaign)
    left_out = [] if before is None else [one for one in before.steps if one.name not in known]
    found: dict[str, Gone] = {}
    for inside in ledger.inside(campaign.name):
        last = _last(inside.steps)
        if last in known and not left_out:
            continue
        place = place_of(campaign, zone, inside.steps, now)
        if place is not None and place.state == "left":
            continue
        goes_on = () if place is None else place.awaits
        ends = {
            one.name: None if before is None else until(before, zone, one, inside.steps)
            for one in left_out
        }
        waits = [name for name, end in ends.items() if end is not None and end >= now]
        for step in waits if last in known else dict.fromkeys((last, *waits)):
            found.setdefault(step, Gone()).add(inside, goes_on, waits=step in waits)
    return dict(sorted(found.items()))


def _last(steps: Instance) -> str:
    return max(steps, key=lambda name: (steps[name].at, name))


# --- what becomes of those who wait -------------------------------------------------------------


def endings(plan: Plan, ledger: Ledger, since: Since) -> Iterator[Decision]:
    """Yield the end of each instance that waits for a step that is removed with `end`."""
    for campaign in plan.campaigns:
        now = since.get(campaign.name)
        if campaign.journey is None or not campaign.journey.ended or now is None:
            continue
        gone = gone_steps(plan, campaign, ledger, now)
        ended: set[tuple[str, str]] = set()
        for step in campaign.journey.ended:
            for one in gone.get(step, Gone()).waiting:
                if (one.customer, one.occurrence) not in ended:
                    ended.add((one.customer, one.occurrence))
                    who = Identity(campaign.name, step, one.customer, one.occurrence)
                    yield leaving(who, now)


def carry_out_edits(plan: Plan, digest: str, ledger: Ledger, since: Since) -> Changed:
    """End the instances that wait for removed steps, and return the steps that have changed.

    Raise `CannotRun` if the edit strands somebody: see `require_nobody_stranded`.
    """
    require_nobody_stranded(plan, ledger, since)
    ledger.decide(plan, list(endings(plan, ledger, since)), digest)
    return Changed.of(plan, ledger, since)


# --- timers and deadlines that changed ----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Changed:
    """The later steps whose timer or deadline is another than at the last run, and since when.

    `instances` had begun by then: campaign, customer and occurrence.
    """

    steps: Mapping[StepKey, datetime]
    instances: frozenset[tuple[str, str, str]]

    @staticmethod
    def of(plan: Plan, ledger: Ledger, since: Since) -> Changed:
        """Compare the journeys of a plan with those that the ledger has."""
        steps: dict[StepKey, datetime] = {}
        for campaign in plan.campaigns:
            now = since.get(campaign.name)
            before = None if campaign.journey is None else journey_before(ledger, campaign, now)
            if before is not None and now is not None:
                known = {one.name: _when(one) for one in before.steps}
                steps |= {
                    StepKey(campaign.name, one.name): now
                    for one in campaign.steps
                    if one.follows is not None and not equal(known.get(one.name), _when(one))
                }
        instances = {
            (one.campaign, one.customer, one.occurrence)
            for name in dict.fromkeys(key.campaign for key in steps)
            for one in ledger.inside(name)
        }
        return Changed(steps, frozenset(instances))

    def is_past(self, decision: Decision) -> bool:
        """Whether a step comes, by its new timer, before the edit of an instance that waited."""
        who = decision.identity
        now = self.steps.get(who.key)
        if now is None or decision.at >= now:
            return False
        return (who.campaign, decision.customer, who.occurrence) in self.instances


def _when(step: Step) -> tuple[object, ...]:
    """Return all of a step that says when it comes."""
    follows = step.follows
    by = None if follows is None else follows.by
    return step.trigger, () if follows is None else follows.steps, by
