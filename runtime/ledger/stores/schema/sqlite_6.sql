-- Format 6: offers that are claimed, and grants that are redeemed or expire.

-- Whether the line, where it expires unredeemed, gives back what it was charged.
ALTER TABLE grants ADD COLUMN returns INTEGER NOT NULL DEFAULT 0 CHECK (returns IN (0, 1));

-- `settles`: which line of the grant the entry settles, -1 where it is about the whole decision.
-- `claimed` and `lapsed` settle an offer, `redeemed` and `expired` what was given; `lost` is what
-- a wallet lost by it.
CREATE TABLE amendments_6 (
  id       INTEGER PRIMARY KEY,
  decision INTEGER NOT NULL REFERENCES decisions (id),
  kind     TEXT NOT NULL CHECK (kind IN
    ('reversed', 'served', 'claimed', 'lapsed', 'redeemed', 'expired')),
  at       TEXT NOT NULL,
  reason   TEXT NOT NULL,
  plan     INTEGER REFERENCES plans (id),
  previous BLOB NOT NULL,
  settles  INTEGER NOT NULL,
  lost     INTEGER NOT NULL CHECK (lost >= 0),
  UNIQUE (decision, kind, settles),
  CHECK ((settles < 0) = (kind IN ('reversed', 'served')))
) STRICT;

INSERT INTO amendments_6
SELECT id, decision, kind, at, reason, plan, previous, -1, 0 FROM amendments;
DROP TABLE amendments;
ALTER TABLE amendments_6 RENAME TO amendments;

-- A line is settled once.
CREATE UNIQUE INDEX settled ON amendments (decision, settles) WHERE settles >= 0;

CREATE TRIGGER amendments_stand BEFORE UPDATE ON amendments
  BEGIN SELECT RAISE(ABORT, 'an amendment is never changed'); END;
CREATE TRIGGER amendments_stay BEFORE DELETE ON amendments
  BEGIN SELECT RAISE(ABORT, 'an amendment is never deleted'); END;

-- What such an entry takes from an account beyond the postings of its decision, or gives back.
CREATE TABLE settlements (
  entry   INTEGER NOT NULL REFERENCES amendments (id),
  account INTEGER NOT NULL REFERENCES accounts (id),
  amount  INTEGER NOT NULL CHECK (amount <> 0),
  PRIMARY KEY (entry, account)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER settlements_stand BEFORE UPDATE ON settlements
  BEGIN SELECT RAISE(ABORT, 'a settlement is never changed'); END;
CREATE TRIGGER settlements_stay BEFORE DELETE ON settlements
  BEGIN SELECT RAISE(ABORT, 'a settlement is never deleted'); END;

-- Lines that something becomes of when they end, until it has.
CREATE TABLE due (
  at       TEXT NOT NULL,
  decision INTEGER NOT NULL REFERENCES decisions (id),
  line     INTEGER NOT NULL,
  PRIMARY KEY (at, decision, line)
) STRICT, WITHOUT ROWID;

INSERT INTO due
SELECT expires_at, grants.decision, grants.line FROM grants
WHERE benefit IS NULL AND reward = currency AND expires_at IS NOT NULL;
