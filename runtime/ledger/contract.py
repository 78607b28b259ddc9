"""What a ledger promises, whatever store is behind it.

Instants are aware, in UTC; money is `Decimal` in the project's currency with its minor digits.
Every method may raise `CannotRun` (file gone, disk full, another run writing); then nothing of the
call was kept. `docs/ledger.md` tells the outcomes.
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
from ..decide.claims import ClaimEvent, ClaimOutcome, ClaimResult
from ..decide.decisions import Decision, Identity, Outcome, Result
from ..decide.past_grants import DecisionRow, Received, Stretch
from .drawn import Drawing
from .holders import Holding
from .known_events import KnownEvents
from .outbox import Letter, Outbox, State
from .promised import Promising
from .rewound import Rewinding
from .verified import Verifying

FORMAT_VERSION = 8


@dataclass(frozen=True, slots=True)
class GrantRow:
    """One reward line of a granted decision. `plan`: the digest of the plan it was decided under.

    `currency` is that of `amount` (a wallet's name counts as one); `cost` is in the project's.
    `number` is the decision's, the same for all its lines; `reversed_at` when it was taken back.
    `became` what of the line, and when: of an offer that it was claimed or lapsed, of a benefit
    that it was redeemed or expired, of points that what was left of them expired. `received_at`:
    when the recipient got it, see `Received`.
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


@dataclass(frozen=True, slots=True)
class Reversal:
    """What became of taking a grant back: `number` is that of the grant, as `GrantRow` has it.

    `not_granted`: nothing was granted under this number, and `identity` is nothing.
    `insufficient_balance`: the recipient has spent what it put into a wallet; nothing was taken
    back. `already_redeemed`: a benefit of it was used; nothing was taken back either.
    """

    number: int
    outcome: Literal[
        "reversed", "already_reversed", "not_granted", "already_redeemed", "insufficient_balance"
    ]
    identity: Identity | None


@dataclass(frozen=True, slots=True)
class Claim:
    """What became of claiming an offer: `number` is that of its grant.

    `account`: the id of the stock used up. `unknown`: no offer has this number; no `identity`.
    """

    number: int
    outcome: ClaimOutcome
    identity: Identity | None
    account: str | None = None


@dataclass(frozen=True, slots=True)
class Expiry:
    """Something of the grant `number` that ended at `at`: an offer (`choice`), a benefit, points.

    `returned`: what it was charged went back to the accounts. `lost`: so many points left a wallet.
    """

    number: int
    identity: Identity
    reward: str
    at: datetime
    returned: bool
    lost: int


@dataclass(frozen=True, slots=True)
class OfferRow:
    """An offer that nothing was chosen from yet: so many (`count`) of the benefits `options`.

    `number` is that of its grant. It can be claimed until just before `ends`.
    """

    number: int
    identity: Identity
    at: datetime
    ends: datetime
    count: int
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """An event that claimed, and what became of it. `identity` is that of `claims.ClaimEvent`.

    `offer`: the number of the grant that it was about, if any; `account`: the stock used up.
    """

    identity: Identity
    at: datetime
    chosen: tuple[str, ...]
    outcome: ClaimOutcome
    offer: int | None
    account: str | None


RedeemOutcome = Literal[
    "redeemed",
    "unknown",
    "not_yours",
    "reversed",
    "not_claimed",
    "too_early",
    "already_redeemed",
    "expired",
]


@dataclass(frozen=True, slots=True)
class Redemption:
    """A grant was to be redeemed. `unknown`: no benefit was given under this number."""

    number: int
    outcome: RedeemOutcome
    identity: Identity | None


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """One balance of an account, or (nothing charged to it yet) the account as it stands.

    `period` is the calendar unit as people write it: `2026-01-10T09+08:00` (an hour), `2026-01-10`,
    `2026-W03` (ISO, from Monday), `2026-01`; empty where the account has none or nothing was
    charged in any. `key` is the value it is counted by, nothing where there is one balance for all.
    `cap` is the plan's; `left` is never below zero. Amounts of `money` are in the project's
    currency, others are counts.
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


@dataclass(frozen=True, slots=True)
class WalletRow:
    """A customer's wallet, in whole units of it.

    `balance` can be spent; `pending` has been granted and is delivered later.
    """

    customer: str
    wallet: str
    balance: int
    pending: int


class Ledger(Drawing, KnownEvents, Promising, Rewinding, Verifying, Holding, Protocol):
    """Every unit of value passes here, once."""

    def decide(self, plan: Plan, decisions: Sequence[Decision], digest: str) -> list[Result]:
        """Decides a batch in the order given, in one transaction; a result for each, in that order.

        `digest` names the plan in every row. A decision that the ledger knows is answered from it,
        whatever is asked now.
        """

    def carry_out(
        self, plan: Plan, asked: Sequence[Decision | ClaimEvent], digest: str
    ) -> list[Result | ClaimResult]:
        """Decides, and claims, in the order given and in one transaction; a result for each.

        A claim event that was carried out before is answered from what it came to then.
        """

    def grant_by_hand(
        self, plan: Plan, decision: Decision, digest: str, name: str, reason: str
    ) -> Result:
        """Decides about a grant by hand, which the reserve of its campaign pays.

        Limits, stocks, pools and what policies cap hold as for any; the campaign's own budget is
        not asked. No message is written. `CannotRun` where the campaign keeps no reserve.
        """

    def reverse(
        self, numbers: Sequence[int], reason: str, at: datetime, *, even_if_redeemed: bool = False
    ) -> list[Reversal]:
        """Takes grants back, all of them in one transaction: an entry each, nothing is deleted.

        A grant with a redeemed line is left as it is, unless `even_if_redeemed`.

        Budgets, stocks and limits get back what they were charged; what waits in the outbox does
        not go out. A grant is taken back once, however often it is asked for.
        """

    def claim(
        self, plan: Plan, digest: str, number: int, by: str, chosen: Sequence[str], at: datetime
    ) -> Claim:
        """Chooses from the offer of that grant, on behalf of the customer `by`.

        Its budgets keep what was chosen costs, and get back what was reserved above that; the
        stocks are charged. What is refused changes nothing.
        """

    def offers(self, customer: str | None = None) -> Iterator[OfferRow]:
        """Every offer (to the customer) that nothing was chosen from, by its end."""

    def claims(
        self, campaign: str | None = None, customer: str | None = None
    ) -> Iterator[ClaimRow]:
        """Every event that claimed (from the campaign, of the customer), by instant."""

    def last_offer(self, campaign: str, customer: str, at: datetime) -> int | None:
        """The number of the last offer that the campaign had made to the customer by then.

        Settled or not: so a claim that is told again finds the same one.
        """

    def redeem(
        self, number: int, at: datetime, by: str | None = None, reward: str | None = None
    ) -> Redemption:
        """Marks the benefits of a grant (of that name alone) as used: they do not expire then."""

    def expire(self, at: datetime) -> list[Expiry]:
        """Settles whatever has ended by `at`, in the order of time: an entry each.

        Offers and what says so go back to their accounts, once; points leave their wallets.
        """

    def next_end(self, after: datetime | None) -> datetime | None:
        """When the first thing after that instant ends, as far as something becomes of it."""

    def serve(self, plan: Plan, digest: str, at: datetime) -> list[Result]:
        """Grants what was waitlisted up to `at` and has room now, in the order of the waiting list.

        It is charged to the periods of `at`. A result for each that was granted.
        """

    def rehearsal(self) -> AbstractContextManager[Ledger]:
        """A copy in memory on which everything works and nothing is kept."""

    def grants(self, campaign: str | None = None) -> Iterator[GrantRow]:
        """By instant, campaign, step, occurrence, recipient, and the order of the lines."""

    def budgets(self, plan: Plan | None, campaign: str | None = None) -> list[BudgetRow]:
        """Each account of the plan (that the campaign is charged to); without one, each charged."""

    def balances(
        self, customer: str | None = None, at: datetime | None = None
    ) -> Iterator[WalletRow]:
        """Every wallet (of the customer), empty ones too; pending is what arrives after `at`."""

    def outcomes(self) -> Counter[tuple[str, Outcome]]:
        """How many decisions of each campaign had which outcome."""

    def decision(self, identity: Identity) -> DecisionRow | None:
        """What became of it; nothing where it was never decided."""

    def lines(self, identity: Identity) -> list[tuple[str, str, str]]:
        """The rewards that a decision gave, none chosen later: reward, amount, currency."""

    def received_counts(
        self, of: Literal["campaign", "benefit"], name: str, asked: Sequence[Stretch]
    ) -> list[int]:
        """A number for each: granted decisions of the campaign, lines that gave the benefit."""

    def received(self) -> Iterator[Received]:
        """All that `received(…)` can see, by instant."""

    def campaigns(self) -> frozenset[str]:
        """The names of all that it has decisions of."""

    def progress(self, campaign: str) -> datetime | None:
        """The instant up to which the campaign was carried out."""

    def set_progress(self, through: Mapping[str, datetime]) -> None:
        """Keeps that of each campaign; it never goes back."""

    def waiting_channels(self, until: datetime) -> Counter[str]:
        """How many rows wait to be delivered by then, by channel."""

    def kept_back(self) -> Counter[tuple[str, str]]:
        """How many messages could not be written or say what they may not: campaign, reason."""

    def letters(self, state: State | None = None, channel: str | None = None) -> Iterator[Letter]:
        """Rows of the outbox by (channel, deliver_at, decision, n)."""

    def outbox(self) -> AbstractContextManager[Outbox]:
        """Opens the outbox for delivery; nobody else writes meanwhile."""

    def close(self) -> None:
        """Lets go of the store."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...


Channels = Collection[str]
"""The names of the project's channels; `rewards` and `alerts` get rows only if set up."""
