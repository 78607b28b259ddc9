"""Rebuilding: what follows from the entries is made from them anew, and compared with what is kept.

Balances, wallets, ends that are due, steps of journeys, and the events by which grants are taken
back follow from the entries of the chain. Differences are findings, each a row. They can be mended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ....dsl.diagnostics.diagnostic import CannotRun, diagnose
from ...codes import ledger as codes
from ...kept import entries
from ..batches.facts import read_keys
from ..batches.kept_texts import CLAIM, REVERSAL
from ..batches.wallets import MOVED
from ..seals import named_row
from ..store import Row, Store
from ..verified import NOTHING_KNOWN, Difference, Journeyed, Rebuilt
from .auditing import audit

_SPENT = """
SELECT accounts.account, period, key, CASE WHEN amendments.id IS NULL THEN moved.amount ELSE 0 END
FROM (SELECT decision, account, amount FROM postings
      UNION ALL
      SELECT decision, account, settlements.amount
      FROM settlements JOIN amendments ON amendments.id = entry) AS moved
     JOIN accounts ON accounts.id = moved.account
     LEFT JOIN amendments ON amendments.decision = moved.decision AND kind = 'reversed'
"""
_LOST = """
SELECT moved.account, sum(moved.amount)
FROM (SELECT account, amount FROM postings
      UNION ALL SELECT account, amount FROM settlements) AS moved
WHERE account NOT IN (SELECT id FROM accounts) GROUP BY account ORDER BY account
"""
_ENDS = """
SELECT expires_at, grants.decision, line,
       CASE WHEN EXISTS (SELECT 1 FROM amendments WHERE amendments.decision = grants.decision
                         AND (settles = grants.line OR kind = 'reversed'))
              OR benefit IS NOT NULL AND EXISTS (
                   SELECT 1 FROM reductions WHERE reductions.decision = grants.decision
                   AND reductions.line = grants.line)
            THEN 1 ELSE 0 END
FROM grants WHERE expires_at IS NOT NULL
  AND (returns = 1 OR (benefit IS NULL AND (reward = 'choice' OR reward = currency)))
"""
_DECISIONS = """
SELECT decisions.id, campaign, step, recipient, occurrence, customer, at, outcome, facts, digest,
       plan
