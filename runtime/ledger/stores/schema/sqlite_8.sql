-- Format 8: a rewind takes back all that lies after an instant. What it takes leaves the tables of
-- what is in force for tables of its own, where `rewind` is the number of the entry that took it;
-- so the identities are free again, and the chain still has every entry.

-- An event, or an instant, may come too late. A table's check is only changed by making it anew.

CREATE TABLE decisions_8 (
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
    outcome = 'held_out' OR outcome = 'too_late' OR outcome = 'claimed' OR outcome = 'unknown' OR
    outcome = 'reversed' OR outcome = 'already_claimed' OR outcome = 'other_choice' OR
    outcome = 'too_early' OR outcome = 'expired' OR outcome = 'not_offered'),
  refused_by TEXT,
  fallback   INTEGER NOT NULL CHECK (fallback IN (0, 1)),
  content    TEXT NOT NULL,
  plan       INTEGER NOT NULL REFERENCES plans (id),
  facts      TEXT NOT NULL,
  previous   BLOB NOT NULL,
  UNIQUE (campaign, step, occurrence, recipient)
) STRICT;

INSERT INTO decisions_8 SELECT * FROM decisions ORDER BY id;
DROP TABLE decisions;
ALTER TABLE decisions_8 RENAME TO decisions;

CREATE INDEX received ON decisions (recipient, at) WHERE outcome = 'granted';
CREATE INDEX waiting_list ON decisions (at, id) WHERE outcome = 'waitlisted';

CREATE TABLE rewinds (
  id       INTEGER PRIMARY KEY,
  at       TEXT NOT NULL,
  reason   TEXT NOT NULL,
  author   TEXT NOT NULL,
  taken    TEXT NOT NULL,
  previous BLOB NOT NULL
) STRICT;

CREATE TABLE rewound_decisions (
  id         INTEGER PRIMARY KEY,
  campaign   TEXT NOT NULL,
  step       TEXT NOT NULL,
  recipient  TEXT NOT NULL,
  occurrence TEXT NOT NULL,
  customer   TEXT NOT NULL,
  at         TEXT NOT NULL,
  outcome    TEXT NOT NULL,
  refused_by TEXT,
  fallback   INTEGER NOT NULL,
  content    TEXT NOT NULL,
  plan       INTEGER NOT NULL,
  facts      TEXT NOT NULL,
  previous   BLOB NOT NULL,
  rewind     INTEGER NOT NULL
) STRICT;

CREATE TABLE rewound_amendments (
  id       INTEGER PRIMARY KEY,
  decision INTEGER NOT NULL,
  kind     TEXT NOT NULL,
  at       TEXT NOT NULL,
  reason   TEXT NOT NULL,
  plan     INTEGER,
  previous BLOB NOT NULL,
  settles  INTEGER NOT NULL,
  lost     INTEGER NOT NULL,
  rewind   INTEGER NOT NULL
) STRICT;
CREATE INDEX rewound_amendments_of ON rewound_amendments (decision);

-- The key's columns come first in these: `integrity_check` misreads other orders WITHOUT ROWID.
CREATE TABLE rewound_grants (
  decision   INTEGER NOT NULL,
  line       INTEGER NOT NULL,
  rewind     INTEGER NOT NULL,
  reward     TEXT NOT NULL,
  benefit    TEXT,
  amount     TEXT NOT NULL,
  currency   TEXT NOT NULL,
  cost       INTEGER NOT NULL,
  deliver_at TEXT NOT NULL,
  expires_at TEXT,
  returns    INTEGER NOT NULL,
  PRIMARY KEY (decision, line, rewind)
) STRICT, WITHOUT ROWID;

-- The balances themselves may be gone with what was charged to them.
CREATE TABLE rewound_postings (
  decision INTEGER NOT NULL,
  account  TEXT NOT NULL,
  period   TEXT NOT NULL,
  key      TEXT NOT NULL,
  rewind   INTEGER NOT NULL,
  amount   INTEGER NOT NULL,
  PRIMARY KEY (decision, account, period, key, rewind)
) STRICT, WITHOUT ROWID;

CREATE TABLE rewound_settlements (
  entry   INTEGER NOT NULL,
  account TEXT NOT NULL,
  period  TEXT NOT NULL,
  key     TEXT NOT NULL,
  amount  INTEGER NOT NULL,
  rewind  INTEGER NOT NULL,
  PRIMARY KEY (entry, account, period, key)
) STRICT, WITHOUT ROWID;

