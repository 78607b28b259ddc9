"""Play a scenario: a virtual clock, the rules of the reference, and a ledger in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal, NamedTuple

from ...compiler.plan import Charge, OnceTrigger, Plan, WalletTrigger
from ...compiler.plan.calendar import INSTANT
from ...compiler.plan.chance import NO_SEEDS
from ...compiler.plan.steps import StepKey, steps_of
from ...compiler.scenarios.model import Scenario, Turn
from ..decide.braking.events import AlarmEvent, AlarmResult
from ..decide.braking.watchers import Watcher
from ..decide.claimers import Claimer
from ..decide.claims import ClaimEvent, ClaimResult
from ..decide.deciding import Occasion, decision_of
from ..decide.decisions import Decision, Identity, Line, Result
from ..decide.drawing import ticket_of
from ..decide.facts import moment
from ..decide.grant_gate import GrantGate
from ..decide.reference import occasions_due
from ..decide.reversing.events import ReversalEvent, ReversalResult
from ..decide.reversing.reversers import Reverser
from ..due.periods import Period
from ..due.schedule import due
from ..ledger.contract import GrantRow, Ledger
from ..ledger.draws.odds import draws_of
from ..run.timed_work import TimedWork
from ..run.wallets.firings import WalletFirings
from .came import Came, CameLine, CameOutcome, CameReward
from .coverage import Coverage
from .sending import Sender
from .staging import Stage
from .world import World, world_of

GIVEN = "(given)"
"""The name under which the ledger keeps what a scenario gives: no campaign is called so."""

_UNTOLD = ("granted", "claimed", "counted")
"""Outcomes that a scenario lists as rewards, or not at all."""

_OF_CUSTOMER = (("customer",), ("customer.key",))

_NEVER = datetime.max.replace(tzinfo=UTC)

_Grant = tuple[Identity, str, Decimal, str, datetime]


class _Item(NamedTuple):
    """A request in its place: by instant, then alarms, decisions, claims and reversals."""

    at: datetime
    kind: int
    rank: int
    number: int
    key: StepKey
    asked: Occasion | ClaimEvent | ReversalEvent | AlarmEvent

    @property
    def place(self) -> tuple[datetime, int, int, int]:
        """The sort key."""
        return self.at, self.kind, self.rank, self.number


class Player:
    """Plays one scenario over an empty ledger; `world` and `ledger` can be read in between."""

    def __init__(
        self,
        stage: Stage,
        scenario: Scenario,
        ledger: Ledger,
        channels: Collection[str],
        coverage: Coverage | None = None,
    ) -> None:
        self._coverage = coverage
        self.stage = stage
        self.ledger = ledger
        self.world: World = world_of(stage.plan, scenario.customers, scenario.earlier)
        self._scenario = scenario
        self._gate = GrantGate(stage.plan, ledger)
        self._decided = scenario.now - INSTANT
        self._seen: Counter[_Grant] = Counter()
        self._fills = 0
        self._sender = Sender(stage.plan, stage.checks, ledger, self.world, channels)
        self._fires = WalletFirings(stage.plan, ledger, self.world)
        ledger.declare(stage.digest, tuple(draws_of(stage.plan, NO_SEEDS)))
        self._give(scenario)

    def play(self, turn: Turn) -> tuple[Came, ...]:
        """Let an event happen, or time pass; return what came of it."""
        if turn.event is not None:
            self.world.add(turn.event)
        start, end = min(self._decided + INSTANT, turn.at), turn.at
        fires = self._fires
        # Rows that were read before the event of this turn lack it, so they are read anew.
        fires.prepare((), start)
        periods = [
            Period(campaign, step, start, end, None, None, None)
            for _, campaign, step in steps_of(self.stage.plan)
            if isinstance(step.trigger, WalletTrigger)
        ]
        timed = TimedWork(self.stage.plan, self.stage.digest, self.ledger, start, fires, periods)
        timed.begin(start)
        came: list[Came] = list(self._filled(turn, fires))
        for item in sorted(self._items(start, end), key=lambda one: one.place):
            if timed.is_due(item.at):
                timed.catch_up_all(item.at)
            came += self._carried_out(item, timed, fires)
        timed.catch_up_all(end)
        came += (
            _outcome(decision, result)
            for decision, result in fires.drain()
            if _is_new(result) and result.outcome != "granted"
        )
        self._decided = end
        return (*self._granted(), *came, *self._sender.sent(end))

    def _filled(self, turn: Turn, fires: WalletFirings) -> Iterator[CameOutcome]:
        """Fill a wallet up to an amount, by nothing that the scenario lists."""
        if turn.filled is None:
            return
        customer, wallet, units = turn.filled.customer, turn.filled.wallet, turn.filled.units
        rows = self.ledger.balances(customer, turn.at)
        held = next((row.balance for row in rows if row.wallet == wallet), 0)
        line = Line(wallet, Decimal(units - held), wallet, Decimal(0), None, None)
        given = _giving(self.stage.plan).campaigns
        plan = replace(self.stage.plan, campaigns=(*self.stage.plan.campaigns, *given))
        self._fills += 1
        self._put(plan, customer, f"fill {self._fills}", line, turn.at, fires)
        for decision, result in fires.drain():
            self._cover(decision, result)
            if _is_new(result) and result.outcome != "granted":
                yield _outcome(decision, result)

    # --- deciding -------------------------------------------------------------------------------

    def _items(self, start: datetime, end: datetime) -> Iterator[_Item]:
        stage, lenient = self.stage, self.stage.lenient
        for key, campaign, step in steps_of(lenient):
            if isinstance(step.trigger, WalletTrigger):
                continue
            entered = self._scenario.now
            period = due(lenient, campaign.name, start, end, step=step.name, entered=entered)
            found = occasions_due(lenient, campaign, step, self.world.rows, period)
            rank = stage.ranks.rank(key)
            for number, one in enumerate(found):
                yield _Item(one.facts.clock.now, 0, rank, number, key, one)
        yield from self._answers(-1, stage.watchers, start, end)
        yield from self._answers(1, stage.claimers, start, end)
        yield from self._answers(2, stage.reversers, start, end)

    def _answers(
        self,
        kind: int,
        readers: Sequence[Claimer | Reverser | Watcher],
        start: datetime,
        end: datetime,
    ) -> Iterator[_Item]:
        """The claims, reversals or alarms that events make."""
        for rank, reader in enumerate(readers):
            events = self.world.between(reader.event, start, end)
            for number, (customer, row) in enumerate(events):
                asked = reader.read(customer, row)
                if asked is not None:
                    yield _Item(moment(row)[0], kind, rank, number, reader.key, asked)

    def _carried_out(
        self, item: _Item, timed: TimedWork, fires: WalletFirings
    ) -> Iterator[CameOutcome]:
        asked: Decision | ClaimEvent | ReversalEvent | AlarmEvent
        if isinstance(item.asked, Occasion):
            decision = self._decision(item.key, item.asked)
            if decision is None:
                return
            timed.note_expiries(decision)
            asked = decision
        else:
            asked = item.asked
        plan, digest = self.stage.plan, self.stage.digest
        results = self.ledger.carry_out(plan, [asked], digest, fires)
        for one, result in [*((asked, one) for one in results), *fires.drain()]:
            self._cover(one, result)
            if _is_new(result) and result.outcome not in _UNTOLD:
                yield _outcome(one, result)

    def _decision(self, key: StepKey, occasion: Occasion) -> Decision | None:
        """The decision of an occasion, if past grants let it through."""
        stage = self.stage
        (campaign,) = stage.lenient.campaigns
        step = next(one for one in campaign.steps if one.name == key.step)
        if self._coverage is not None:
            facts = self._gate.facts(key, occasion.occurrence, occasion.customer, occasion.facts)
            who = (occasion.customer, occasion.occurrence)
            ticket = ticket_of(stage.plan, stage.campaign, step, *who, NO_SEEDS)
            self._coverage.came(stage.plan, key, facts, ticket)
        decision = decision_of(stage.lenient, campaign, step, occasion)
        if decision is None:
            return None
        if not self._gate.passes(decision, stage.left[key], occasion.facts):
            return None
        if decision.customer in self._scenario.held_out:
            decision = decision._replace(held_out=True)
        event = stage.for_each.get(key)
        if event is not None:
            owner = self.world.owners.get((event, decision.identity.occurrence))
            decision = decision._replace(event_customer=owner)
        return decision

    def _cover(
        self,
        asked: Decision | ClaimEvent | ReversalEvent | AlarmEvent,
        result: Result | ClaimResult | ReversalResult | AlarmResult,
    ) -> None:
        if self._coverage is None or result.repeated:
            return
        if isinstance(asked, Decision) and isinstance(result, Result):
            kept = self.ledger.decision(result.identity)
            instead = kept is not None and kept.fallback
            self._coverage.decided(self.stage.plan, asked, result, instead=bool(instead))
        else:
            self._coverage.ended(result.identity.key, result.outcome)

    def _granted(self) -> Iterator[CameReward]:
        """The grants and choices that the ledger did not have before."""
        own = self._own_grants()
        if own == self._seen:
            return
        new, self._seen = own - self._seen, own
        bundles: dict[tuple[Identity, datetime], list[CameLine]] = {}
        for who, reward, amount, currency, at in new.elements():
            bundles.setdefault((who, at), []).append(CameLine(reward, amount, currency))
        for (who, at), lines in bundles.items():
            yield CameReward(who.recipient, who.step, tuple(lines), at)

    def _own_grants(self) -> Counter[_Grant]:
        return Counter(_key(row) for row in self.ledger.grants(self.stage.campaign.name))

    # --- what is given --------------------------------------------------------------------------

    def _give(self, scenario: Scenario) -> None:
        """Put what budgets have spent, and what wallets hold, into the ledger."""
        if scenario.wallets or scenario.received:
            self._give_past(scenario)
        if scenario.spent:
            currency, cost = self.stage.plan.currency, scenario.spent
            line = Line("cash", cost, currency, cost, None, None)
            self._put(_giving(self.stage.plan, charged="budgets"), GIVEN, "spent", line)

    def _give_past(self, scenario: Scenario) -> None:
        plan = _giving(self.stage.plan)
        limited = _giving(self.stage.plan, charged="limits")
        for number, wallet in enumerate(scenario.wallets):
            line = Line(wallet.wallet, Decimal(wallet.units), wallet.wallet, Decimal(0), None, None)
            self._put(plan, wallet.customer, f"wallet {number}", line)
        for number, one in enumerate(scenario.received):
            name = one.campaign or GIVEN
            line = Line(one.benefit or GIVEN, Decimal(1), GIVEN, Decimal(0), one.benefit, None)
            of = limited if name == self.stage.campaign.name else plan
            given = replace(of.campaigns[0], name=name)
            named_ = replace(of, campaigns=(given,))
            self._put(named_, one.customer, f"received {number}", line, one.at)
        self._seen = self._own_grants()

    def _put(
        self,
        plan: Plan,
        recipient: str,
        occurrence: str,
        line: Line,
        at: datetime | None = None,
        fires: WalletFirings | None = None,
    ) -> None:
        at = at or self._scenario.now - INSTANT
        step = plan.campaigns[-1].steps[0].name
        decision = Decision(
            identity=Identity(plan.campaigns[-1].name, step, recipient, occurrence),
            customer=recipient,
            at=at,
            held_out=False,
            lines=(line,),
            fallback=(),
            deliver_at=at,
            share=None,
            keys={},
            values={},
        )
        digest = f"{plan.campaigns[-1].name} {self.stage.digest} {len(plan.campaigns)} {occurrence}"
        self.ledger.carry_out(plan, [decision], digest, fires)


def _giving(plan: Plan, *, charged: Literal["budgets", "limits"] | None = None) -> Plan:
    """The plan of what is given: one step without messages, which charges these or nothing.

    Limits are those of the campaign's first step that count by the customer alone.
    """
    campaign, accounts = plan.campaigns[0], {one.id: one for one in plan.accounts}
    first = campaign.steps[0]
    charges: tuple[Charge, ...] = ()
    if charged == "limits":
        charges = tuple(
            one
            for one in first.charges
            if accounts[one.account].measure == "grants"
            and accounts[one.account].keys in _OF_CUSTOMER
            and one.share is None
            and one.benefit is None
        )
    elif charged == "budgets":
        every = {charge.account: charge for step in campaign.steps for charge in step.charges}
        money = [
            one
            for one in every.values()
            if accounts[one.account].measure == "money" and accounts[one.account].key is None
        ]
        totals = [one for one in money if accounts[one.account].period is None]
        charges = tuple(one for one in totals or money if one.share is None)
    never = OnceTrigger(_NEVER, first.origin)
    step = replace(first, trigger=never, messages=(), charges=charges, follows=None)
    given = replace(campaign, name=GIVEN, steps=(step,), journey=None, reversal=None, brakes=())
    return replace(plan, campaigns=(given,))


def _key(row: GrantRow) -> _Grant:
    who = Identity(row.campaign, row.step, row.recipient, row.occurrence)
    at = row.received_at or row.at
    return who, row.reward, row.amount, row.currency, at


def _is_new(result: Result | ClaimResult | ReversalResult | AlarmResult) -> bool:
    return not result.repeated and result.outcome != "not_reached"


def _outcome(
    asked: Decision | ClaimEvent | ReversalEvent | AlarmEvent,
    result: Result | ClaimResult | ReversalResult | AlarmResult,
) -> CameOutcome:
    who = result.identity
    return CameOutcome(who.recipient, who.step, result.outcome, asked.at)
