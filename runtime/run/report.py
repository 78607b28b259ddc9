"""The report of a run, step by step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Final

from ...compiler.plan import Campaign, Plan
from ...compiler.plan.steps import StepKey, shown_name
from ...dsl.diagnostics.diagnostic import Diagnostic
from ..decide.braking.events import AlarmEvent, AlarmResult
from ..decide.claims import ClaimEvent, ClaimOutcome, ClaimResult
from ..decide.decisions import Decision, Identity, Outcome, Result
from ..decide.reversing.events import ReversalEvent, ReversalOutcome, ReversalResult
from ..delivery import Delivered
from ..explain.funnel import Nothing
from ..ledger.batches.conflicts import Conflict, conflict
from ..ledger.contract import GrantRow, Ledger
from ..warehouse.bad_rows import LeftOut
from ..warehouse.text_sets import Distinct

_REACHED: Final = frozenset({"granted", "already_granted", "reached"})
"""The outcomes of those who have a grant, or came to the step."""

SHOWN = 20
"""The most conflicts that a report lists for each campaign."""


@dataclass(frozen=True, slots=True)
class CampaignReport:
    """The report of one step of a campaign.

    - `looked`: decisions that came up. `repeated` of them had been made before, and `already` of
      these had been granted.
    - `outcomes`, `refused`: new decisions by outcome, and refusals by outcome and account.
    - `granted`: new grants; `reached`: distinct recipients with a grant, new or old.
    - `changed`: earlier decisions and claims that would differ now, but are kept. `conflicts`
      lists some.
    - `claims`: new claims by outcome; `claimed_before` counts earlier ones.
    - `reversals`: new reversals of the campaign by outcome, under its first step.
    - `spent`, `budget`, `left`: the campaign's total budget after the run; `None` without one.
    - `shown`: the name for people, with the step's if the campaign has several.
    - `renamed`: the campaign's name in the file, if the ledger keeps a former one.
    - `nothing`: the reason why nothing was granted; `None` if something was.
    - `kept_back`: messages of new grants that cannot be sent, by reason.
    - `gate`: of a run that observes, the customers who met 0, 1, 2, … conditions on past grants.
    """

    campaign: str
    step: str
    shown: str
    label: str
    looked: int
    reached: int
    granted: int
    repeated: int
    outcomes: Counter[Outcome]
    changed: int
    conflicts: tuple[Conflict, ...]
    claims: Counter[ClaimOutcome]
    claimed_before: int
    spent: Decimal | None
    budget: Decimal | None
    left: Decimal | None
    renamed: str | None = None
    already: int = 0
    refused: Counter[tuple[Outcome, str | None]] = field(default_factory=Counter)
    nothing: Nothing | None = None
    kept_back: Counter[str] = field(default_factory=Counter)
    reversals: Counter[ReversalOutcome] = field(default_factory=Counter)
    gate: tuple[int, ...] = ()

    @property
    def key(self) -> StepKey:
        """The step's key."""
        return StepKey(self.campaign, self.step)

    @property
    def gave(self) -> bool:
        """Whether anybody received anything in this run, or came to a step that gives nothing."""
        moments = self.outcomes["reached"] + self.outcomes["left"]
        return self.granted > 0 or self.claims["claimed"] > 0 or moments > 0


@dataclass(frozen=True, slots=True)
class RunReport:
    """The results of a run. Instants are in UTC.

    `waiting` counts outbox rows that are not due yet, by channel. `rehearsed`: a dry run, which
    keeps and delivers nothing. `ended` counts offers, grants and lots of points that expired.
    `left_out` are the bad rows of the warehouse, `grants` the new ones of a run that
    observes.
    """

    start: datetime
    end: datetime
    rehearsed: bool
    campaigns: tuple[CampaignReport, ...]
    delivered: Delivered
    waiting: Counter[str]
    warnings: tuple[Diagnostic, ...]
    ended: int
    left_out: tuple[LeftOut, ...] = ()
    grants: tuple[GrantRow, ...] | None = None


