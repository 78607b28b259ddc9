"""The cost of each decision, and what of it came back: rows of SQL with their instants."""

MOVES = """
money AS (
  SELECT postings.decision, min(postings.account) AS account
  FROM postings JOIN accounts ON accounts.id = postings.account AND measure = 'money'
  GROUP BY postings.decision
), charges AS (
  SELECT decisions.id AS decision, amount, coalesce(served.at, decisions.at) AS at
  FROM money JOIN decisions ON decisions.id = money.decision
  JOIN postings ON postings.decision = money.decision AND postings.account = money.account
  LEFT JOIN amendments AS served ON served.decision = decisions.id AND served.kind = 'served'
  UNION ALL
  SELECT money.decision, amount, amendments.at
  FROM money JOIN amendments ON amendments.decision = money.decision
  JOIN settlements ON entry = amendments.id AND settlements.account = money.account
), moves AS (
  SELECT decision, amount AS cost, at FROM charges
  UNION ALL
  SELECT charges.decision, -sum(amount), taken.at
  FROM charges JOIN amendments AS taken
  ON taken.decision = charges.decision AND taken.kind = 'reversed'
  GROUP BY charges.decision, taken.at
  UNION ALL
  SELECT decisions.id, cost, coalesce(claimed.at, served.at, decisions.at)
  FROM decisions JOIN grants ON grants.decision = decisions.id
  LEFT JOIN amendments AS served ON served.decision = decisions.id AND served.kind = 'served'
  LEFT JOIN amendments AS claimed ON claimed.decision = decisions.id
  AND claimed.kind = 'claimed' AND line > claimed.settles
  LEFT JOIN money ON money.decision = decisions.id
  WHERE cost > 0 AND money.decision IS NULL
  UNION ALL
  SELECT decisions.id, coalesce((SELECT sum(before.cost) FROM reductions AS before
    WHERE before.decision = decisions.id AND before.line = grants.line), 0) - cost, amendments.at
  FROM decisions JOIN grants ON grants.decision = decisions.id
  JOIN amendments ON amendments.decision = decisions.id
  AND (kind IN ('claimed', 'lapsed') AND settles = line OR kind = 'reversed')
  LEFT JOIN money ON money.decision = decisions.id
  WHERE cost > 0 AND money.decision IS NULL
  UNION ALL
  SELECT reductions.decision, -reductions.cost, amendments.at
  FROM reductions JOIN amendments ON amendments.id = reductions.entry
  LEFT JOIN money ON money.decision = reductions.decision
  WHERE reductions.cost > 0 AND money.decision IS NULL
)
"""
"""The parts of a WITH that end with `moves`: decision, cost and instant.

A decision charges its cost to each account of money, so one of them is enough. A reversal has no
settlements: it gives back what is charged by then. A step that no account of money pays costs what
its lines cost.
"""
