"""Read-only queries of a ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Literal

from ...compiler.plan import Account, Plan
from ...compiler.plan.steps import StepKey
from ...compiler.plan.types import from_minor
from ..decide.charges import charged_accounts, from_units, to_units
from ..decide.decisions import Identity, Outcome
from ..decide.past_grants import DecisionRow, Received, Stretch
from ..kept import kept_number
from ..rendering.messages import FAILED, FORBIDDEN, TOO_LONG
from .batches.facts import read_arm
from .batches.hiding import keyed_hash
from .batches.kept_texts import CLAIM, REVERSAL
from .contract import BudgetRow, GrantRow
from .instants import instant, instant_text
from .store import Row, Store

_GRANTS = (
    "SELECT campaign, step, recipient, occurrence, decisions.at, reward, amount, currency, cost,"
    " digest, deliver_at, expires_at, decisions.id, taken.at, settled.kind, settled.at,"
    " coalesce(claimed.at, served.at, decisions.at), decisions.facts"
    " FROM decisions JOIN grants ON grants.decision = decisions.id"
    " JOIN plans ON plans.id = decisions.plan"
    " LEFT JOIN amendments AS taken ON taken.decision = decisions.id AND taken.kind = 'reversed'"
    " LEFT JOIN amendments AS settled ON settled.decision = decisions.id"
    " AND settled.settles = line"
    " LEFT JOIN amendments AS served ON served.decision = decisions.id AND served.kind = 'served'"
    " LEFT JOIN amendments AS claimed ON claimed.decision = decisions.id"
    " AND claimed.kind = 'claimed' AND line > claimed.settles"
)
_CHARGED = (
    "SELECT account, period, key, measure, declared, spent, exhausted FROM accounts"
    " WHERE ? OR substr(account, 1, length(?)) = ? OR id IN (SELECT postings.account FROM postings"
    " JOIN decisions ON decisions.id = postings.decision WHERE campaign = ?)"
    " ORDER BY account, period, key"
)
_OWNERS: Mapping[str, Literal["campaign", "pool", "benefit", "policy"]] = {
    "campaign": "campaign",
    "pool": "pool",
    "benefit": "benefit",
    "policy": "policy",
}
_IN_ORDER = " ORDER BY decisions.at, campaign, step, occurrence, recipient, line"

_LINES = (
    "SELECT reward, amount, currency FROM decisions JOIN grants ON grants.decision = decisions.id"
    " LEFT JOIN amendments AS claimed ON claimed.decision = decisions.id AND kind = 'claimed'"
    " WHERE campaign = ? AND step = ? AND recipient = ? AND occurrence = ?"
    " AND (claimed.id IS NULL OR line <= claimed.settles) ORDER BY line"
)


def grant_row(row: Row, currency: str) -> GrantRow:
    """Convert a row of `_GRANTS`; `currency` is the project's."""
    campaign, step, recipient, occurrence, at, reward, amount, unit, cost, plan, *rest = row
    due, expires, number, reversed_at, became, became_at, got, facts = rest
    return GrantRow(
        str(campaign),
        str(step),
        str(recipient),
        str(occurrence),
        instant(str(at)),
        str(reward),
        kept_number(str(amount)),
        str(unit),
        from_minor(int(cost or 0), currency),
        str(plan),
        instant(str(due)),
        None if expires is None else instant(str(expires)),
        int(number or 0),
        None if reversed_at is None else instant(str(reversed_at)),
        became,
        None if became_at is None else instant(became_at),
        instant(got),
        read_arm(facts),
    )


def grants(store: Store, currency: str, campaign: str | None) -> Iterator[GrantRow]:
    """See `Ledger.grants`."""
    where = "" if campaign is None else " WHERE campaign = ?"
    values = () if campaign is None else (campaign,)
    for row in store.stream(_GRANTS + where + _IN_ORDER, values):
        yield grant_row(row, currency)


