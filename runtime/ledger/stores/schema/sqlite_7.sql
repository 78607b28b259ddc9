-- Format 7: an event that claims from an offer is kept as a decision of a step of its own, with what
-- became of it. A table's check is only changed by making the table anew. For `IN` with more than two
-- values SQLite puts these into a table of its own, for every row again: `OR` takes a third of that.

CREATE TABLE decisions_7 (
  id         INTEGER PRIMARY KEY,
  campaign   TEXT NOT NULL,
  step       TEXT NOT NULL,
  recipient  TEXT NOT NULL,
  occurrence TEXT NOT NULL,
  customer   TEXT NOT NULL,
  at         TEXT NOT NULL,
  outcome    TEXT NOT NULL CHECK (
    outcome = 'granted' OR outcome = 'out_of_stock' OR outcome = 'over_budget' OR
    outcome = 'over_limit' OR outcome = 'insufficient_balance' OR outcome = 'waitlisted' OR
    outcome = 'held_out' OR outcome = 'claimed' OR outcome = 'unknown' OR outcome = 'reversed' OR
    outcome = 'already_claimed' OR outcome = 'other_choice' OR outcome = 'too_early' OR
    outcome = 'expired' OR outcome = 'not_offered'),
  refused_by TEXT,
  fallback   INTEGER NOT NULL CHECK (fallback IN (0, 1)),
  content    TEXT NOT NULL,
  plan       INTEGER NOT NULL REFERENCES plans (id),
  facts      TEXT NOT NULL,
  previous   BLOB NOT NULL,
  UNIQUE (campaign, step, occurrence, recipient)
) STRICT;

INSERT INTO decisions_7 SELECT * FROM decisions ORDER BY id;
DROP TABLE decisions;
ALTER TABLE decisions_7 RENAME TO decisions;

CREATE INDEX received ON decisions (recipient, at) WHERE outcome = 'granted';
CREATE INDEX waiting_list ON decisions (at, id) WHERE outcome = 'waitlisted';

CREATE TRIGGER decisions_stand BEFORE UPDATE ON decisions
  WHEN NOT (OLD.outcome = 'waitlisted' AND NEW.outcome = 'granted' AND OLD.previous = NEW.previous)
  BEGIN SELECT RAISE(ABORT, 'a decision is never changed'); END;
CREATE TRIGGER decisions_stay BEFORE DELETE ON decisions
  BEGIN SELECT RAISE(ABORT, 'a decision is never deleted'); END;

CREATE TABLE outbox_7 (
  decision   INTEGER NOT NULL REFERENCES decisions (id),
  channel    TEXT NOT NULL,
  n          INTEGER NOT NULL,
  kind       TEXT NOT NULL CHECK (kind = 'message' OR kind = 'rewards' OR kind = 'alert'),
  body       TEXT NOT NULL,
  deliver_at TEXT NOT NULL,
  state      TEXT NOT NULL CHECK (
    state = 'waiting' OR state = 'delivered' OR state = 'suppressed' OR state = 'dead'),
  reason     TEXT,
  PRIMARY KEY (decision, channel, n),
  CHECK ((state = 'suppressed') = (reason IS NOT NULL))
) STRICT, WITHOUT ROWID;

INSERT INTO outbox_7 SELECT * FROM outbox;
DROP TABLE outbox;
ALTER TABLE outbox_7 RENAME TO outbox;

CREATE INDEX waiting ON outbox (channel, deliver_at, decision, n) WHERE state = 'waiting';
CREATE INDEX dead ON outbox (channel, deliver_at, decision, n) WHERE state = 'dead';