-- What had been sent for it, or was being sent.
CREATE TABLE rewound_outbox (
  decision INTEGER NOT NULL,
  channel  TEXT NOT NULL,
  n        INTEGER NOT NULL,
  rewind   INTEGER NOT NULL,
  kind     TEXT NOT NULL,
  PRIMARY KEY (decision, channel, n, rewind)
) STRICT, WITHOUT ROWID;

-- When a balance was exhausted: by the decision's instant, before which entry, under which cap.
CREATE TABLE exhaustions (
  account  INTEGER NOT NULL,
  at       TEXT NOT NULL,
  entry    INTEGER NOT NULL,
  declared INTEGER NOT NULL
) STRICT;
CREATE INDEX exhaustions_of ON exhaustions (account);

INSERT INTO exhaustions
SELECT id, '', coalesce((SELECT max(last) FROM chains), 0), declared FROM accounts WHERE exhausted = 1;

-- A key of an event belongs to one customer, whichever worker decides first about it: `at` is the
-- instant of the earliest event that was decided under it.
CREATE TABLE event_customers (
  event    TEXT NOT NULL,
  key      TEXT NOT NULL,
  customer TEXT NOT NULL,
  at       TEXT NOT NULL,
  PRIMARY KEY (event, key)
) STRICT, WITHOUT ROWID;

-- Steps that were decided before there were such rows. Only a plan knows their events, so they are
-- entered by the next batch of a plan that has the step.
CREATE TABLE steps_of_format_7 (
  campaign TEXT NOT NULL,
  step     TEXT NOT NULL,
  PRIMARY KEY (campaign, step)
) STRICT, WITHOUT ROWID;

INSERT INTO steps_of_format_7 SELECT DISTINCT campaign, step FROM decisions;

DROP TRIGGER IF EXISTS decisions_stand;
CREATE TRIGGER decisions_stand BEFORE UPDATE ON decisions
  WHEN NOT (OLD.previous = NEW.previous AND (
    (OLD.outcome = 'waitlisted' AND NEW.outcome = 'granted') OR
    (OLD.outcome = 'granted' AND NEW.outcome = 'waitlisted' AND EXISTS (
      SELECT 1 FROM rewound_amendments AS gone WHERE gone.decision = OLD.id AND kind = 'served'))))
  BEGIN SELECT RAISE(ABORT, 'a decision is never changed'); END;

DROP TRIGGER IF EXISTS decisions_stay;
CREATE TRIGGER decisions_stay BEFORE DELETE ON decisions
  WHEN NOT EXISTS (SELECT 1 FROM rewound_decisions AS gone
                   WHERE gone.id = OLD.id AND gone.previous = OLD.previous)
  BEGIN SELECT RAISE(ABORT, 'a decision is never deleted'); END;

DROP TRIGGER IF EXISTS amendments_stay;
CREATE TRIGGER amendments_stay BEFORE DELETE ON amendments
  WHEN NOT EXISTS (SELECT 1 FROM rewound_amendments AS gone
                   WHERE gone.id = OLD.id AND gone.previous = OLD.previous)
  BEGIN SELECT RAISE(ABORT, 'an amendment is never deleted'); END;

DROP TRIGGER IF EXISTS grants_stay;
CREATE TRIGGER grants_stay BEFORE DELETE ON grants
  WHEN NOT EXISTS (SELECT 1 FROM rewound_grants AS gone
                   WHERE gone.decision = OLD.decision AND gone.line = OLD.line)
  BEGIN SELECT RAISE(ABORT, 'a grant is never deleted'); END;

DROP TRIGGER IF EXISTS postings_stay;
CREATE TRIGGER postings_stay BEFORE DELETE ON postings
  WHEN NOT EXISTS (SELECT 1 FROM rewound_postings AS gone WHERE gone.decision = OLD.decision)
  BEGIN SELECT RAISE(ABORT, 'a posting is never deleted'); END;

DROP TRIGGER IF EXISTS settlements_stay;
CREATE TRIGGER settlements_stay BEFORE DELETE ON settlements
  WHEN NOT EXISTS (SELECT 1 FROM rewound_settlements AS gone WHERE gone.entry = OLD.entry)
  BEGIN SELECT RAISE(ABORT, 'a settlement is never deleted'); END;

CREATE TRIGGER rewinds_stand BEFORE UPDATE ON rewinds
  BEGIN SELECT RAISE(ABORT, 'what was taken back is never changed'); END;
CREATE TRIGGER rewinds_stay BEFORE DELETE ON rewinds
  BEGIN SELECT RAISE(ABORT, 'what was taken back is never deleted'); END;