def grants_of(store: Store, currency: str, decision: int) -> tuple[GrantRow, ...]:
    """Return the lines of one decision."""
    rows = store.ask(_GRANTS + " WHERE decisions.id = ? ORDER BY line", (decision,))
    return tuple(grant_row(row, currency) for row in rows)


def outcomes(store: Store) -> Counter[tuple[str, Outcome]]:
    """See `Ledger.outcomes`."""
    rows = store.ask(
        "SELECT campaign, outcome, count(*) FROM decisions"  # noqa: S608  (our own word)
        f" WHERE step NOT LIKE '%{CLAIM}' AND step NOT LIKE '%{REVERSAL}' GROUP BY 1, 2"
    )
    return Counter({(campaign, outcome): count for campaign, outcome, count in rows})


def kept_back(store: Store) -> Counter[tuple[str, str]]:
    """See `Ledger.kept_back`."""
    rows = store.ask(
        "SELECT campaign, reason, count(*) FROM outbox"
        " JOIN decisions ON decisions.id = outbox.decision"
        " WHERE state = 'suppressed' AND reason IN (?, ?, ?) GROUP BY 1, 2 ORDER BY 1, 2",
        (FAILED, FORBIDDEN, TOO_LONG),
    )
    return Counter({(campaign, reason): count for campaign, reason, count in rows})


def lines(store: Store, identity: Identity) -> list[tuple[str, str, str]]:
    """See `Ledger.lines`."""
    return [(reward, amount, currency) for reward, amount, currency in store.ask(_LINES, identity)]


def decision(store: Store, identity: Identity) -> DecisionRow | None:
    """See `Ledger.decision`."""
    rows = store.ask(
        "SELECT customer, at, outcome, refused_by, fallback, digest, decisions.id"
        " FROM decisions JOIN plans ON plans.id = plan"
        " WHERE campaign = ? AND step = ? AND recipient = ? AND occurrence = ?",
        (identity.campaign, identity.step, identity.recipient, identity.occurrence),
    )
    if not rows:
        return None
    customer, at, outcome, account, fallback, plan, number = rows[0]
    account = None if outcome == "granted" else account
    told = outcome, account, bool(fallback), plan, int(number)
    return DecisionRow(identity, customer, instant(at), *told)


# Each name is one step down the index of identities, however many decisions it has.
_CAMPAIGNS = """
WITH RECURSIVE names (name) AS (
  SELECT min(campaign) FROM decisions
  UNION ALL
  SELECT (SELECT min(campaign) FROM decisions WHERE campaign > name) FROM names
  WHERE name IS NOT NULL
)
SELECT name FROM names WHERE name IS NOT NULL
"""


def campaigns(store: Store) -> frozenset[str]:
    """See `Ledger.campaigns`."""
    return frozenset(name for (name,) in store.ask(_CAMPAIGNS))


def received(store: Store) -> Iterator[Received]:
    """See `Ledger.received`."""
    for campaign, step, recipient, occurrence, benefit, at in store.stream(
        _ALL_RECEIVED, (_END_OF_TIME,)
    ):
        yield Received(campaign, step, recipient, occurrence, benefit, instant(at))


