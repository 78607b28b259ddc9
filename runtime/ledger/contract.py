"""The contract of a ledger, whatever store is behind it.

Instants are aware, in UTC. Money is `Decimal` in the project's currency with its minor digits.
Every method may raise `CannotRun` (file missing, disk full, another run writing); nothing of that
call is kept. `docs/ledger.md` explains the outcomes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal, Protocol, Self

from ...compiler.plan import Plan
from ..decide.braking.events import AlarmEvent, AlarmResult
from ..decide.claims import ClaimEvent, ClaimIdentity, ClaimOutcome, ClaimResult
from ..decide.decisions import Decision, Identity, Outcome, Result
from ..decide.past_grants import DecisionRow, Received, Stretch, Turn, WalletMove
from ..decide.reversing.events import (
    ReversalEvent,
    ReversalIdentity,
    ReversalOutcome,
    ReversalResult,
)
from ..decide.wallets.reached import Arriving, Firings
from .brakes.ended import Watched
from .brakes.held import Brakes
from .drawn import Drawing
from .handed.labels import HandedLabels
from .holders import Holding, WalletRow
from .known_events import KnownEvents, Moved
from .outbox import Letter, Outbox, State
from .plans.documents import KeptPlans
from .promised import Promising
from .rewound import Rewinding
from .totals.of_campaign import OfCampaign
from .totals.totals import Totalling
from .units.codes import Coded
from .units.redemptions import Redemption
from .verified import Rebuilding, Verifying

FORMAT_VERSION = 9


@dataclass(frozen=True, slots=True)
class GrantRow:
    """A reward line of a granted decision. `plan` is the digest of the plan that decided it.

    `amount` is in `currency`, which for wallets is the wallet's name; `cost` is in the project's
    currency. `number` is the decision's, shared by its lines. `reversed_at` is the instant of a
    reversal.

    `became`, `became_at`: an offer was claimed or lapsed, a benefit was redeemed or expired, or the
    rest of a lot of points expired. `received_at` is the instant of receipt, see `Received`. `arm`
    is that of the campaign's experiment.
    """

    campaign: str
    step: str
    recipient: str
    occurrence: str
    at: datetime
    reward: str
    amount: Decimal
    currency: str
    cost: Decimal
    plan: str
    deliver_at: datetime
    expires_at: datetime | None
    number: int
    reversed_at: datetime | None
    became: Literal["claimed", "lapsed", "redeemed", "expired"] | None = None
    became_at: datetime | None = None
    received_at: datetime | None = None
    arm: str | None = None


@dataclass(frozen=True, slots=True)
class Reversal:
    """The outcome of reversing a grant. `number` is the grant's, as in `GrantRow`.

    - `not_granted`: no grant has this number, and `identity` is `None`.
    - `insufficient_balance`: the recipient has spent the points; nothing was reversed.
    - `already_redeemed`: a benefit was used; nothing was reversed.
    """

    number: int
    outcome: Literal[
        "reversed", "already_reversed", "not_granted", "already_redeemed", "insufficient_balance"
    ]
    identity: Identity | None


@dataclass(frozen=True, slots=True)
class Claim:
    """The outcome of claiming the offer of the grant `number`.

    `account` is the stock that ran out. `unknown`: no offer has it, and `identity` is `None`.
    """

    number: int
    outcome: ClaimOutcome
    identity: Identity | None
    account: str | None = None


@dataclass(frozen=True, slots=True)
class Expiry:
    """An expiry of the grant `number` at `at`: of an offer (`choice`), a benefit, or points.

    `returned`: its charges went back to the accounts. `lost` is the number of points that left a
    wallet.
    """

    number: int
    identity: Identity
    reward: str
    at: datetime
    returned: bool
    lost: int


@dataclass(frozen=True, slots=True)
class OfferRow:
    """An open offer: `count` of the benefits in `options`. `number` is the number of its grant.

    It can be claimed until just before `ends`.
    """

    number: int
    identity: Identity
    at: datetime
    ends: datetime
    count: int
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReversalRow:
    """A reversal event and its outcome. `identity` is that of `ReversalEvent`.

    `of` is the key of the event that it names; `part` what it adds to the total in proportion.
    """

    identity: ReversalIdentity
    at: datetime
    of: str | None
    part: Decimal | None
    outcome: ReversalOutcome


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """A claim event and its outcome. `identity` is that of `claims.ClaimEvent`.

    `offer` is the number of the claimed grant, if any. `account` is the stock that ran out.
    """

    identity: ClaimIdentity
    at: datetime
    chosen: tuple[str, ...]
    outcome: ClaimOutcome
    offer: int | None
    account: str | None


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """A balance of an account, or the account itself if nothing was charged to it yet.

    `period` is a calendar unit: `2026-01-10T09+08:00` (an hour), `2026-01-10`, `2026-W03` (ISO,
    from Monday), or `2026-01`. It is empty if the account has no period, or no charges. `key` is
    the value by which it counts; `None` for a single balance. `cap` is the plan's. `left` is never
    negative. Amounts of `money` are in the project's currency; others are counts.
    """

    account: str
    owner_kind: Literal["campaign", "pool", "benefit", "policy"]
    owner: str
    name: str
    measure: Literal["money", "grants", "messages"]
    period: str
    key: str | None
    cap: Decimal
    spent: Decimal
    left: Decimal
    exhausted: bool


class Ledger(
    Drawing,
    KnownEvents,
    KeptPlans,
    HandedLabels,
    Promising,
    Rewinding,
    Rebuilding,
    Verifying,
    Holding,
    Coded,
    Arriving,
    Brakes,
    Totalling,
    OfCampaign,
    Protocol,
):
    """The single gate of all value: every grant is recorded here, once."""

    def decide(
        self,
        plan: Plan,
        decisions: Sequence[Decision],
        digest: str,
        fires: Firings | None = None,
        moved: Moved | None = None,
    ) -> list[Result]:
        """Decide a batch in its order, in one transaction; return a result for each decision.

        What its grants fire by filling wallets is decided with it; without `fires`, nothing is.
        `digest` names the plan in every row. A decision that the ledger has is answered from it,
        whatever its content now. The source of the events is `moved` in the same transaction.
        """

    def carry_out(
        self,
        plan: Plan,
        asked: Sequence[Decision | ClaimEvent | ReversalEvent | AlarmEvent],
        digest: str,
        fires: Firings | None = None,
        moved: Moved | None = None,
    ) -> list[Result | ClaimResult | ReversalResult | AlarmResult]:
        """Decide, claim, take back and count alarms, in the order given and in one transaction.

        Return a result for each. A claim or reversal that was carried out before is answered from
        the ledger. `moved`: as `decide`.
        """

    def grant_by_hand(
        self,
        plan: Plan,
        decision: Decision,
        digest: str,
        name: str,
        reason: str,
        fires: Firings | None = None,
    ) -> Result:
        """Decide a manual grant, which the reserve of its campaign pays.

        Limits, stocks, pools and policies' caps apply as usual; the campaign's own budget does not.
        No message is written. Raise `CannotRun` if the campaign keeps no reserve.
        """

    def reverse(
        self, numbers: Sequence[int], reason: str, at: datetime, *, even_if_redeemed: bool = False
    ) -> list[Reversal]:
        """Reverse grants in one transaction: an entry for each, and nothing is deleted.

        Budgets, stocks and limits get their charges back, and waiting outbox rows are not sent. A
        grant with a redeemed line is left alone unless `even_if_redeemed`. Reversing is idempotent.
        """

    def claim(
        self, plan: Plan, digest: str, number: int, by: str, chosen: Sequence[str], at: datetime
    ) -> Claim:
        """Choose from the offer of that grant, on behalf of the customer `by`.

        Budgets keep the cost of the choice and get the rest of the reservation back; stocks are
        charged. A refused claim changes nothing.
        """

    def offers(self, customer: str | None = None) -> Iterator[OfferRow]:
        """The open offers (of the customer), by their end."""

    def claims(
        self, campaign: str | None = None, customer: str | None = None
    ) -> Iterator[ClaimRow]:
        """The claim events (of the campaign, of the customer), by instant."""

    def reversals(
        self, campaign: str | None = None, customer: str | None = None
    ) -> Iterator[ReversalRow]:
        """The reversal events (of the campaign, of the customer), by instant."""

    def last_offer(self, campaign: str, customer: str, at: datetime) -> int | None:
        """The number of the last offer that the campaign had made to the customer by then.

        Claimed offers count too, so that repeating a claim finds the same offer.
        """

    def redeem(
        self, number: int, at: datetime, by: str | None = None, reward: str | None = None
    ) -> Redemption:
        """Mark a grant's benefits, or the one named `reward`, as used: they will not expire."""

    def expire(self, at: datetime) -> list[Expiry]:
        """Settle everything that ended by `at`, in the order of time: an entry for each.

        Offers, and rewards that say so, return to their accounts once. Points leave their wallets.
        """

    def next_end(self, after: datetime | None) -> datetime | None:
        """The instant of the first expiry after `after` that must be settled."""

    def serve(
        self, plan: Plan, digest: str, at: datetime, fires: Firings | None = None
    ) -> list[Result]:
        """Grant the waitlisted decisions up to `at` that have room now, in their order.

        They are charged to the periods of `at`. Return a result for each that was granted.
        """

    def rehearsal(self) -> AbstractContextManager[Ledger]:
        """A copy in memory; what is done in it is not kept."""

    def grants(self, campaign: str | None = None) -> Iterator[GrantRow]:
        """The grants by instant, campaign, step, occurrence, recipient and line."""

    def budgets(self, plan: Plan | None, campaign: str | None = None) -> list[BudgetRow]:
        """The accounts of the plan (that the campaign charges), or all charged accounts."""

    def balances(
        self, customer: str | None = None, at: datetime | None = None
    ) -> Iterator[WalletRow]:
        """The wallets (of the customer), empty ones too; pending amounts arrive after `at`."""

    def outcomes(self) -> Counter[tuple[str, Outcome]]:
        """The number of decisions by campaign and outcome."""

    def decision(self, identity: Identity) -> DecisionRow | None:
        """The stored decision; `None` if it was never made."""

    def as_kept(self, plan: Plan, decision: Decision) -> Decision:
        """The decision as the ledger keeps it, with hashes for private values."""

    def lines(self, identity: Identity) -> list[tuple[str, str, str]]:
        """The rewards that a decision gave, without later choices: reward, amount, currency."""

    def received_counts(
        self, of: Literal["campaign", "benefit"], name: str, asked: Sequence[Stretch]
    ) -> list[int]:
        """The count of each stretch: grants of the campaign, or lines of the benefit.

        The name of one step of a campaign is `lift.bonus`.
        """

    def balance(self, customer: str, wallet: str, turn: Turn) -> int:
        """The units that the customer can spend at a turn, as `balance(…)` sees them.

        A reversed grant never was. What ended by then is gone, settled or not.
        """

    def wallet_moves(self) -> Iterator[WalletMove]:
        """Everything that `balance(…)` can see: each change of what can be spent, by instant."""

    def received(self) -> Iterator[Received]:
        """Everything that `received(…)` can see, by instant."""

    def campaigns(self) -> frozenset[str]:
        """The names of the campaigns with decisions."""

    def progress(self, campaign: str) -> datetime | None:
        """The instant up to which the campaign was carried out."""

    def set_progress(self, through: Mapping[str, datetime]) -> None:
        """Store the progress of campaigns; it never goes back."""

    def waiting_channels(self, until: datetime) -> Counter[str]:
        """The number of rows due for delivery by then, by channel."""

    def waiting_recipients(self, until: datetime) -> Iterator[tuple[str, str]]:
        """The campaign and the recipient of each message due for delivery by then."""

    def kept_back(self) -> Counter[tuple[str, str]]:
        """The number of messages that cannot be sent, by campaign and reason."""

    def letters(self, state: State | None = None, channel: str | None = None) -> Iterator[Letter]:
        """The rows of the outbox by (channel, deliver_at, decision, n)."""

    def outbox(self, watched: Watched | None = None) -> AbstractContextManager[Outbox]:
        """Open the outbox for delivery; other writers wait.

        The failures of campaigns that are `watched` count for their brakes, in its transaction.
        """

    def close(self) -> None:
        """Close the store."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...


Channels = Collection[str]
"""The names of the project's channels; `rewards` and `alerts` get rows only if set up."""