CREATE TRIGGER rewound_decisions_stand BEFORE UPDATE ON rewound_decisions
  BEGIN SELECT RAISE(ABORT, 'what was taken back is never changed'); END;
CREATE TRIGGER rewound_decisions_stay BEFORE DELETE ON rewound_decisions
  BEGIN SELECT RAISE(ABORT, 'what was taken back is never deleted'); END;

CREATE TRIGGER rewound_amendments_stand BEFORE UPDATE ON rewound_amendments
  BEGIN SELECT RAISE(ABORT, 'what was taken back is never changed'); END;
CREATE TRIGGER rewound_amendments_stay BEFORE DELETE ON rewound_amendments
  BEGIN SELECT RAISE(ABORT, 'what was taken back is never deleted'); END;

CREATE TRIGGER rewound_grants_stand BEFORE UPDATE ON rewound_grants
  BEGIN SELECT RAISE(ABORT, 'what was taken back is never changed'); END;
CREATE TRIGGER rewound_grants_stay BEFORE DELETE ON rewound_grants
  BEGIN SELECT RAISE(ABORT, 'what was taken back is never deleted'); END;

CREATE TRIGGER rewound_postings_stand BEFORE UPDATE ON rewound_postings
  BEGIN SELECT RAISE(ABORT, 'what was taken back is never changed'); END;
CREATE TRIGGER rewound_postings_stay BEFORE DELETE ON rewound_postings
  BEGIN SELECT RAISE(ABORT, 'what was taken back is never deleted'); END;

CREATE TRIGGER rewound_settlements_stand BEFORE UPDATE ON rewound_settlements
  BEGIN SELECT RAISE(ABORT, 'what was taken back is never changed'); END;
CREATE TRIGGER rewound_settlements_stay BEFORE DELETE ON rewound_settlements
  BEGIN SELECT RAISE(ABORT, 'what was taken back is never deleted'); END;

CREATE TRIGGER rewound_outbox_stand BEFORE UPDATE ON rewound_outbox
  BEGIN SELECT RAISE(ABORT, 'what was taken back is never changed'); END;
CREATE TRIGGER rewound_outbox_stay BEFORE DELETE ON rewound_outbox
  BEGIN SELECT RAISE(ABORT, 'what was taken back is never deleted'); END;

-- What no entry tells is sealed. Of each table of which `seals.py` says so: how many rows
-- it has, and the sum of their hashes modulo 2^63, over all lanes.

CREATE TABLE seals (
  name  TEXT NOT NULL,
  lane  INTEGER NOT NULL,
  held  INTEGER NOT NULL,
  total INTEGER NOT NULL,
  PRIMARY KEY (name, lane)
) STRICT, WITHOUT ROWID;

-- How campaigns draw under a plan, an entry before the first draw: the SHA-256 of the campaign's
-- seed (NULL without one), and the odds. And seeds that were published.

CREATE TABLE draws (
  id       INTEGER PRIMARY KEY,
  campaign TEXT NOT NULL,
  step     TEXT NOT NULL,
  plan     INTEGER NOT NULL REFERENCES plans (id),
  seed     TEXT,
  odds     TEXT NOT NULL,
  previous BLOB NOT NULL,
  UNIQUE (campaign, step, plan)
) STRICT;
CREATE TABLE reveals (
  id       INTEGER PRIMARY KEY,
  campaign TEXT NOT NULL UNIQUE,
  seed     TEXT NOT NULL,
  at       TEXT NOT NULL,
  previous BLOB NOT NULL
) STRICT;

CREATE TRIGGER draws_stand BEFORE UPDATE ON draws
  BEGIN SELECT RAISE(ABORT, 'how it was drawn is never changed'); END;
CREATE TRIGGER draws_stay BEFORE DELETE ON draws
  BEGIN SELECT RAISE(ABORT, 'how it was drawn is never deleted'); END;
CREATE TRIGGER reveals_stand BEFORE UPDATE ON reveals
  BEGIN SELECT RAISE(ABORT, 'a published seed is never changed'); END;
CREATE TRIGGER reveals_stay BEFORE DELETE ON reveals
  BEGIN SELECT RAISE(ABORT, 'a published seed is never deleted'); END;

-- The key of the hashes that stand for the values of private fields, of this ledger alone.

CREATE TABLE hash_keys (
  id     INTEGER PRIMARY KEY CHECK (id = 1),
  secret TEXT NOT NULL
) STRICT;
INSERT INTO hash_keys VALUES (1, lower(hex(randomblob(32))));

-- When a row failed first: a dead letter goes to the next channel only soon after that.

ALTER TABLE attempts ADD COLUMN first TEXT;
