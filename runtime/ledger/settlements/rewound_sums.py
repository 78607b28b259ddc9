"""The balances and wallets that a rewind moves: of what leaves, and of what is in force again.

Read before anything is deleted: what leaves is in both tables then. A grant that an event had
taken back is in force again where that event leaves, and the grant stays.
"""

from __future__ import annotations

from ..outbox import LEFT
from ..store import Row, Store
from .reducing import REVERSED

_IN_FORCE_AGAIN = """
SELECT back.decision FROM rewound_amendments AS back
WHERE back.rewind = ? AND back.kind = 'reversed'
AND back.decision NOT IN (SELECT id FROM rewound_decisions WHERE rewind = back.rewind)
AND NOT EXISTS (SELECT 1 FROM rewound_amendments AS served WHERE served.rewind = back.rewind
  AND served.decision = back.decision AND served.kind = 'served')
"""
# What a decision was charged that a reversal has given back already is not given back again.
_MOVED = f"""
SELECT account, period, key, amount FROM rewound_postings AS gone WHERE rewind = ?
AND NOT EXISTS (SELECT 1 FROM rewound_amendments AS taken
  WHERE taken.decision = gone.decision AND taken.rewind = gone.rewind AND taken.kind = 'reversed')
UNION ALL
SELECT account, period, key, amount FROM rewound_settlements AS gone
JOIN rewound_amendments AS own ON own.id = gone.entry WHERE gone.rewind = ?
AND NOT EXISTS (SELECT 1 FROM rewound_amendments AS taken
  WHERE taken.decision = own.decision AND taken.rewind = gone.rewind AND taken.kind = 'reversed')
UNION ALL
SELECT accounts.account, period, key, -amount
FROM postings JOIN accounts ON accounts.id = postings.account
WHERE decision IN ({_IN_FORCE_AGAIN})
UNION ALL
SELECT accounts.account, period, key, -settlements.amount
FROM settlements JOIN accounts ON accounts.id = settlements.account
JOIN amendments AS own ON own.id = entry WHERE own.decision IN ({_IN_FORCE_AGAIN})
AND entry NOT IN (SELECT id FROM rewound_amendments WHERE rewind = ?)
"""  # noqa: S608  (our own words)
_BALANCES = (
    "SELECT accounts.id, declared, spent - sum(amount), alerted"  # noqa: S608  (our own words)
    f" FROM accounts JOIN ({_MOVED}) AS moved ON moved.account = accounts.account"
    " AND moved.period = accounts.period AND moved.key = accounts.key"
    " GROUP BY accounts.id, declared, spent, alerted ORDER BY accounts.id"
)

# Points that came, less what of them had expired or was taken back; what had expired or was taken
# back of those that stay; and all of a grant that is in force again.
_POINTS = f"""
SELECT wallet, owner, sum(amount) FROM (
  SELECT gone.reward AS wallet, recipient AS owner,
         CAST(gone.amount AS BIGINT) - coalesce(ended.lost, 0) - coalesce((
           SELECT sum(units) FROM rewound_reductions AS part WHERE part.rewind = gone.rewind
           AND part.decision = gone.decision AND part.line = gone.line), 0) AS amount
  FROM rewound_grants AS gone JOIN (
    SELECT id, recipient FROM decisions UNION SELECT id, recipient FROM rewound_decisions
  ) AS every ON every.id = gone.decision
  LEFT JOIN rewound_amendments AS ended ON ended.decision = gone.decision
            AND ended.settles = gone.line AND ended.rewind = gone.rewind
  WHERE gone.rewind = ? AND gone.benefit IS NULL AND gone.reward = gone.currency
  AND NOT EXISTS (SELECT 1 FROM rewound_amendments AS taken WHERE taken.decision = gone.decision
                  AND taken.rewind = gone.rewind AND taken.kind = 'reversed')
  UNION ALL
  SELECT reward, recipient, -ended.lost
  FROM rewound_amendments AS ended
  JOIN grants ON grants.decision = ended.decision AND grants.line = ended.settles
  JOIN decisions ON decisions.id = grants.decision
  WHERE ended.rewind = ? AND ended.lost > 0
  AND ended.decision NOT IN ({_IN_FORCE_AGAIN}) AND NOT EXISTS (
    SELECT 1 FROM rewound_grants AS gone WHERE gone.rewind = ended.rewind
    AND gone.decision = ended.decision AND gone.line = ended.settles)
  UNION ALL
  SELECT reward, recipient, -part.units
  FROM rewound_reductions AS part
  JOIN grants ON grants.decision = part.decision AND grants.line = part.line
  JOIN decisions ON decisions.id = grants.decision
  WHERE part.rewind = ? AND benefit IS NULL AND reward = currency
  AND part.decision NOT IN ({_IN_FORCE_AGAIN}) AND NOT EXISTS (
    SELECT 1 FROM rewound_grants AS gone WHERE gone.rewind = part.rewind
    AND gone.decision = part.decision AND gone.line = part.line)
  UNION ALL
  SELECT reward, recipient, -(CAST(amount AS BIGINT) - coalesce((
      SELECT sum(lost) FROM amendments AS ended WHERE ended.decision = grants.decision
      AND ended.settles = grants.line
      AND ended.id NOT IN (SELECT id FROM rewound_amendments WHERE rewind = ?)), 0)
    - coalesce((
      SELECT sum(units) FROM reductions AS part WHERE part.decision = grants.decision
      AND part.line = grants.line
      AND part.entry NOT IN (SELECT id FROM rewound_amendments WHERE rewind = ?)), 0))
  FROM grants JOIN decisions ON decisions.id = grants.decision
  WHERE benefit IS NULL AND reward = currency AND decisions.id IN ({_IN_FORCE_AGAIN})
  AND NOT EXISTS (SELECT 1 FROM rewound_grants AS gone WHERE gone.rewind = ?
    AND gone.decision = grants.decision AND gone.line = grants.line)
) AS moved GROUP BY wallet, owner ORDER BY owner, wallet
"""  # noqa: S608  (our own words)