FROM decisions JOIN plans ON plans.id = plan ORDER BY decisions.id
"""
_OF_PLANS = (
    "SELECT DISTINCT decisions.campaign, plan FROM {} AS kept"
    " JOIN decisions ON decisions.id = kept.decision"
)

_REVERSING = "SELECT DISTINCT campaign, plan FROM decisions WHERE step LIKE '%/reversal'"

Rows = dict[Row, Row]
"""Rows of a table: what names a row, and the rest of it."""


@dataclass(frozen=True, slots=True)
class _Derived:
    """A table that follows from the entries. `keys` name a row, `rest` is what else is compared.

    `optional`: rows that may be there or not. `whole`: no column of it tells anything else.
    """

    table: str
    keys: tuple[str, ...]
    rest: tuple[str, ...]
    made: Callable[[Store, Journeyed], tuple[Rows, Rows]]
    write: str
    remove: str
    whole: bool = True


class StoredRebuilding:
    """The `Rebuilding` of an open store."""

    _store: Store

    def rebuild(self, known: Journeyed = NOTHING_KNOWN, *, write: bool = False) -> Rebuilt:
        """See `Rebuilding.rebuild`."""
        return rebuilt(self._store, known, write=write)


def rebuilt(store: Store, known: Journeyed = NOTHING_KNOWN, *, write: bool = False) -> Rebuilt:
    """Compare all derived tables with the entries; with `write`, mend them in one transaction.

    Raise `CannotRun` if `write` finds that the entries themselves were changed.
    """
    if not write:
        with store.reading():
            return Rebuilt(tuple(_compared(store, known)))

    def work() -> Rebuilt:
        store.exclude_others()
        changed = next(audit(store), None)
        if changed is not None:
            raise CannotRun(diagnose(codes.ENTRIES_CHANGED, None, path=store.shown))
        found = tuple(_compared(store, known))
        broken = {one.table for one in store.unsealed()}
        for one in _DERIVED:
            own = [each for each in found if each.table == one.table and each.can_be_mended]
            if own:
                _mend(store, one, own)
            if own or (one.whole and one.table in broken):
                store.seal_again(one.table, whole=one.whole)
        return Rebuilt(found, written=True)

    return store.write((), work)


def _compared(store: Store, known: Journeyed) -> Iterator[Difference]:
    for one in _DERIVED:
        columns = ", ".join((*one.keys, *one.rest))
        many = len(one.keys)
        query = f"SELECT {columns} FROM {one.table}"  # noqa: S608  (our own names)
        kept = {row[:many]: row[many:] for row in map(tuple, store.stream(query))}
        made, optional = one.made(store, known)
        for key in sorted({*kept, *made}):
            expected = made.get(key, optional.get(key))
            if kept.get(key) == expected or (key not in kept and key in optional):
                continue
            if one.table == "wallets" and (kept.get(key) or (0,)) == (expected or (0,)):
                continue  # An empty wallet may have a row or not.
            yield Difference(one.table, named_row(one.keys, key), key, kept.get(key), expected)
    for number, amount in store.ask(_LOST):
        yield Difference("accounts", f"id {number}", None, None, (int(amount),))


def _mend(store: Store, of: _Derived, found: Sequence[Difference]) -> None:
    gone = [one.key for one in found if one.expected is None and one.key is not None]
    # Rows of the same name are taken out first.
    again = [one for one in found if one.expected is not None and one.key is not None]
    if of.whole:
        gone += [one.key for one in again if one.kept is not None and one.key is not None]
        store.change(of.remove, gone)
        store.change(of.write, [(*(one.key or ()), *(one.expected or ())) for one in again])
    else:
        store.change(of.write, [(*(one.expected or ()), *(one.key or ())) for one in again])


# --- from the entries ---------------------------------------------------------------------------


def _accounts(store: Store, _: Journeyed) -> tuple[Rows, Rows]:
    """The sum that is spent of each balance."""
    query = "SELECT account, period, key FROM accounts"
    sums = {tuple(row): 0 for row in store.stream(query)}
    for account, period, key, amount in store.stream(_SPENT):
        sums[account, period, key] += int(amount)
    return {key: (spent,) for key, spent in sums.items()}, {}


def _wallets(store: Store, _: Journeyed) -> tuple[Rows, Rows]:
    """The units in each wallet."""
    sums: dict[Row, int] = {}
    for wallet, owner, amount in store.stream(MOVED):
        sums[wallet, owner] = sums.get((wallet, owner), 0) + int(amount)
    return {key: (held,) for key, held in sums.items()}, {}


def _due(store: Store, _: Journeyed) -> tuple[Rows, Rows]:
    """The ends that something becomes of; of those that are settled a row may be left."""
    made: Rows = {}
    optional: Rows = {}
    for *key, settled in store.stream(_ENDS):
        (optional if settled else made)[tuple(key)] = ()
    return made, optional


def _journeys(store: Store, known: Journeyed) -> tuple[Rows, Rows]:
    """The kept steps of journeys: the decisions of campaigns that were journeys then."""
    was = {tuple(row) for row in store.ask(_OF_PLANS.format("journeys"))}
    made: Rows = {}
    for one in _decisions(store):
        of_plan = (one.campaign, one.plan) in was
        now = one.digest == known.digest and one.campaign in known.journeys
        if (of_plan or now) and not one.is_answer and '"manual":' not in one.facts:
            made[one.campaign, one.customer, one.occurrence, one.step] = (one.number,)
    return made, {}


def _reversals(store: Store, _: Journeyed) -> tuple[Rows, Rows]:
    """The events that take back, by the key of the event that they name."""
    made: Rows = {}
    for one in _decisions(store):
        told = entries(one.facts) if one.step.endswith(REVERSAL) else {}
        if "of" in told and one.outcome != "of_another":
            rest = (one.recipient, one.at, told.get("part"))
            made[one.campaign, told["of"], one.number] = rest
    return made, {}


def _pattern_events(store: Store, known: Journeyed) -> tuple[Rows, Rows]:
    """The decisions whose occurrence is not the key of their event, by that key."""
    plans = (_OF_PLANS.format("pattern_events"), _REVERSING)
    was = {tuple(row) for query in plans for row in store.ask(query)}
    made: Rows = {}
    for one in _decisions(store):
        now = one.digest == known.digest and one.campaign in known.reversing
        if one.is_answer or not (now or (one.campaign, one.plan) in was):
            continue
        event = read_keys(one.facts).get("event.key")
        if event is not None:
            made[one.campaign, event, one.number] = ()
    return made, {}


@dataclass(frozen=True, slots=True)
class _Decision:
    number: int
    campaign: str
    step: str
    recipient: str
    occurrence: str
    customer: str
    at: str
    outcome: str
    facts: str
    digest: str
    plan: int

    @property
    def is_answer(self) -> bool:
        """Whether it is a claim or a reversal, which no campaign decides."""
        return self.step.endswith((CLAIM, REVERSAL))


def _decisions(store: Store) -> Iterator[_Decision]:
    return (_Decision(*row) for row in store.stream(_DECISIONS))


_DERIVED = (
    _Derived(
        "accounts",
        ("account", "period", "key"),
        ("spent",),
        _accounts,
        "UPDATE accounts SET spent = ? WHERE account = ? AND period = ? AND key = ?",
        "",
        whole=False,
    ),
    _Derived(
        "wallets",
        ("wallet", "owner"),
        ("balance",),
        _wallets,
        "INSERT INTO wallets VALUES (?, ?, ?)",
        "DELETE FROM wallets WHERE wallet = ? AND owner = ?",
    ),
    _Derived(
        "due",
        ("at", "decision", "line"),
        (),
        _due,
        "INSERT INTO due VALUES (?, ?, ?)",
        "DELETE FROM due WHERE at = ? AND decision = ? AND line = ?",
    ),
    _Derived(
        "journeys",
        ("campaign", "customer", "occurrence", "step"),
        ("decision",),
        _journeys,
        "INSERT INTO journeys VALUES (?, ?, ?, ?, ?)",
        "DELETE FROM journeys WHERE campaign = ? AND customer = ? AND occurrence = ? AND step = ?",
    ),
    _Derived(
        "reversals",
        ("campaign", "key", "entry"),
        ("customer", "at", "part"),
        _reversals,
        "INSERT INTO reversals VALUES (?, ?, ?, ?, ?, ?)",
        "DELETE FROM reversals WHERE campaign = ? AND key = ? AND entry = ?",
    ),
    _Derived(
        "pattern_events",
        ("campaign", "key", "decision"),
        (),
        _pattern_events,
        "INSERT INTO pattern_events VALUES (?, ?, ?)",
        "DELETE FROM pattern_events WHERE campaign = ? AND key = ? AND decision = ?",
    ),
)
