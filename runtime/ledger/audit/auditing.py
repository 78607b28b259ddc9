"""The audit of the chain: read it from its start, and find the first change or gap."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import merge
from itertools import groupby

from ....dsl.diagnostics.diagnostic import Diagnostic, diagnose
from ...codes import ledger as codes
from ..batches.entries import WHOLE
from ..chain import NOTHING, Chain, entry_hash
from ..store import Row, Store

# A decision that was served later was written as waitlisted; what it gave belongs to the serving.
# Rewound rows are in tables of their own, and are hashed as they were.
_DECISIONS = """
SELECT id, previous, campaign, step, recipient, occurrence, customer, at, outcome, refused_by,
       fallback, content, digest, facts
FROM (
  SELECT decisions.id AS id, previous, campaign, step, recipient, occurrence, customer, at,
         CASE WHEN EXISTS (SELECT 1 FROM amendments
                           WHERE decision = decisions.id AND kind = 'served')
              THEN 'waitlisted' ELSE outcome END AS outcome,
         refused_by, fallback, content, digest, facts
  FROM decisions LEFT JOIN plans ON plans.id = plan
  UNION ALL
  SELECT gone.id, previous, campaign, step, recipient, occurrence, customer, at,
         CASE WHEN EXISTS (SELECT 1 FROM rewound_amendments AS served
                           WHERE served.decision = gone.id AND kind = 'served')
              THEN 'waitlisted' ELSE outcome END,
         refused_by, fallback, content, digest, facts
  FROM rewound_decisions AS gone LEFT JOIN plans ON plans.id = plan
) AS every ORDER BY id
"""
_AMENDMENTS = """
SELECT id, previous, decision, kind, at, reason, digest, settles, lost
FROM (
  SELECT amendments.id AS id, previous, decision, kind, at, reason, digest, settles, lost
  FROM amendments LEFT JOIN plans ON plans.id = plan
  UNION ALL
  SELECT gone.id, previous, decision, kind, at, reason, digest, settles, lost
  FROM rewound_amendments AS gone LEFT JOIN plans ON plans.id = plan
) AS every ORDER BY id
"""
_REWINDS = "SELECT id, previous, 'rewound', at, reason, author, taken FROM rewinds ORDER BY id"
_DRAWS = """
SELECT draws.id, previous, 'draws', campaign, step, digest, seed, odds
FROM draws LEFT JOIN plans ON plans.id = plan ORDER BY draws.id
"""
_REVEALS = "SELECT id, previous, 'revealed', campaign, seed, at FROM reveals ORDER BY id"
_BRAKES = (
    "SELECT id, previous, 'braked', campaign, turn, kind, at, reason, author, brake, day"
    " FROM brakes ORDER BY id"
)
# The lines of an offer's grant after the offer itself belong to the claim.
_LINES = """
SELECT coalesce(claimed.id, served.id, grants.decision) AS entry, line, reward, benefit,
       grants.amount, currency, cost, deliver_at, expires_at, returns
FROM grants
LEFT JOIN amendments AS served ON served.decision = grants.decision AND served.kind = 'served'
LEFT JOIN amendments AS claimed ON claimed.decision = grants.decision AND claimed.kind = 'claimed'
                                AND grants.line > claimed.settles
UNION ALL
SELECT coalesce(claimed.id, served.id, gone.decision), line, reward, benefit,
       gone.amount, currency, cost, deliver_at, expires_at, returns
FROM rewound_grants AS gone
LEFT JOIN rewound_amendments AS served ON served.decision = gone.decision
          AND served.kind = 'served' AND served.rewind = gone.rewind
LEFT JOIN rewound_amendments AS claimed ON claimed.decision = gone.decision
          AND claimed.kind = 'claimed' AND claimed.rewind = gone.rewind
          AND gone.line > claimed.settles