# A grant counts from the instant at which its recipient got it: that of the decision; of what had
# waited, that at which it was served; of what was chosen from an offer, that of the claim. Before
# `turn` lies what is served at an instant, after it what is claimed then. An offer that lapsed
# counts at every instant before its end, so asking later about that instant gives the same answer.
_ARRIVED = """
SELECT campaign, step, recipient, occurrence, benefit, decisions.id, line,
       coalesce(claimed.at, served.at, decisions.at) AS at,
       CASE WHEN claimed.id IS NOT NULL THEN 'claimed'
            WHEN served.id IS NOT NULL THEN 'served' ELSE 'decided' END AS came
FROM decisions LEFT JOIN grants ON grants.decision = decisions.id
LEFT JOIN amendments AS served ON served.decision = decisions.id AND served.kind = 'served'
LEFT JOIN amendments AS claimed ON claimed.decision = decisions.id AND claimed.kind = 'claimed'
     AND grants.line > claimed.settles
WHERE outcome = 'granted' AND NOT EXISTS (
  SELECT 1 FROM amendments AS taken
  WHERE taken.decision = decisions.id AND (taken.kind = 'reversed'
    OR (taken.kind = 'lapsed' AND taken.at <= ?)))
"""
_END_OF_TIME = "9999"  # comes after the text of every instant
_ALL_RECEIVED = (
    f"SELECT campaign, step, recipient, occurrence, benefit, at FROM ({_ARRIVED}) AS arrived"  # noqa: S608  (our own words)
    " ORDER BY at, id, line"
)
_OF_ONE = (
    f"SELECT at, campaign, step, occurrence, came FROM ({_ARRIVED} AND recipient = ?) AS arrived"  # noqa: S608
)
_RECEIVED = {
    # The first line alone: a campaign grants once, however many lines that has.
    "campaign": _OF_ONE + " WHERE at BETWEEN ? AND ? AND campaign = ? AND coalesce(line, 0) = 0",
    "benefit": _OF_ONE + " WHERE at BETWEEN ? AND ? AND benefit = ?",
}
_OF_STEP = _RECEIVED["campaign"] + " AND step = ?"


def received_counts(
    store: Store,
    of: Literal["campaign", "benefit"],
    name: str,
    asked: Sequence[Stretch],
) -> list[int]:
    """See `Ledger.received_counts`."""
    query, names = _RECEIVED[of], [name]
    if of == "campaign" and "." in name:
        query, names = _OF_STEP, name.split(".", 1)
    counts = []
    for stretch in asked:
        turn, since = stretch.turn, stretch.since
        first = "" if since is None else instant_text(since)
        if turn is None or stretch.until < turn.at:
            until = instant_text(stretch.until)
            now = until if turn is None else instant_text(turn.at)
            values = (now, stretch.recipient, first, until, *names)
            counts.append(len(store.ask(query, values)))
            continue
        now = instant_text(turn.at)
        values = (now, stretch.recipient, first, now, *names)
        found = store.ask(query, values)
        counts.append(
            sum(
                at < now
                or came == "served"
                or (came == "decided" and turn.sees(StepKey(campaign, step), occurrence))
                for at, campaign, step, occurrence, came in found
            )
        )
    return counts


def budgets(store: Store, plan: Plan, campaign: str | None) -> list[BudgetRow]:
    """See `Ledger.budgets`."""
    wanted = None if campaign is None else charged_accounts(plan, campaign)
    rows: list[BudgetRow] = []
    for account in plan.accounts:
        if account.measure != "messages" and (wanted is None or account.id in wanted):
            rows.extend(_of_account(store, account, plan.currency))
    return rows


def charged(store: Store, currency: str, campaign: str | None) -> list[BudgetRow]:
    """Return all accounts that were charged (by the campaign), as last stored, without a plan."""
    own = f"campaign/{campaign}/"
    values = (campaign is None, own, own, campaign or "")
    return [_charged(row, currency) for row in store.ask(_CHARGED, values)]


def _charged(row: Row, currency: str) -> BudgetRow:
    account, period, key, measure, declared, spent, exhausted = row
    kind, owner, name = str(account).split("/", 2)

    def amount(units: int) -> Decimal:
        return from_minor(units, currency) if measure == "money" else Decimal(units)

    cap, used = int(declared or 0), int(spent or 0)
    return BudgetRow(
        str(account),
        _OWNERS[kind],
        owner,
        name,
        "money" if measure == "money" else "grants",
        str(period),
        str(key) or None,
        amount(cap),
        amount(used),
        amount(max(cap - used, 0)),
        bool(exhausted),
    )


