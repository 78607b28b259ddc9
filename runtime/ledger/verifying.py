"""Conservation: does everything in a SQLite ledger add up?"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from ...dsl.codes import ledger as codes
from ...dsl.diagnostics import Diagnostic, diagnose

_BALANCES = """
SELECT accounts.account || rtrim(' ' || period || ' ' || key),
       spent, coalesce(sum(amount), 0) AS posted
FROM accounts LEFT JOIN postings ON postings.account = accounts.id
GROUP BY accounts.id HAVING spent <> posted OR spent > cap
ORDER BY accounts.id
"""

# The account's side of each entry against the customer's: the cost of the lines, the number of
# lines that gave the benefit of a stock, or one grant.
_SIDES = """
WITH sides AS (
  SELECT postings.decision, accounts.account, postings.amount,
         CASE accounts.measure
           WHEN 'money' THEN (SELECT coalesce(sum(cost), 0) FROM grants
                              WHERE grants.decision = postings.decision)
           ELSE CASE WHEN accounts.benefit IS NULL THEN 1
                ELSE (SELECT count(*) FROM grants WHERE grants.decision = postings.decision
                      AND grants.benefit = accounts.benefit) END
         END AS got
  FROM postings JOIN accounts ON accounts.id = postings.account
)
SELECT account, campaign || '/' || step || '/' || recipient || '/' || occurrence, amount, got
FROM sides JOIN decisions ON decisions.id = decision
WHERE amount <> got ORDER BY decision, account
"""

_REFUSED = """
SELECT campaign || '/' || step || '/' || recipient || '/' || occurrence
FROM decisions
WHERE outcome <> 'granted' AND (
  EXISTS (SELECT 1 FROM grants WHERE decision = id)
  OR EXISTS (SELECT 1 FROM postings WHERE decision = id)
  OR EXISTS (SELECT 1 FROM outbox WHERE decision = id))
ORDER BY id
"""


def verify(connection: sqlite3.Connection) -> tuple[Diagnostic, ...]:
    """See `Ledger.verify`."""
    return tuple(_findings(connection))


def _findings(connection: sqlite3.Connection) -> Iterator[Diagnostic]:
    for account, spent, posted in connection.execute(_BALANCES):
        yield diagnose(
            codes.OUT_OF_BALANCE, None, account=account, found=str(spent), expected=str(posted)
        )
    for account, decision, amount, got in connection.execute(_SIDES):
        yield diagnose(
            codes.ENTRY_UNMATCHED,
            None,
            account=account,
            decision=decision,
            found=str(amount),
            expected=str(got),
        )
    for (decision,) in connection.execute(_REFUSED):
        yield diagnose(codes.REFUSED_YET_GIVEN, None, decision=decision)
