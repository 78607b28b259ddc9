"""`Ledger` over any store: the same rules, queries and promises on each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Literal, Self

from ...compiler.plan import Plan
from ...compiler.plan.chance import Seeds
from ...compiler.plan.steps import StepKey
from ...dsl.diagnostics.diagnostic import Diagnostic
from ..decide.decisions import Decision, Identity, Outcome, Result
from ..decide.past_grants import DecisionRow, Received, Stretch, Turn, WalletMove
from ..decide.wallets.reached import Firings, Happened
from . import reading
from .audit.rebuilding import StoredRebuilding
from .audit.verifying import unchecked, verify
from .batches.batch import Batch
from .batches.books import ALERTS, Books, Shelf
from .batches.facts import Manual
from .batches.wallets import balances
from .brakes.braking import StoredBrakes
from .brakes.ended import Ended, Watched
from .contract import (
    BudgetRow,
    Channels,
    Claim,
    ClaimRow,
    Expiry,
    GrantRow,
    Ledger,
    OfferRow,
    Reversal,
    ReversalRow,
)
from .drawn import Draw, Redraw, Reveal
from .draws.entries import declare, drawn_with, reveal, revealed
from .draws.redrawing import redraw
from .handed.keeping import StoredLabels
from .holders import StoredHolding, WalletRow
from .instants import instant_text
from .known_events import Moved, Offset
from .outbox import Letter, State
from .plans.keeping import StoredPlans
from .postbox import StoredOutbox, letters
from .promised import Overdue
from .rewound import MOST, Irrevocable, Rehearsal, Rewound
from .settlements import overdue
from .settlements.amending import Reversing, reverse, serve
from .settlements.arriving import arrive, last_fired, next_arrival
from .settlements.carrying import Answer, Asked, carry_out, decide, decide_all
from .settlements.claim_events import claimed_by_events
from .settlements.claiming import claim, last_offer, offers
from .settlements.expiring import expire, next_end
from .settlements.firing import begin, prepare
from .settlements.offsets import claims_of, move, offsets
from .settlements.redeeming import redeem
from .settlements.reversing import reversals_of
from .settlements.rewinding import irrevocable, rehearse, rewind
from .store import Store
from .totals.of_campaign import StoredSums
from .units.codes import StoredCodes
from .units.redemptions import Redemption
from .wallets import as_of

_PROGRESS = (
    "INSERT INTO progress VALUES (?, ?) ON CONFLICT (campaign) DO UPDATE SET through ="
    " CASE WHEN excluded.through > progress.through THEN excluded.through"
    " ELSE progress.through END"
)


class StoredLedger(
    StoredCodes,
    StoredHolding,
    StoredBrakes,
    StoredSums,
    StoredRebuilding,
    StoredPlans,
    StoredLabels,
    reading.StoredReading,
):
    """The `Ledger` of an open store; `currency` is the project's.

    `plain`: it decides without columns.
    """

    def __init__(
        self, store: Store, currency: str, channels: Channels, *, plain: bool = False
    ) -> None:
        self._store = store
        self._currency = currency
        self._channels = frozenset(channels)
        self._plain = plain
        self._shelf = Shelf(plain=plain)

    def decide(
        self,
        plan: Plan,
        decisions: Sequence[Decision],
        digest: str,
        fires: Firings | None = None,
        moved: Moved | None = None,
    ) -> list[Result]:
        """See `Ledger.decide`."""
        return decide_all(self._store, self._books_of(plan, digest), decisions, fires, moved)

    def carry_out(
        self,
        plan: Plan,
        asked: Sequence[Asked],
        digest: str,
        fires: Firings | None = None,
        moved: Moved | None = None,
    ) -> list[Answer]:
        """See `Ledger.carry_out`."""
        decisions = [one for one in asked if isinstance(one, Decision)]
        if len(decisions) == len(asked):
            return [*self.decide(plan, decisions, digest, fires, moved)]
        return carry_out(self._store, self._books_of(plan, digest), asked, fires, moved)

    def grant_by_hand(
        self,
        plan: Plan,
        decision: Decision,
        digest: str,
        name: str,
        reason: str,
        fires: Firings | None = None,
    ) -> Result:
        """See `Ledger.grant_by_hand`."""
        books = self._books_of(plan, digest)
        batch = Batch.by_hand(books, decision, Manual(name, reason))
        prepare(self._store, batch, fires)

        def work() -> Result:
            begin(fires)
            return decide(self._store, batch, fires=fires)[0]

        return self._store.write(batch.claims(), work)

    def reverse(
        self,
        numbers: Sequence[int],
        reason: str,
        at: datetime,
        *,
        even_if_redeemed: bool = False,
    ) -> list[Reversal]:
        """See `Ledger.reverse`."""
        asked = Reversing(reason, instant_text(at), even_if_redeemed)
        return reverse(self._store, numbers, asked)

    def rewind(self, to: datetime, reason: str, by: str = "") -> Rewound:
        """See `Rewinding.rewind`."""
        return rewind(self._store, instant_text(to), reason, by)

    def rehearse_rewind(self, to: datetime, most: int = MOST) -> Rehearsal:
        """See `Rewinding.rehearse_rewind`."""
        return rehearse(self._store, instant_text(to), most)

    def irrevocable(self, entry: int, most: int = MOST) -> Iterator[Irrevocable]:
        """See `Rewinding.irrevocable`."""
        return irrevocable(self._store, entry, most)

    def claim(
        self, plan: Plan, digest: str, number: int, by: str, chosen: Sequence[str], at: datetime
    ) -> Claim:
        """See `Ledger.claim`."""
        return claim(self._store, self._books_of(plan, digest), number, by, chosen, at)

    def declare(self, digest: str, draws: Sequence[Draw]) -> None:
        """See `Drawing.declare`."""
        declare(self._store, digest, draws)

    def drawn_with(self, campaign: str) -> str | None:
        """See `Drawing.drawn_with`."""
        return drawn_with(self._store, campaign)

    def revealed(self) -> frozenset[str]:
        """See `Drawing.revealed`."""
        return frozenset(revealed(self._store))

    def reveal(self, campaign: str, seed: str, at: datetime) -> Reveal:
        """See `Drawing.reveal`."""
        return reveal(self._store, campaign, seed, at)

    def redraw(self, seeds: Seeds, draws: Sequence[Draw]) -> Redraw:
        """See `Drawing.redraw`."""
        return redraw(self._store, seeds, draws)

    def offers(self, customer: str | None = None) -> Iterator[OfferRow]:
        """See `Ledger.offers`."""
        yield from offers(self._store, customer)

    def claims(
        self, campaign: str | None = None, customer: str | None = None
    ) -> Iterator[ClaimRow]:
        """See `Ledger.claims`."""
        yield from claimed_by_events(self._store, campaign, customer)

    def reversals(
        self, campaign: str | None = None, customer: str | None = None
    ) -> Iterator[ReversalRow]:
        """See `Ledger.reversals`."""
        yield from reversals_of(self._store, campaign, customer)

    def last_offer(self, campaign: str, customer: str, at: datetime) -> int | None:
        """See `Ledger.last_offer`."""
        return last_offer(self._store, campaign, customer, at)

    def redeem(
        self, number: int, at: datetime, by: str | None = None, reward: str | None = None
    ) -> Redemption:
        """See `Ledger.redeem`."""
        return redeem(self._store, number, at, by, reward)

    def expire(self, at: datetime) -> list[Expiry]:
        """See `Ledger.expire`."""
        return [one for page in expire(self._store, at) for one in page]

    def next_end(self, after: datetime | None) -> datetime | None:
        """See `Ledger.next_end`."""
        return next_end(self._store, after)

    def next_arrival(self, plan: Plan, digest: str, after: datetime) -> datetime | None:
        """See `Arriving.next_arrival`."""
        return next_arrival(self._store, self._books_of(plan, digest), after)

    def last_fired(self, key: StepKey, customer: str, until: datetime) -> Happened | None:
        """See `Arriving.last_fired`."""
        return last_fired(self._store, key, customer, until)

    def arrive(
        self, plan: Plan, digest: str, at: datetime, keys: Collection[StepKey], fires: Firings
    ) -> None:
        """See `Arriving.arrive`."""
        arrive(self._store, self._books_of(plan, digest), at, keys, fires)

    def serve(
        self, plan: Plan, digest: str, at: datetime, fires: Firings | None = None
    ) -> list[Result]:
        """See `Ledger.serve`."""
        pages = serve(self._store, plan, lambda: self._books_of(plan, digest), at, fires)
        return [result for page in pages for result in page]

    @contextmanager
    def rehearsal(self) -> Iterator[Ledger]:
        """See `Ledger.rehearsal`."""
        with self._store.rehearsed() as copy:
            found = StoredLedger(copy, self._currency, self._channels, plain=self._plain)
            found._shelf = self._shelf
            yield found

    def grants(self, campaign: str | None = None) -> Iterator[GrantRow]:
        """See `Ledger.grants`."""
        yield from reading.grants(self._store, self._currency, campaign)

    def budgets(self, plan: Plan | None, campaign: str | None = None) -> list[BudgetRow]:
        """See `Ledger.budgets`."""
        if plan is None:
            return reading.charged(self._store, self._currency, campaign)
        return reading.budgets(self._store, plan, campaign)

    def balances(
        self, customer: str | None = None, at: datetime | None = None
    ) -> Iterator[WalletRow]:
        """See `Ledger.balances`."""
        moment = datetime.max.replace(tzinfo=UTC) if at is None else at
        yield from balances(self._store, customer, instant_text(moment))

    def outcomes(self) -> Counter[tuple[str, Outcome]]:
        """See `Ledger.outcomes`."""
        return reading.outcomes(self._store)

    def decision(self, identity: Identity) -> DecisionRow | None:
        """See `Ledger.decision`."""
        return reading.decision(self._store, identity)

    def as_kept(self, plan: Plan, decision: Decision) -> Decision:
        """See `Ledger.as_kept`."""
        return Books(plan, "", self._channels, self._secret()).as_kept(decision)

    def lines(self, identity: Identity) -> list[tuple[str, str, str]]:
        """See `Ledger.lines`."""
        return reading.lines(self._store, identity)

    def received_counts(
        self, of: Literal["campaign", "benefit"], name: str, asked: Sequence[Stretch]
    ) -> list[int]:
        """See `Ledger.received_counts`."""
        return reading.received_counts(self._store, of, name, asked)

    def balance(self, customer: str, wallet: str, turn: Turn) -> int:
        """See `Ledger.balance`."""
        return as_of.balance(self._store, customer, wallet, turn)

    def wallet_moves(self) -> Iterator[WalletMove]:
        """See `Ledger.wallet_moves`."""
        yield from as_of.moves(self._store)

    def received(self) -> Iterator[Received]:
        """See `Ledger.received`."""
        yield from reading.received(self._store)

    def campaigns(self) -> frozenset[str]:
        """See `Ledger.campaigns`."""
        return reading.campaigns(self._store)

    def progress(self, campaign: str) -> datetime | None:
        """See `Ledger.progress`."""
        return reading.progress(self._store, campaign)

    def set_progress(self, through: Mapping[str, datetime]) -> None:
        """See `Ledger.set_progress`."""
        rows = [(campaign, instant_text(at)) for campaign, at in sorted(through.items())]
        self._note(lambda: self._store.change(_PROGRESS, rows))

    def event_customers(self, keys: Collection[tuple[str, str]]) -> dict[tuple[str, str], str]:
        """See `Ledger.event_customers`."""
        rows = self._store.among("event_customers", sorted(keys))
        return {(event, key): customer for event, key, customer, _ in rows}

    def mark_seen(self, event: str, occurrences: Iterable[str]) -> None:
        """See `Ledger.mark_seen`."""
        # One order for all writers prevents deadlocks.
        rows = [(event, occurrence) for occurrence in sorted(occurrences)]
        self._note(lambda: self._store.add_new("seen_events", rows))

    def offsets(self, source: str) -> dict[int, Offset]:
        """See `Ledger.offsets`."""
        return offsets(self._store, source)

    def move(self, moved: Moved) -> None:
        """See `Ledger.move`."""
        self._store.write(claims_of(moved), partial(move, self._store, moved))

    def _note(self, write: Callable[[], None]) -> None:
        def work() -> None:
            self._store.since.check(self._store.ask)
            write()

        self._store.write((), work)

    def overdue(self, plan: Plan, at: datetime) -> list[Overdue]:
        """See `Promising.overdue`."""
        return list(overdue.overdue(self._store, plan, at))

    def alert_overdue(self, plan: Plan, at: datetime) -> int:
        """See `Promising.alert_overdue`."""
        if ALERTS not in self._channels:
            return 0
        return overdue.alert_overdue(self._store, plan, at, ALERTS)

    def letters(self, state: State | None = None, channel: str | None = None) -> Iterator[Letter]:
        """See `Ledger.letters`."""
        return letters(self._store, state, channel)

    @contextmanager
    def outbox(self, watched: Watched | None = None) -> Iterator[StoredOutbox]:
        """See `Ledger.outbox`."""
        with self._store.delivering():
            outbox = StoredOutbox(self._store, None if watched is None else Ended(watched))
            yield outbox
            outbox.keep_ended()

    def verify(self) -> tuple[Diagnostic, ...]:
        """See `Verifying.verify`."""
        return verify(self._store)

    def unchecked(self) -> Diagnostic | None:
        """See `Verifying.unchecked`."""
        return unchecked(self._store)

    def close(self) -> None:
        """See `Ledger.close`."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _books_of(self, plan: Plan, digest: str) -> Books:
        return self._shelf.books(plan, digest, self._channels, self._secret)

    def _secret(self) -> str:
        return reading.secret(self._store)
