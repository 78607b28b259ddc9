"""Verification: whether everything in a ledger adds up, and is as it was written."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from functools import partial

from ....dsl.diagnostics.diagnostic import CannotRun, Diagnostic, Phrase, diagnose, listed
from ...codes import ledger as codes
from ..batches.wallets import UNEQUAL
from ..settlements.rewinding import taken_by
from ..store import Store
from .auditing import audit

_MOVED = """
  SELECT decision, account, amount FROM postings
  UNION ALL
  SELECT decision, account, settlements.amount
  FROM settlements JOIN amendments ON amendments.id = entry
"""

# What was taken back is not spent.
_BALANCES = f"""
SELECT name, spent, posted FROM (
  SELECT accounts.id, accounts.account || rtrim(' ' || period || ' ' || key) AS name, spent, cap,
         coalesce(sum(CASE WHEN amendments.id IS NULL THEN moved.amount END), 0) AS posted
  FROM accounts LEFT JOIN ({_MOVED}) AS moved ON moved.account = accounts.id
       LEFT JOIN amendments ON amendments.decision = moved.decision
                            AND amendments.kind = 'reversed'
  GROUP BY accounts.id, accounts.account, period, key, spent, cap
) AS balances WHERE spent <> posted OR spent > cap ORDER BY id
"""  # noqa: S608  (our own words)

# The account's side of each entry against the customer's: the cost of the lines, the number of
# lines that gave the benefit of a stock, or one grant. An offer that was claimed, and what went
# back when it ended or was taken back, are not there any more.
_SIDES = f"""
WITH there AS (
  SELECT grants.decision, benefit,
         CASE WHEN (kind IS NULL OR NOT (kind = 'claimed' OR returns = 1))
                   AND (benefit IS NULL OR taken.line IS NULL)
              THEN grants.cost - coalesce(taken.cost, 0) END AS cost
  FROM grants
       LEFT JOIN (SELECT decision, line, sum(cost) AS cost FROM reductions
                  GROUP BY decision, line) AS taken
       ON taken.decision = grants.decision AND taken.line = grants.line
       LEFT JOIN amendments ON amendments.decision = grants.decision
       AND settles = grants.line AND kind IN ('claimed', 'lapsed', 'expired')
), got AS (
  SELECT decision, coalesce(sum(cost), 0) AS cost,
         CASE WHEN count(cost) > 0 THEN 1 ELSE 0 END AS grants
  FROM there GROUP BY decision
), of_benefit AS (
  SELECT decision, benefit, count(cost) AS lines FROM there GROUP BY decision, benefit
), moved AS (
  SELECT decision, account, sum(amount) AS amount FROM ({_MOVED}) AS every
  GROUP BY decision, account
), sides AS (
  SELECT moved.decision, accounts.account, moved.amount,
         CASE WHEN accounts.measure = 'money' THEN coalesce(got.cost, 0)
              WHEN accounts.benefit IS NULL THEN coalesce(got.grants, 1)
              ELSE coalesce(of_benefit.lines, 0) END AS got
  FROM moved JOIN accounts ON accounts.id = moved.account
       LEFT JOIN got ON got.decision = moved.decision
       LEFT JOIN of_benefit ON of_benefit.decision = moved.decision
                            AND of_benefit.benefit = accounts.benefit
)
SELECT account, campaign || '/' || step || '/' || recipient || '/' || occurrence, amount, got
FROM sides JOIN decisions ON decisions.id = decision
WHERE amount <> got ORDER BY decision, account
"""  # noqa: S608  (our own words)

_OF_NO_ACCOUNT = f"""
SELECT account, sum(amount) FROM ({_MOVED}) AS moved
WHERE account NOT IN (SELECT id FROM accounts) GROUP BY account ORDER BY account
"""  # noqa: S608  (our own words)

_REFUSED = """
SELECT campaign || '/' || step || '/' || recipient || '/' || occurrence
FROM decisions
WHERE outcome <> 'granted' AND (
  EXISTS (SELECT 1 FROM grants WHERE decision = decisions.id)
  OR outcome <> 'reached' AND EXISTS (SELECT 1 FROM postings WHERE decision = decisions.id)
  OR EXISTS (SELECT 1 FROM outbox WHERE decision = decisions.id
             AND NOT (outcome = 'counted' AND kind = 'alert')))