_ENDS = (
    " AND (returns = 1 OR (benefit IS NULL AND (reward = 'choice' OR reward = currency)))"
    " AND NOT EXISTS (SELECT 1 FROM due WHERE due.at = expires_at"
    " AND due.decision = grants.decision AND due.line = grants.line)"
)
_DUE_AGAIN = (
    "INSERT INTO due SELECT expires_at, decision, line FROM grants"  # noqa: S608  (our own words)
    f" WHERE expires_at IS NOT NULL{_ENDS}"
    " AND EXISTS (SELECT 1 FROM rewound_amendments AS gone WHERE gone.rewind = ?"
    " AND gone.decision = grants.decision AND gone.settles = grants.line)"
)
# The end of what was taken back by then was passed over, without an entry.
_PASSED_OVER = (
    "INSERT INTO due SELECT expires_at, decision, line FROM grants"  # noqa: S608  (our own words)
    f" WHERE expires_at > ?{_ENDS}"
    " AND EXISTS (SELECT 1 FROM rewound_amendments AS gone WHERE gone.rewind = ?"
    " AND gone.decision = grants.decision AND gone.kind IN ('reversed', 'reduced'))"
    " AND NOT EXISTS (SELECT 1 FROM amendments AS ended WHERE ended.decision = grants.decision"
    " AND (ended.settles = grants.line OR ended.kind = 'reversed'))"
)
_SENT_AGAIN = (
    "UPDATE outbox SET state = 'waiting', reason = NULL"  # noqa: S608  (our own words)
    f" WHERE state = 'suppressed' AND reason = ? AND decision IN ({_IN_FORCE_AGAIN})"
)
_OPEN_AGAIN = (
    "UPDATE outbox SET state = 'waiting', reason = NULL"
    " WHERE state = 'suppressed' AND reason = ? AND decision IN"
    " (SELECT own.decision FROM journeys AS own JOIN journeys AS other"
    " ON other.campaign = own.campaign AND other.customer = own.customer"
    " AND other.occurrence = own.occurrence JOIN rewound_decisions AS gone"
    " ON gone.id = other.decision WHERE gone.rewind = ? AND gone.outcome = 'left')"
)


def moved_balances(store: Store, entry: int) -> list[Row]:
    """Return the id, declared cap, new sum and last alert of each balance that a rewind moves."""
    return store.ask(_BALANCES, (entry,) * _BALANCES.count("?"))


def moved_points(store: Store, entry: int) -> list[tuple[str, str, int]]:
    """Return the wallets that a rewind moves: name, owner, and by how much."""
    rows = store.ask(_POINTS, (entry,) * _POINTS.count("?"))
    return [(wallet, owner, -int(by)) for wallet, owner, by in rows]


def restore(store: Store, entry: int, to: str) -> None:
    """Let ends be settled, and messages of grants in force and of journeys open again be sent."""
    store.change(_DUE_AGAIN, [(entry,)])
    store.change(_PASSED_OVER, [(to, entry)])
    store.change(_SENT_AGAIN, [(REVERSED, entry)])
    store.change(_OPEN_AGAIN, [(LEFT, entry)])