@dataclass(slots=True)
class Tally:
    """One step's decisions, counted as the ledger answers.

    `reached` has the recipients of all steps of the run.
    """

    key: StepKey
    reached: Distinct
    looked: int = 0
    granted: int = 0
    repeated: int = 0
    changed: int = 0
    already: int = 0
    kept_back: Counter[str] = field(default_factory=Counter)
    refused: Counter[tuple[Outcome, str | None]] = field(default_factory=Counter)
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    conflicts: list[Conflict] = field(default_factory=list)
    claims: Counter[ClaimOutcome] = field(default_factory=Counter)
    claimed_before: int = 0
    reversals: Counter[ReversalOutcome] = field(default_factory=Counter)

    @property
    def _group(self) -> str:
        return " ".join(self.key)

    def compare(
        self,
        ledger: Ledger,
        asked: Decision | ClaimEvent | ReversalEvent | AlarmEvent,
        result: Result | ClaimResult | ReversalResult | AlarmResult,
    ) -> None:
        """Count a result that would differ now."""
        self.changed += result.changed
        if result.changed and len(self.conflicts) < SHOWN:
            found = conflict(ledger, asked, result)
            self.conflicts += [] if found is None else [found]

    def claim(self, result: ClaimResult) -> None:
        """Count the result of a claim."""
        if result.repeated:
            self.claimed_before += 1
        else:
            self.claims[result.outcome] += 1

    def reverse(self, result: ReversalResult) -> None:
        """Count the result of a reversal."""
        if not result.repeated:
            self.reversals[result.outcome] += 1

    def add(self, result: Result) -> None:
        """Count the result of a decision."""
        self.add_alike([result])

    def add_alike(self, results: Sequence[Result]) -> None:
        """Count results that differ in nothing but whom and which occurrence they are about."""
        (one, *_), times = results, len(results)
        self.looked += times
        if one.outcome in _REACHED:
            self.reached.add_all(self._group, (each.identity.recipient for each in results))
        if one.repeated:
            self.repeated += times
            self.already += times if one.outcome == "already_granted" else 0
            return
        self.outcomes[one.outcome] += times
        for reason in one.kept_back:
            self.kept_back[reason] += times
        if one.outcome == "granted":
            self.granted += times
        elif one.outcome not in ("reached", "left"):
            self.refused[one.outcome, one.account] += times

    def serve(self, result: Result) -> None:
        """Count a customer of the waiting list who was served."""
        self.kept_back.update(result.kept_back)
        self.outcomes[result.outcome] += 1
        self.granted += 1
        self.reached.add(self._group, result.identity.recipient)

    def report(self, plan: Plan, campaign: Campaign, ledger: Ledger) -> CampaignReport:
        """Return the campaign's report, with its budget as the ledger has it now."""
        spent, cap, left = _budget(plan, campaign, ledger)
        return CampaignReport(
            *self.key,
            shown_name(campaign, self.key.step),
            campaign.label,
            self.looked,
            self.reached.count(self._group),
            self.granted,
            self.repeated,
            self.outcomes,
            self.changed,
            tuple(self.conflicts),
            self.claims,
            self.claimed_before,
            spent,
            cap,
            left,
            campaign.renamed,
            self.already,
            self.refused,
            kept_back=self.kept_back,
            reversals=self.reversals,
        )


def _budget(
    plan: Plan, campaign: Campaign, ledger: Ledger
) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
    """Return spent, cap and left of the campaign's total budget; `None`s without one."""
    shared = {
        charge.account for step in campaign.steps for charge in step.charges if charge.share is None
    }
    whole = {
        account.id
        for account in plan.accounts
        if account.owner_kind == "campaign"
        and account.owner == campaign.name
        and account.measure == "money"
        and account.period is None
        and account.key is None
        and account.id in shared
    }
    # Other accounts may have a balance for every customer.
    asked = tuple(account for account in plan.accounts if account.id in whole)
    for row in ledger.budgets(replace(plan, accounts=asked), campaign.name):
        return row.spent, row.cap, row.left
    return None, None, None


# --- grants, one by one -------------------------------------------------------------------------


class Observed:
    """Remembers which decisions were granted, if that is `wanted`."""

    def __init__(self, wanted: bool) -> None:
        self.wanted = wanted
        self._granted: set[Identity] = set()

    def note(self, result: Result) -> None:
        """Remember a new grant."""
        if self.wanted and result.outcome == "granted" and not result.repeated:
            self._granted.add(result.identity)

    def rows(self, ledger: Ledger) -> tuple[GrantRow, ...] | None:
        """The lines of all new grants, as the ledger has them; `None` if they are not wanted."""
        if not self.wanted:
            return None
        rows = ledger.grants() if self._granted else ()
        return tuple(
            row
            for row in rows
            if Identity(row.campaign, row.step, row.recipient, row.occurrence) in self._granted
        )