def _of_account(store: Store, account: Account, currency: str) -> Iterator[BudgetRow]:
    found = store.ask(
        "SELECT period, key, declared, spent, exhausted FROM accounts WHERE account = ?"
        " ORDER BY period, key",
        (account.id,),
    )
    cap = to_units(account, currency)
    for period, key, declared, spent, exhausted in found or [("", "", cap, 0, 0)]:
        # A cap raised since reopens the account, at the next grant that charges it.
        closed = bool(exhausted) and cap <= declared
        row = budget_row(account, currency, period, spent, closed)
        yield row if account.key is None or not found else replace(row, key=key)


def budget_row(
    account: Account, currency: str, period: str, spent: int, exhausted: bool
) -> BudgetRow:
    """Return a balance without a key, of which so many units are spent."""
    cap = to_units(account, currency)
    return BudgetRow(
        account.id,
        account.owner_kind,
        account.owner,
        account.name,
        account.measure,
        period,
        None,
        from_units(account, cap, currency),
        from_units(account, spent, currency),
        from_units(account, max(cap - spent, 0), currency),
        exhausted,
    )


def waiting_channels(store: Store, until: datetime) -> Counter[str]:
    """See `Ledger.waiting_channels`."""
    rows = store.ask(
        "SELECT channel, count(*) FROM outbox WHERE state = 'waiting' AND deliver_at <= ?"
        " GROUP BY channel ORDER BY channel",
        (instant_text(until),),
    )
    return Counter(dict(rows))


def waiting_recipients(store: Store, until: datetime) -> Iterator[tuple[str, str]]:
    """See `Ledger.waiting_recipients`."""
    query = (
        "SELECT d.campaign, d.recipient FROM outbox o JOIN decisions d ON d.id = o.decision"
        " WHERE o.state = 'waiting' AND o.kind = 'message' AND o.deliver_at <= ?"
    )
    yield from store.stream(query, (instant_text(until),))


def events_read(store: Store, event: str) -> Iterator[str]:
    """See `KnownEvents.events_read`."""
    query = "SELECT occurrence FROM seen_events WHERE event = ? ORDER BY 1"
    for (occurrence,) in store.stream(query, (event,)):
        yield occurrence


def was_read(store: Store, event: str, occurrence: str) -> bool:
    """See `KnownEvents.was_read`."""
    query = "SELECT 1 FROM seen_events WHERE event = ? AND occurrence = ?"
    return bool(store.ask(query, (event, occurrence)))


def secret(store: Store) -> str:
    """Return the key of the ledger's keyed hashes."""
    return str(store.ask("SELECT secret FROM hash_keys")[0][0])


def progress(store: Store, campaign: str) -> datetime | None:
    """See `Ledger.progress`."""
    store.since.check(store.ask)
    rows = store.ask("SELECT through FROM progress WHERE campaign = ?", (campaign,))
    return instant(rows[0][0]) if rows else None


class StoredReading:
    """The part of a `Ledger` about what was read and what waits, of an open store."""

    _store: Store

    def waiting_channels(self, until: datetime) -> Counter[str]:
        """See `Ledger.waiting_channels`."""
        return waiting_channels(self._store, until)

    def waiting_recipients(self, until: datetime) -> Iterator[tuple[str, str]]:
        """See `Ledger.waiting_recipients`."""
        yield from waiting_recipients(self._store, until)

    def kept_back(self) -> Counter[tuple[str, str]]:
        """See `Ledger.kept_back`."""
        return kept_back(self._store)

    def events_read(self, event: str) -> Iterator[str]:
        """See `KnownEvents.events_read`."""
        yield from events_read(self._store, event)

    def was_read(self, event: str, occurrence: str) -> bool:
        """See `KnownEvents.was_read`."""
        return was_read(self._store, event, occurrence)

    def hides(self) -> Callable[[str, str], str]:
        """See `KnownEvents.hides`."""
        return partial(keyed_hash, secret(self._store))
