-- Format 9: campaigns over time. Somebody may be inside of a journey already, and a grant may be
-- taken back in part. A table's check is only changed by making it anew.

CREATE TABLE decisions_9 (
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
    outcome = 'too_early' OR outcome = 'expired' OR outcome = 'not_offered' OR
    outcome = 'already_inside' OR outcome = 'partly_reversed' OR outcome = 'kept' OR
    outcome = 'of_another' OR outcome = 'names_nothing' OR outcome = 'already_reversed' OR outcome = 'nothing_due' OR
    outcome = 'reached' OR outcome = 'left' OR outcome = 'paused' OR outcome = 'counted'),
  refused_by TEXT,
  fallback   INTEGER NOT NULL CHECK (fallback IN (0, 1)),
  content    TEXT NOT NULL,
  plan       INTEGER NOT NULL REFERENCES plans (id),
  facts      TEXT NOT NULL,
  previous   BLOB NOT NULL,
  UNIQUE (campaign, step, occurrence, recipient)
) STRICT;

INSERT INTO decisions_9 SELECT * FROM decisions ORDER BY id;
DROP TABLE decisions;
ALTER TABLE decisions_9 RENAME TO decisions;

CREATE INDEX received ON decisions (recipient, at) WHERE outcome = 'granted';
CREATE INDEX spent ON decisions (campaign, at) WHERE outcome = 'granted';
CREATE INDEX waiting_list ON decisions (at, id) WHERE outcome = 'waitlisted';

CREATE TRIGGER decisions_stand BEFORE UPDATE ON decisions
  WHEN NOT (OLD.previous = NEW.previous AND (
    (OLD.outcome = 'waitlisted' AND NEW.outcome = 'granted') OR
    (OLD.outcome = 'granted' AND NEW.outcome = 'waitlisted' AND EXISTS (
      SELECT 1 FROM rewound_amendments AS gone WHERE gone.decision = OLD.id AND kind = 'served'))))
  BEGIN SELECT RAISE(ABORT, 'a decision is never changed'); END;

CREATE TRIGGER decisions_stay BEFORE DELETE ON decisions
  WHEN NOT EXISTS (SELECT 1 FROM rewound_decisions AS gone
                   WHERE gone.id = OLD.id AND gone.previous = OLD.previous)
  BEGIN SELECT RAISE(ABORT, 'a decision is never deleted'); END;

-- An event that takes back a part of a grant makes an entry `reduced`; `settles` counts these of a
-- grant, from -2 down.
CREATE TABLE amendments_9 (
  id       INTEGER PRIMARY KEY,
  decision INTEGER NOT NULL REFERENCES decisions (id),
  kind     TEXT NOT NULL CHECK (kind IN
    ('reversed', 'served', 'claimed', 'lapsed', 'redeemed', 'expired', 'reduced')),
  at       TEXT NOT NULL,
  reason   TEXT NOT NULL,
  plan     INTEGER REFERENCES plans (id),
  previous BLOB NOT NULL,
  settles  INTEGER NOT NULL,
  lost     INTEGER NOT NULL CHECK (lost >= 0),
  UNIQUE (decision, kind, settles),
  CHECK ((settles < 0) = (kind IN ('reversed', 'served', 'reduced')))
) STRICT;

INSERT INTO amendments_9 SELECT * FROM amendments ORDER BY id;
DROP TABLE amendments;
ALTER TABLE amendments_9 RENAME TO amendments;

CREATE UNIQUE INDEX settled ON amendments (decision, settles) WHERE settles >= 0;

CREATE TRIGGER amendments_stand BEFORE UPDATE ON amendments
  BEGIN SELECT RAISE(ABORT, 'an amendment is never changed'); END;
CREATE TRIGGER amendments_stay BEFORE DELETE ON amendments
  WHEN NOT EXISTS (SELECT 1 FROM rewound_amendments AS gone
                   WHERE gone.id = OLD.id AND gone.previous = OLD.previous)
  BEGIN SELECT RAISE(ABORT, 'an amendment is never deleted'); END;

-- What such an entry takes of each line: `units` of a wallet, of the smallest unit of a currency,
-- or 1 for a benefit, with the sign of the line; and what of its cost the budgets get back.
CREATE TABLE reductions (
  entry    INTEGER NOT NULL REFERENCES amendments (id),
  decision INTEGER NOT NULL REFERENCES decisions (id),
  line     INTEGER NOT NULL,
  units    INTEGER NOT NULL CHECK (units <> 0),
  cost     INTEGER NOT NULL CHECK (cost >= 0),
  PRIMARY KEY (entry, line)
) STRICT, WITHOUT ROWID;
CREATE INDEX reductions_of ON reductions (decision, line);