ORDER BY 1, 2
"""
_POSTINGS = """
SELECT entry, account, period, key, amount FROM (
  SELECT coalesce(amendments.id, postings.decision) AS entry, accounts.account, period, key, amount
  FROM postings JOIN accounts ON accounts.id = postings.account
  LEFT JOIN amendments ON amendments.decision = postings.decision AND kind = 'served'
  UNION ALL
  SELECT entry, accounts.account, period, key, amount
  FROM settlements JOIN accounts ON accounts.id = settlements.account
  UNION ALL
  SELECT coalesce(served.id, gone.decision), gone.account, period, key, amount
  FROM rewound_postings AS gone
  LEFT JOIN rewound_amendments AS served ON served.decision = gone.decision
            AND kind = 'served' AND served.rewind = gone.rewind
  UNION ALL
  SELECT entry, account, period, key, amount FROM rewound_settlements
) AS moved ORDER BY entry
"""


_REDUCTIONS = """
SELECT entry, line, units, cost FROM (
  SELECT entry, line, units, cost FROM reductions
  UNION ALL SELECT entry, line, units, cost FROM rewound_reductions
) AS every ORDER BY entry, line
"""


def entries(store: Store) -> Iterator[tuple[Row, list[Row], list[Row]]]:
    """Yield every entry by number: (number, previous, content…), and both sides of its grants."""
    lines = _Sided(_told_line(row) for row in store.stream(_LINES))
    postings = _Sided(store.stream(_POSTINGS))
    reduced = _Sided(store.stream(_REDUCTIONS))
    told = (
        store.stream(_DECISIONS),
        (_told_amendment(row) for row in store.stream(_AMENDMENTS)),
        store.stream(_REWINDS),
        store.stream(_DRAWS),
        store.stream(_REVEALS),
        store.stream(_BRAKES),
    )
    for row in merge(*told, key=lambda row: row[0]):
        yield row, [*lines.of(row[0]), *reduced.of(row[0])], postings.of(row[0])


def _told_line(row: Row) -> Row:
    """Return a line as it is hashed: with `returns` only if it returns."""
    return row if row[-1] else row[:-1]


def _told_amendment(row: Row) -> Row:
    """Return an amendment as it is hashed: with its line only if it is about one."""
    return row[:-2] if row[-2:] == (WHOLE, 0) else row


class _Sided:
    """Rows that begin with an entry's number, grouped by entry."""

    def __init__(self, rows: Iterator[Row]) -> None:
        self._groups = groupby(rows, key=lambda row: row[0])
        self._next = self._take()

    def _take(self) -> tuple[int, list[Row]] | None:
        group = next(self._groups, None)
        return None if group is None else (group[0], [row[1:] for row in group[1]])

    def of(self, number: int) -> list[Row]:
        """Return the rows of an entry, without its number; skip rows of missing entries."""
        while self._next is not None and self._next[0] < number:
            self._next = self._take()
        if self._next is None or self._next[0] != number:
            return []
        rows = self._next[1]
        self._next = self._take()
        return rows


def audit(store: Store) -> Iterator[Diagnostic]:
    """Yield the first bad entry of each chain, and missing entries.

    An entry contains the hash of the previous one, so a change shows at the next entry.
    """
    lanes = store.lanes
    ends: dict[int, tuple[int, bytes, str]] = {}
    broken: set[int] = set()
    for (number, previous, *told), lines, postings in entries(store):
        lane = number % lanes
        last, hash_, name = ends.get(lane, (lane, NOTHING, ""))
        if lane not in broken:
            found = None
            if number != last + lanes:
                found = diagnose(codes.ENTRY_MISSING, None, number=str(last + lanes))
            elif bytes(previous) != hash_:
                found = diagnose(codes.ENTRY_CHANGED, None, entry=name or str(number))
            if found is not None:
                broken.add(lane)
                yield found
        hash_ = entry_hash(number, bytes(previous), told, lines, postings)
        ends[lane] = number, hash_, entry_name(told)
    for lane, last, hash_ in store.ask("SELECT lane, last, hash FROM chains ORDER BY lane"):
        found_last, found_hash, name = ends.pop(lane, (lane, NOTHING, ""))
        if lane in broken:
            continue
        if found_last != last:
            yield diagnose(codes.ENTRY_MISSING, None, number=str(max(found_last, last)))
        elif found_hash != bytes(hash_):
            yield diagnose(codes.ENTRY_CHANGED, None, entry=name)
    for lane in sorted(ends.keys() - broken):
        yield diagnose(codes.ENTRY_MISSING, None, number=str(lane + lanes))


def entry_name(told: Row | list[object]) -> str:
    """Return an entry's name: a decision's identity, or an amendment's kind and number."""
    if isinstance(told[0], int):
        return f"{told[1]} {told[0]}"
    return "/".join(str(part) for part in told[:4])


def chain_up(store: Store, chain: Chain) -> None:
    """Chain all entries of a ledger from before there were chains."""
    rows = []
    for (number, _, *told), lines, postings in entries(store):
        previous = chain.hash
        chain.hash = entry_hash(number, previous, told, lines, postings)
        chain.last, chain.changed = number, True
        rows.append((previous, number))
    store.change("UPDATE decisions SET previous = ? WHERE id = ?", rows)
    if chain.changed:
        store.keep_chain(chain)