ORDER BY id
"""
"""A step that gives nothing and was reached counts in its own limits, and has nothing else.

An event that pauses its campaign may call somebody.
"""

_UNSERVED = """
SELECT decisions.id, kind FROM decisions JOIN amendments ON decision = decisions.id
WHERE kind = 'served' AND outcome <> 'granted'
UNION ALL
SELECT decision, kind FROM amendments
WHERE plan IS NOT NULL AND plan NOT IN (SELECT id FROM plans)
"""

_OF_NOTHING = """
SELECT decision FROM (
  SELECT decision FROM grants UNION SELECT decision FROM postings
  UNION SELECT decision FROM outbox UNION SELECT decision FROM amendments
) AS sides WHERE decision NOT IN (SELECT id FROM decisions)
UNION SELECT entry FROM settlements WHERE entry NOT IN (SELECT id FROM amendments)
UNION SELECT entry FROM reductions WHERE entry NOT IN (SELECT id FROM amendments)
ORDER BY decision
"""


# Offers, points and what returns to the budget: something becomes of them when they end.
_FORGOTTEN = """
SELECT campaign || '/' || step || '/' || recipient || '/' || occurrence, expires_at
FROM grants JOIN decisions ON decisions.id = grants.decision
WHERE expires_at IS NOT NULL
  AND (returns = 1 OR (benefit IS NULL AND (reward = 'choice' OR reward = currency)))
  AND NOT EXISTS (SELECT 1 FROM due WHERE due.at = expires_at
                  AND due.decision = grants.decision AND due.line = grants.line)
  AND NOT EXISTS (SELECT 1 FROM amendments WHERE amendments.decision = grants.decision
                  AND (settles = grants.line OR kind = 'reversed'))
  AND NOT EXISTS (SELECT 1 FROM reductions WHERE reductions.decision = grants.decision
                  AND reductions.line = grants.line AND benefit IS NOT NULL)
ORDER BY grants.decision, grants.line
"""


DAMAGE = frozenset(
    {
        codes.LEDGER_DAMAGED,
        codes.LEDGER_CHANGED,
        codes.LEDGER_INCOMPLETE,
        codes.LEDGER_NOT_ONE,
    }
)
"""Faults of the data, which are findings. Faults of the machine stop the command."""

_OF_NO_REWIND = """
SELECT rewind FROM (
  SELECT rewind FROM rewound_decisions UNION SELECT rewind FROM rewound_amendments
) AS gone WHERE rewind NOT IN (SELECT id FROM rewinds) ORDER BY rewind
"""


_EXPLAINS = {
    codes.OUT_OF_BALANCE: {"accounts", "wallets"},
    codes.ENTRY_UNMATCHED: {"accounts"},
    codes.REFUSED_YET_GIVEN: {"outbox"},
    codes.ENTRY_CHANGED: {"plans"},
    codes.ENTRY_MISSING: {"accounts", "attempts", "due", "outbox", "plans", "sent", "touches"},
    codes.END_FORGOTTEN: {"due"},
}
"""Tables whose broken seal follows from a finding, which says more than the seal."""


def verify(store: Store) -> tuple[Diagnostic, ...]:
    """See `Verifying.verify`. If the database itself is damaged, no sums are checked."""
    found: list[Diagnostic] = []
    try:
        with store.reading():
            found.extend(store.damage())
            if not found:
                for check in _CHECKS:
                    _add(store, check, found)
                explained = set[str]().union(*(_EXPLAINS.get(one.code, ()) for one in found))
                _add(store, partial(_seals, explained), found)
                if not found:
                    _add(store, _references, found)
    except CannotRun as stopped:
        found.append(_damage(stopped))
    return tuple(found)


def unchecked(store: Store) -> Diagnostic | None:
    """See `Verifying.unchecked`."""
    reason = store.unchecked()
    if reason is None:
        return None
    return diagnose(codes.LEDGER_UNCHECKED, None, path=store.shown, reason=reason)


Check = Callable[[Store], Iterable[Diagnostic]]


def _add(store: Store, check: Check, found: list[Diagnostic]) -> None:
    """Add a check's findings; being unable to read is a finding too."""
    try:
        with store.apart():
            found.extend(check(store))
    except CannotRun as stopped:
        found.append(_damage(stopped))


