-- The ledger, format 1. Instants are text in UTC, `2026-01-10T02:00:00.000000Z`, so that they sort.
-- Money is a whole number of the currency's smallest unit. What was decided is never changed and
-- never deleted: the triggers at the end see to it.

CREATE TABLE meta (
  only_row       INTEGER PRIMARY KEY CHECK (only_row = 1),
  format_version INTEGER NOT NULL,
  project        TEXT NOT NULL,
  language       INTEGER NOT NULL,
  currency       TEXT NOT NULL
) STRICT;

CREATE TABLE plans (
  id     INTEGER PRIMARY KEY,
  digest TEXT NOT NULL UNIQUE
) STRICT;

-- `content` is a hash of what was asked for; `refused_by` the id of the account that said no.
CREATE TABLE decisions (
  id         INTEGER PRIMARY KEY,
  campaign   TEXT NOT NULL,
  step       TEXT NOT NULL,
  recipient  TEXT NOT NULL,
  occurrence TEXT NOT NULL,
  customer   TEXT NOT NULL,
  at         TEXT NOT NULL,
  outcome    TEXT NOT NULL CHECK (outcome IN
    ('granted', 'waitlisted', 'held_out', 'over_limit', 'out_of_stock', 'over_budget')),
  refused_by TEXT,
  fallback   INTEGER NOT NULL CHECK (fallback IN (0, 1)),
  content    TEXT NOT NULL,
  plan       INTEGER NOT NULL REFERENCES plans (id),
  -- The occurrence before the recipient: new ones come mostly at the end, so the index stays fast.
  UNIQUE (campaign, step, occurrence, recipient)
) STRICT;

CREATE INDEX received ON decisions (recipient, at) WHERE outcome = 'granted';

-- The customer's side of a decision: what the recipient got, a row a line of the reward.
CREATE TABLE grants (
  decision   INTEGER NOT NULL REFERENCES decisions (id),
  line       INTEGER NOT NULL,
  reward     TEXT NOT NULL,
  benefit    TEXT,
  amount     TEXT NOT NULL,
  currency   TEXT NOT NULL,
  cost       INTEGER NOT NULL CHECK (cost >= 0),
  deliver_at TEXT NOT NULL,
  expires_at TEXT,
  PRIMARY KEY (decision, line)
) STRICT, WITHOUT ROWID;

-- One balance for each account of the plan, calendar period and key value (empty: one for all).
-- `declared` is the cap as the plan had it last; `cap` is that, or what had been spent already when
-- the plan went below it. So an edit that lowers a cap is taken, and no grant ever passes either.
CREATE TABLE accounts (
  id        INTEGER PRIMARY KEY,
  account   TEXT NOT NULL,
  period    TEXT NOT NULL,
  key       TEXT NOT NULL,
  measure   TEXT NOT NULL CHECK (measure IN ('money', 'grants')),
  benefit   TEXT,
  declared  INTEGER NOT NULL CHECK (declared >= 0),
  cap       INTEGER NOT NULL CHECK (cap >= declared),
  spent     INTEGER NOT NULL CHECK (spent BETWEEN 0 AND cap),
  exhausted INTEGER NOT NULL CHECK (exhausted IN (0, 1)),
  alerted   TEXT NOT NULL,
  UNIQUE (account, period, key)
) STRICT;

-- The accounts' side of a decision: money, or a number of grants. For every account charged it
-- equals the recipient's side, `grants`; `verify` holds the two against each other.
CREATE TABLE postings (
  decision INTEGER NOT NULL REFERENCES decisions (id),
  account  INTEGER NOT NULL REFERENCES accounts (id),
  amount   INTEGER NOT NULL CHECK (amount > 0),
  PRIMARY KEY (decision, account)
) STRICT, WITHOUT ROWID;

-- Messages that count towards a policy's cap.
CREATE TABLE touches (
  account   TEXT NOT NULL,
  recipient TEXT NOT NULL,
  at        TEXT NOT NULL,
  decision  INTEGER NOT NULL REFERENCES decisions (id),
  n         INTEGER NOT NULL,
  PRIMARY KEY (account, recipient, at, decision, n)
) STRICT, WITHOUT ROWID;

-- What leaves the house, written in the transaction of its decision.
CREATE TABLE outbox (
  decision   INTEGER NOT NULL REFERENCES decisions (id),
  channel    TEXT NOT NULL,
  n          INTEGER NOT NULL,
  kind       TEXT NOT NULL CHECK (kind IN ('message', 'rewards', 'alert')),
  body       TEXT NOT NULL,
  deliver_at TEXT NOT NULL,
  state      TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'suppressed')),
  reason     TEXT,
  PRIMARY KEY (decision, channel, n),
  CHECK ((state = 'suppressed') = (reason IS NOT NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX waiting ON outbox (channel, deliver_at, decision, n) WHERE state = 'waiting';

-- How many bytes of a channel's file are known to hold delivered lines.
CREATE TABLE channels (
  channel TEXT PRIMARY KEY,
  length  INTEGER NOT NULL CHECK (length >= 0)
) STRICT;

CREATE TABLE progress (
  campaign TEXT PRIMARY KEY,
  through  TEXT NOT NULL
) STRICT;

CREATE TABLE seen_events (
  event      TEXT NOT NULL,
  occurrence TEXT NOT NULL,
  PRIMARY KEY (event, occurrence)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER decisions_stand BEFORE UPDATE ON decisions
  WHEN OLD.outcome <> 'waitlisted'
  BEGIN SELECT RAISE(ABORT, 'a decision is never changed'); END;
CREATE TRIGGER decisions_stay BEFORE DELETE ON decisions
  BEGIN SELECT RAISE(ABORT, 'a decision is never deleted'); END;
CREATE TRIGGER grants_stand BEFORE UPDATE ON grants
  BEGIN SELECT RAISE(ABORT, 'a grant is never changed'); END;
CREATE TRIGGER grants_stay BEFORE DELETE ON grants
  BEGIN SELECT RAISE(ABORT, 'a grant is never deleted'); END;
CREATE TRIGGER postings_stand BEFORE UPDATE ON postings
  BEGIN SELECT RAISE(ABORT, 'a posting is never changed'); END;
CREATE TRIGGER postings_stay BEFORE DELETE ON postings
  BEGIN SELECT RAISE(ABORT, 'a posting is never deleted'); END;