CREATE TABLE rewound_reductions (
  entry    INTEGER NOT NULL,
  line     INTEGER NOT NULL,
  decision INTEGER NOT NULL,
  units    INTEGER NOT NULL,
  cost     INTEGER NOT NULL,
  rewind   INTEGER NOT NULL,
  PRIMARY KEY (entry, line)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER reductions_stand BEFORE UPDATE ON reductions
  BEGIN SELECT RAISE(ABORT, 'a reduction is never changed'); END;
CREATE TRIGGER reductions_stay BEFORE DELETE ON reductions
  WHEN NOT EXISTS (SELECT 1 FROM rewound_reductions AS gone
                   WHERE gone.entry = OLD.entry AND gone.line = OLD.line)
  BEGIN SELECT RAISE(ABORT, 'a reduction is never deleted'); END;
CREATE TRIGGER rewound_reductions_stand BEFORE UPDATE ON rewound_reductions
  BEGIN SELECT RAISE(ABORT, 'what was taken back is never changed'); END;
CREATE TRIGGER rewound_reductions_stay BEFORE DELETE ON rewound_reductions
  BEGIN SELECT RAISE(ABORT, 'what was taken back is never deleted'); END;

-- Events that take back, by the key of the event that they name. `entry` is the number of their
-- decision, which tells the same.
CREATE TABLE reversals (
  campaign TEXT NOT NULL,
  key      TEXT NOT NULL,
  entry    INTEGER NOT NULL,
  customer TEXT NOT NULL,
  at       TEXT NOT NULL,
  part     TEXT,
  PRIMARY KEY (campaign, key, entry)
) STRICT, WITHOUT ROWID;

-- Decisions whose occurrence is not the key of their event, by that key.
CREATE TABLE pattern_events (
  campaign TEXT NOT NULL,
  key      TEXT NOT NULL,
  decision INTEGER NOT NULL,
  PRIMARY KEY (campaign, key, decision)
) STRICT, WITHOUT ROWID;

-- The kept steps of journeys, by the customer who is inside and the occurrence of the entry.

CREATE TABLE journeys (
  campaign   TEXT NOT NULL,
  customer   TEXT NOT NULL,
  occurrence TEXT NOT NULL,
  step       TEXT NOT NULL,
  decision   INTEGER NOT NULL,
  PRIMARY KEY (campaign, customer, occurrence, step)
) STRICT, WITHOUT ROWID;

-- How far each part of a source of events was read: the first message that is not decided yet, and
-- the first one that a worker must read again to know what the warehouse does not.

CREATE TABLE offsets (
  source     TEXT NOT NULL,
  part       INTEGER NOT NULL,
  next       INTEGER NOT NULL,
  remembered INTEGER NOT NULL CHECK (remembered <= next),
  PRIMARY KEY (source, part)
) STRICT;

-- Stocks of codes: each is once here, for the benefit that took it in.
CREATE TABLE codes (
  id       INTEGER PRIMARY KEY,
  benefit  TEXT NOT NULL,
  code     TEXT NOT NULL UNIQUE,
  state    TEXT NOT NULL CHECK (state IN ('free', 'given', 'withdrawn', 'burnt')),
  decision INTEGER,
  line     INTEGER,
  CHECK ((decision IS NULL) = (state IN ('free', 'withdrawn')))
) STRICT;

CREATE INDEX free_codes ON codes (benefit, id) WHERE state = 'free';
CREATE UNIQUE INDEX given_codes ON codes (decision, line) WHERE state = 'given';

-- Campaigns that were paused, resumed or stopped: `turn` counts a campaign's entries. `brake` is the
-- condition of a pause that came by itself, `day` the day whose spend it was.
CREATE TABLE brakes (
  id       INTEGER PRIMARY KEY,
  campaign TEXT NOT NULL,
  turn     INTEGER NOT NULL,
  kind     TEXT NOT NULL CHECK (kind IN ('paused', 'resumed', 'stopped')),
  at       TEXT NOT NULL,
  reason   TEXT NOT NULL,
  author   TEXT NOT NULL,
  brake    TEXT,
  day      TEXT,
  previous BLOB NOT NULL,
  UNIQUE (campaign, turn)
) STRICT;

CREATE TRIGGER brakes_stand BEFORE UPDATE ON brakes
  BEGIN SELECT RAISE(ABORT, 'a brake is never changed'); END;
CREATE TRIGGER brakes_stay BEFORE DELETE ON brakes
  BEGIN SELECT RAISE(ABORT, 'a brake is never deleted'); END;

-- Deliveries of campaigns that watch their failures, by the instant up to which they were made.
CREATE TABLE ended (
  campaign TEXT NOT NULL,
  turn     INTEGER NOT NULL,
  at       TEXT NOT NULL,
  failed   INTEGER NOT NULL,
  ended    INTEGER NOT NULL CHECK (failed <= ended),
  PRIMARY KEY (campaign, turn, at)
) STRICT, WITHOUT ROWID;

-- The plans by which something was decided, each a JSON document packed by zlib. The one with the
-- greatest `turn` is that of the last run or worker.
CREATE TABLE kept_plans (
  digest   TEXT PRIMARY KEY,
  turn     INTEGER NOT NULL,
  document BLOB NOT NULL
) STRICT;

-- Labels of customers that channels were handed: the last value of each, NULL if it is gone. `turn`
-- counts its values.
CREATE TABLE handed_labels (
  channel  TEXT NOT NULL,
  kind     TEXT NOT NULL,
  name     TEXT NOT NULL,
  customer TEXT NOT NULL,
  value    TEXT,
  since    TEXT NOT NULL,
  turn     INTEGER NOT NULL,
  arrived  INTEGER NOT NULL CHECK (arrived IN (0, 1)),
  PRIMARY KEY (channel, kind, name, customer)
) STRICT, WITHOUT ROWID;