def _damage(stopped: CannotRun) -> Diagnostic:
    if stopped.diagnostic.code not in DAMAGE:
        raise stopped
    return stopped.diagnostic


def _balances(store: Store) -> Iterator[Diagnostic]:
    for account, spent, posted in store.ask(_BALANCES):
        yield diagnose(
            codes.OUT_OF_BALANCE, None, account=account, found=str(spent), expected=str(posted)
        )
    for number, posted in store.ask(_OF_NO_ACCOUNT):
        yield diagnose(
            codes.OUT_OF_BALANCE, None, account=f"{number}", found="0", expected=str(posted)
        )


def _wallets(store: Store) -> Iterator[Diagnostic]:
    for wallet, owner, kept, got in store.ask(UNEQUAL):
        name = f"wallet/{wallet} {owner}"
        yield diagnose(codes.OUT_OF_BALANCE, None, account=name, found=str(kept), expected=str(got))


def _sides(store: Store) -> Iterator[Diagnostic]:
    for account, decision, amount, got in store.ask(_SIDES):
        yield diagnose(
            codes.ENTRY_UNMATCHED,
            None,
            account=account,
            decision=decision,
            found=str(amount),
            expected=str(got),
        )


def _decisions(store: Store) -> Iterator[Diagnostic]:
    for number, kind in store.ask(_UNSERVED):
        yield diagnose(codes.ENTRY_CHANGED, None, entry=f"{kind} {number}")
    for (decision,) in store.ask(_REFUSED):
        yield diagnose(codes.REFUSED_YET_GIVEN, None, decision=decision)
    for decision, at in store.ask(_FORGOTTEN):
        yield diagnose(codes.END_FORGOTTEN, None, decision=decision, at=at)
    for (number,) in store.ask(_OF_NOTHING):
        yield diagnose(codes.ENTRY_MISSING, None, number=str(number))


def _rewinds(store: Store) -> Iterator[Diagnostic]:
    for number, taken in store.ask("SELECT id, taken FROM rewinds ORDER BY id"):
        if taken_by(store, number) != taken:
            yield diagnose(codes.ENTRY_CHANGED, None, entry=f"rewound {number}")
    for (number,) in store.ask(_OF_NO_REWIND):
        yield diagnose(codes.ENTRY_MISSING, None, number=str(number))


def _lanes(store: Store) -> Iterator[Diagnostic]:
    """Check the rows of lanes: a server has all of them, a file the one that it uses."""
    lanes = [lane for (lane,) in store.ask("SELECT lane FROM chains")]
    most = store.lanes
    if any(lane not in range(most) for lane in lanes) or len(lanes) < most > 1:
        yield _changed(store, codes.other_rows("chains", len(lanes), most))


def _seals(explained: Collection[str], store: Store) -> Iterator[Diagnostic]:
    for table, rows, sealed, row in store.unsealed():
        if table in explained:
            continue
        if row is not None:
            yield _changed(store, codes.row_added(table, row))
        elif rows == sealed:
            yield _changed(store, codes.row_changed(table))
        else:
            yield _changed(store, codes.other_rows(table, rows, sealed))


def _references(store: Store) -> Iterator[Diagnostic]:
    for table, of in store.dangling():
        yield _changed(store, codes.row_of_nothing(table, of))
    silent = store.uncounted()
    if silent:
        yield _changed(store, codes.not_counted(listed(silent)))


def _changed(store: Store, reason: Phrase) -> Diagnostic:
    return diagnose(codes.LEDGER_CHANGED, None, path=store.shown, reason=reason)


_CHECKS: tuple[Check, ...] = (
    _balances,
    _wallets,
    _sides,
    _decisions,
    _rewinds,
    audit,
    _lanes,
)
