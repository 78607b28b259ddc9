-- Format 2: every entry carries the hash of the entry before it, the values that decided it, and
-- what became of a decision later is an entry of its own. `docs/ledger.md` has the hashed bytes.

-- `facts`: JSON of what the decision was taken from, as far as the ledger is told of it.
ALTER TABLE decisions ADD COLUMN facts TEXT NOT NULL DEFAULT '{}';
ALTER TABLE decisions ADD COLUMN previous BLOB NOT NULL DEFAULT x'';

CREATE INDEX waiting_list ON decisions (at, id) WHERE outcome = 'waitlisted';

-- The end of each chain of entries: the number of its last one, and that one's hash.
CREATE TABLE chains (
  lane INTEGER PRIMARY KEY,
  last INTEGER NOT NULL,
  hash BLOB NOT NULL
) STRICT;

-- Entries about a decision that stands: `reversed` takes all of it back, `served` grants what had
-- been waitlisted. They are numbered with the decisions, in one row.
CREATE TABLE amendments (
  id       INTEGER PRIMARY KEY,
  decision INTEGER NOT NULL REFERENCES decisions (id),
  kind     TEXT NOT NULL CHECK (kind IN ('reversed', 'served')),
  at       TEXT NOT NULL,
  reason   TEXT NOT NULL,
  plan     INTEGER REFERENCES plans (id),
  previous BLOB NOT NULL,
  UNIQUE (decision, kind)
) STRICT;

CREATE TRIGGER amendments_stand BEFORE UPDATE ON amendments
  BEGIN SELECT RAISE(ABORT, 'an amendment is never changed'); END;
CREATE TRIGGER amendments_stay BEFORE DELETE ON amendments
  BEGIN SELECT RAISE(ABORT, 'an amendment is never deleted'); END;

DROP TRIGGER decisions_stand;
