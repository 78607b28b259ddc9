"""Rewinds: everything after an instant is no longer in force, and stays in the chain.

The rows move into tables of their own. Derived data (balances, wallets, expiries, the outbox,
progress) is recomputed from the rows that stay.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from typing import Final

from ....dsl.diagnostics.diagnostic import CannotRun, diagnose
from ...codes import rewinding as codes
from ...decide.decisions import Identity
from ..batches.kept_texts import BEGAN
from ..rewound import Irrevocable, Rehearsal, Rewound
from ..store import Store
from ..units.codes import take_rewound_back
from .offsets import FROM_THE_START
from .rewound_sums import moved_balances, moved_points, restore

_NAMES = (
    "SELECT 'campaign/' || campaign FROM (SELECT DISTINCT campaign FROM decisions) AS found"
    " UNION SELECT account FROM (SELECT DISTINCT account FROM accounts) AS found"
    " UNION SELECT account FROM (SELECT DISTINCT account FROM touches) AS found"
    " UNION SELECT 'wallet/' || wallet FROM (SELECT DISTINCT wallet FROM wallets) AS found"
    " UNION SELECT 'codes/' || benefit FROM (SELECT DISTINCT benefit FROM codes) AS found"
)

# --- what leaves --------------------------------------------------------------------------------

_DECISION: Final = (
    "id, campaign, step, recipient, occurrence, customer, at, outcome, refused_by, fallback,"
    " content, plan, facts, previous"
)
_DECISIONS = (
    f"INSERT INTO rewound_decisions ({_DECISION}, rewind)"  # noqa: S608  (our own words)
    f" SELECT {_DECISION}, ? FROM decisions WHERE at > ?"
)
_AMENDMENT: Final = "id, decision, kind, at, reason, plan, previous, settles, lost"
_OF_TAKEN = (
    f"INSERT INTO rewound_amendments ({_AMENDMENT}, rewind)"  # noqa: S608  (our own words)
    f" SELECT {_AMENDMENT}, ? FROM amendments"
    " WHERE decision IN (SELECT id FROM rewound_decisions WHERE rewind = ?)"
)
# Of a grant that somebody reversed nothing is left to be settled back. What was redeemed stays so:
# that is nothing the ledger did. What was given by a claim or a serving goes with it, and so does
# what became of that, whenever. What events took back after the instant goes too.
_OF_OTHERS = (
    f"INSERT INTO rewound_amendments ({_AMENDMENT}, rewind)"  # noqa: S608  (our own words)
    f" SELECT {_AMENDMENT}, ? FROM amendments AS own"
    " WHERE decision NOT IN (SELECT id FROM rewound_decisions WHERE rewind = ?)"
    " AND NOT EXISTS (SELECT 1 FROM amendments AS taken WHERE taken.decision = own.decision"
    " AND taken.kind = 'reversed' AND (taken.plan IS NULL OR taken.at <= ?))"
    " AND ((at > ? AND kind <> 'redeemed') OR EXISTS (SELECT 1 FROM amendments AS giving"
    " WHERE giving.decision = own.decision AND giving.kind IN ('served', 'claimed')"
    " AND giving.at > ? AND (own.settles > giving.settles"
    " OR (own.kind = 'reduced' AND own.id > giving.id))))"
)
_GRANT: Final = (
    "decision, line, reward, benefit, amount, currency, cost, deliver_at, expires_at, returns"
)
_GRANTS = (
    f"INSERT INTO rewound_grants ({_GRANT}, rewind)"  # noqa: S608  (our own words)
    f" SELECT {_GRANT}, ? FROM grants"
    " WHERE decision IN (SELECT id FROM rewound_decisions WHERE rewind = ?)"
    " OR EXISTS (SELECT 1 FROM rewound_amendments AS gone"
    " WHERE gone.rewind = ? AND gone.decision = grants.decision"
    " AND gone.kind IN ('served', 'claimed') AND grants.line > gone.settles)"
)
_POSTINGS = (
    "INSERT INTO rewound_postings (decision, account, period, key, amount, rewind)"
    " SELECT decision, accounts.account, period, key, amount, ?"
    " FROM postings JOIN accounts ON accounts.id = postings.account"
    " WHERE decision IN (SELECT id FROM rewound_decisions WHERE rewind = ?)"
    " OR decision IN (SELECT decision FROM rewound_amendments WHERE rewind = ? AND kind = 'served')"
)
_SETTLEMENTS = (
    "INSERT INTO rewound_settlements (entry, account, period, key, amount, rewind)"
    " SELECT entry, accounts.account, period, key, amount, ?"
    " FROM settlements JOIN accounts ON accounts.id = settlements.account"
    " WHERE entry IN (SELECT id FROM rewound_amendments WHERE rewind = ?)"
)
_REDUCTIONS = (
    "INSERT INTO rewound_reductions (entry, line, decision, units, cost, rewind)"
    " SELECT entry, line, decision, units, cost, ? FROM reductions"
    " WHERE entry IN (SELECT id FROM rewound_amendments WHERE rewind = ?)"
)
_LEAVING = (
    "(decision IN (SELECT id FROM rewound_decisions WHERE rewind = ?)"
    " OR decision IN (SELECT decision FROM rewound_amendments WHERE rewind = ? AND kind = 'served')"
    " OR (kind = 'rewards' AND decision IN"
    " (SELECT decision FROM rewound_amendments WHERE rewind = ? AND kind = 'claimed')))"
)
_SENT = (
    "INSERT INTO rewound_outbox (decision, channel, n, kind, rewind)"  # noqa: S608  (our own words)
    f" SELECT decision, channel, n, kind, ? FROM outbox WHERE {_LEAVING}"
    " AND (state = 'delivered' OR (state = 'waiting' AND EXISTS (SELECT 1 FROM attempts"
    " WHERE attempts.decision = outbox.decision AND attempts.channel = outbox.channel"
    " AND attempts.n = outbox.n AND try_after IS NOT NULL AND error IS NULL)))"
)
_OUTBOX = f"DELETE FROM outbox WHERE {_LEAVING}"  # noqa: S608
_UNSENT = f"SELECT count(*) FROM outbox WHERE {_LEAVING}"  # noqa: S608
_OF_NO_ROW = (
    "DELETE FROM attempts WHERE NOT EXISTS (SELECT 1 FROM outbox"
    " WHERE outbox.decision = attempts.decision AND outbox.channel = attempts.channel"
    " AND outbox.n = attempts.n)",
    "DELETE FROM sent WHERE NOT EXISTS (SELECT 1 FROM outbox"
    " WHERE outbox.decision = sent.decision AND outbox.channel = sent.channel"
    " AND outbox.n = sent.n)",
)
_TOUCHES = (
    "DELETE FROM touches WHERE decision IN (SELECT id FROM rewound_decisions WHERE rewind = ?)"
    " OR decision IN (SELECT decision FROM rewound_amendments WHERE rewind = ? AND kind = 'served')"
)
_NOT_DUE = (
    "DELETE FROM due WHERE EXISTS (SELECT 1 FROM rewound_grants AS gone WHERE gone.rewind = ?"
    " AND gone.decision = due.decision AND gone.line = due.line)"
)

# --- what the rest comes to ---------------------------------------------------------------------

_SET_BALANCE = "UPDATE accounts SET cap = ?, spent = ?, alerted = ? WHERE id = ?"
_WAITS_AGAIN = (
    "UPDATE decisions SET outcome = 'waitlisted' WHERE outcome = 'granted' AND id IN"
    " (SELECT decision FROM rewound_amendments WHERE rewind = ? AND kind = 'served')"
    " AND id NOT IN (SELECT id FROM rewound_decisions WHERE rewind = ?)"
)
_LEAVE = (
    "DELETE FROM settlements WHERE entry IN (SELECT id FROM rewound_amendments WHERE rewind = ?)",
    "DELETE FROM reductions WHERE entry IN (SELECT id FROM rewound_amendments WHERE rewind = ?)",
    "DELETE FROM reversals WHERE entry IN (SELECT id FROM rewound_decisions WHERE rewind = ?)",
    "DELETE FROM pattern_events"
    " WHERE decision IN (SELECT id FROM rewound_decisions WHERE rewind = ?)",
    "DELETE FROM postings WHERE decision IN"
    " (SELECT decision FROM rewound_postings WHERE rewind = ?)",
    "DELETE FROM grants WHERE EXISTS (SELECT 1 FROM rewound_grants AS gone WHERE gone.rewind = ?"
    " AND gone.decision = grants.decision AND gone.line = grants.line)",
    "DELETE FROM amendments WHERE id IN (SELECT id FROM rewound_amendments WHERE rewind = ?)",
)
_DECISIONS_LEAVE = (
    "DELETE FROM decisions WHERE id IN (SELECT id FROM rewound_decisions WHERE rewind = ?)"
)

# A balance is exhausted from the grant that did not fit until something comes back, or its cap is
# raised.
_EXHAUSTED_SINCE = (
    "SELECT accounts.id, max(entry) FROM exhaustions"
    " JOIN accounts ON accounts.id = exhaustions.account"
    " WHERE accounts.declared <= exhaustions.declared GROUP BY accounts.id"
)
_GIVEN_BACK = """
SELECT account, max(entry) FROM (
  SELECT account, entry FROM settlements WHERE amount < 0
  UNION ALL
  SELECT account, taken.id FROM postings JOIN amendments AS taken
  ON taken.decision = postings.decision AND taken.kind = 'reversed'
  UNION ALL
  SELECT account, taken.id FROM settlements JOIN amendments AS own ON own.id = entry
  JOIN amendments AS taken ON taken.decision = own.decision AND taken.kind = 'reversed'
) AS back GROUP BY account
"""
_OF_NOTHING = (
    "DELETE FROM journeys WHERE decision NOT IN (SELECT id FROM decisions)",
    "DELETE FROM accounts WHERE spent = 0 AND exhausted = 0"
    " AND id NOT IN (SELECT account FROM postings)"
    " AND id NOT IN (SELECT account FROM settlements)",
    "DELETE FROM exhaustions WHERE account NOT IN (SELECT id FROM accounts)",
    "DELETE FROM wallets WHERE balance = 0 AND NOT EXISTS (SELECT 1 FROM grants"
    " JOIN decisions ON decisions.id = grants.decision WHERE recipient = owner"
    " AND reward = wallet AND benefit IS NULL AND reward = currency)",
)
_PROGRESS = (
    # Where a campaign began only after the instant, it has not begun.
    f"DELETE FROM progress WHERE campaign || '{BEGAN}' IN"  # noqa: S608  (our own word)
    f" (SELECT campaign FROM progress WHERE campaign LIKE '%{BEGAN}' AND through > ?)",
    f"DELETE FROM progress WHERE campaign LIKE '%{BEGAN}' AND through > ?",  # noqa: S608
)
_SET_PROGRESS = "UPDATE progress SET through = ? WHERE through > ?"


_EVERY = (
    "SELECT gone.id, campaign, step, recipient, occurrence, kind, channel FROM rewound_outbox"
    " JOIN {0} AS gone ON gone.id = decision WHERE rewound_outbox.rewind = ?"
    " UNION ALL SELECT gone.id, campaign, step, recipient, occurrence, kind, reward"
    " FROM rewound_amendments AS used JOIN {0} AS gone ON gone.id = used.decision"
    " JOIN rewound_grants AS line ON line.decision = used.decision AND line.line = used.settles"
    " AND line.rewind = used.rewind WHERE used.rewind = ? AND kind = 'redeemed'"
)
_IRREVOCABLE = (
    f"{_EVERY.format('rewound_decisions')} UNION ALL {_EVERY.format('decisions')}"
    " ORDER BY 1, 6, 7 LIMIT ?"
)
_COUNTED = (
    "SELECT (SELECT count(*) FROM rewound_outbox WHERE rewind = ?),"
    " (SELECT count(*) FROM rewound_amendments WHERE rewind = ? AND kind = 'redeemed')"
)


def irrevocable(store: Store, entry: int, most: int) -> Iterator[Irrevocable]:
    """See `Rewinding.irrevocable`."""
    for _, *identity, kind, of in store.stream(_IRREVOCABLE, (*(entry,) * 4, most)):
        yield Irrevocable(Identity(*identity), kind, of)


def rewind(store: Store, to: str, reason: str, by: str) -> Rewound:
    """See `Rewinding.rewind`; `to` is an instant as text."""
    done: Rewound | None = None
    while done is None:
        held = _names(store)
        done = store.write(held, lambda held=held: _rewind(store, (to, reason, by), held))  # type: ignore[misc]  # a default binds this try's
    store.since.begin()
    return done


class _NotKept(Exception):  # noqa: N818  (no error: it undoes the transaction)
    """Ends the transaction of a rehearsal with its result."""

    def __init__(self, result: Rehearsal) -> None:
        super().__init__()
        self.result = result


def rehearse(store: Store, to: str, most: int) -> Rehearsal:
    """See `Rewinding.rehearse_rewind`: the rewind itself, in a transaction that is undone."""

    def tried(held: set[str]) -> None:
        done = _rewind(store, (to, "", ""), held)
        if done is not None:
            gone = () if done.entry is None else irrevocable(store, done.entry, most)
            raise _NotKept((done, tuple(gone)))

    while True:
        held = _names(store)
        try:
            store.write(held, lambda held=held: tried(held))  # type: ignore[misc]  # a default binds this try's
        except _NotKept as undone:
            return undone.result


def _names(store: Store) -> set[str]:
    """Return the names to lock: every campaign, account, cap and wallet."""
    return {name for (name,) in store.ask(_NAMES)}


def _rewind(store: Store, asked: tuple[str, str, str], held: set[str]) -> Rewound | None:
    """Rewind; return `None` if more must be locked by now."""
    if not _names(store) <= held:
        return None
    to = asked[0]
    chain = store.chain()
    entry = chain.next
    _move(store, entry, to)
    taken = taken_by(store, entry)
    for statement in _PROGRESS:
        store.change(statement, [(to,)])
    store.change(_SET_PROGRESS, [(to, to)])
    store.change(FROM_THE_START, [()])
    done = _count(store, entry, taken)
    # This is needed even if no entry is taken back: refused servings leave no entry.
    _set_back(store, entry, to)
    if taken is None:
        return done
    previous = chain.link(("rewound", *asked, taken))
    row = (entry, *asked, taken, previous)
    store.change("INSERT INTO rewinds VALUES (?, ?, ?, ?, ?, ?)", [row])
    store.keep_chain(chain)
    return done


def taken_by(store: Store, entry: int) -> str | None:
    """Return the hash of the numbers of all entries that a rewind took; `None` without any."""
    query = (
        "SELECT id FROM rewound_decisions WHERE rewind = ?"
        " UNION ALL SELECT id FROM rewound_amendments WHERE rewind = ? ORDER BY 1"
    )
    numbers, count = sha256(), 0
    for (number,) in store.stream(query, (entry, entry)):
        numbers.update(b"%d," % number)
        count += 1
    return numbers.hexdigest() if count else None


def _move(store: Store, entry: int, to: str) -> None:
    """Copy the rows after the instant to their new tables; they are deleted later."""
    store.change(_DECISIONS, [(entry, to)])
    store.change(_OF_TAKEN, [(entry, entry)])
    store.change(_OF_OTHERS, [(entry, entry, to, to, to)])
    store.change(_GRANTS, [(entry, entry, entry)])
    store.change(_POSTINGS, [(entry, entry, entry)])
    store.change(_SETTLEMENTS, [(entry, entry)])
    store.change(_REDUCTIONS, [(entry, entry)])
    store.change(_SENT, [(entry, entry, entry, entry)])


def _set_back(store: Store, entry: int, to: str) -> None:
    """Recompute derived data from the rows that stay."""
    balances = moved_balances(store, entry)
    points = moved_points(store, entry)
    _check_wallets(store, points)
    take_rewound_back(store, entry)
    store.change(_OUTBOX, [(entry, entry, entry)])
    for statement in _OF_NO_ROW:
        store.change(statement, [()])
    store.change(_TOUCHES, [(entry, entry)])
    store.change(_NOT_DUE, [(entry,)])
    for statement in _LEAVE:
        store.change(statement, [(entry,)])
    store.change(_WAITS_AGAIN, [(entry, entry)])
    store.change(_DECISIONS_LEAVE, [(entry,)])
    restore(store, entry, to)
    store.change(
        _SET_BALANCE,
        [
            (max(declared, int(spent)), int(spent), _alerted(alerted, declared, int(spent)), number)
            for number, declared, spent, alerted in balances
        ],
    )
    store.move_wallets([one for one in points if one[2]])
    store.change("DELETE FROM event_customers WHERE at > ?", [(to,)])
    store.change("DELETE FROM exhaustions WHERE at > ?", [(to,)])
    back: dict[int, int] = dict(store.ask(_GIVEN_BACK))
    still = [number for number, at in store.ask(_EXHAUSTED_SINCE) if back.get(number, -1) < at]
    store.change("UPDATE accounts SET exhausted = 0 WHERE exhausted = ?", [(1,)])
    store.change("UPDATE accounts SET exhausted = 1 WHERE id = ?", [(number,) for number in still])
    for statement in _OF_NOTHING:
        store.change(statement, [()])


def _alerted(alerted: str, declared: int, spent: int) -> str:
    """Return the last alert if its threshold is still reached; a repeated alert does no harm."""
    return alerted if spent and spent >= float(alerted) * declared else "0"


def _check_wallets(store: Store, points: list[tuple[str, str, int]]) -> None:
    taking = [(wallet, owner) for wallet, owner, by in points if by < 0]
    held = {(wallet, owner): int(left) for wallet, owner, left in store.among("wallets", taking)}
    for wallet, owner, by in points:
        if by < 0 and held.get((wallet, owner), 0) + by < 0:
            raise CannotRun(diagnose(codes.REWIND_SPENT, None, customer=owner, wallet=wallet))


def _count(store: Store, entry: int, taken: str | None) -> Rewound:
    """Count what is about to be taken back."""
    decisions = store.ask(
        "SELECT campaign, outcome, count(*) FROM rewound_decisions WHERE rewind = ?"
        " GROUP BY campaign, outcome ORDER BY campaign, outcome",
        (entry,),
    )
    amendments = store.ask(
        "SELECT kind, count(*) FROM rewound_amendments WHERE rewind = ? AND decision NOT IN"
        " (SELECT id FROM rewound_decisions WHERE rewind = ?) GROUP BY kind ORDER BY kind",
        (entry, entry),
    )
    ((rows,),) = store.ask(_UNSENT, (entry, entry, entry))
    ((sent, redeemed),) = store.ask(_COUNTED, (entry, entry))
    return Rewound(
        None if taken is None else entry,
        Counter({(campaign, outcome): count for campaign, outcome, count in decisions}),
        Counter(dict(amendments)),
        rows - sent,
        sent + redeemed,
    )
