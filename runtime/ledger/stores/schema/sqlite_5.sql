-- Format 5: a decision may be refused because the recipient's wallet cannot pay the price. A table's
-- check is only changed by making the table anew; what refers to it finds it under its name.

CREATE TABLE decisions_5 (
  id         INTEGER PRIMARY KEY,
  campaign   TEXT NOT NULL,
  step       TEXT NOT NULL,
  recipient  TEXT NOT NULL,
  occurrence TEXT NOT NULL,
  customer   TEXT NOT NULL,
  at         TEXT NOT NULL,
  outcome    TEXT NOT NULL CHECK (outcome IN
    ('granted', 'waitlisted', 'held_out', 'over_limit', 'insufficient_balance', 'out_of_stock',
     'over_budget')),
  refused_by TEXT,
  fallback   INTEGER NOT NULL CHECK (fallback IN (0, 1)),
  content    TEXT NOT NULL,
  plan       INTEGER NOT NULL REFERENCES plans (id),
  facts      TEXT NOT NULL,
  previous   BLOB NOT NULL,
  UNIQUE (campaign, step, occurrence, recipient)
) STRICT;

INSERT INTO decisions_5 SELECT * FROM decisions ORDER BY id;
DROP TABLE decisions;
ALTER TABLE decisions_5 RENAME TO decisions;

CREATE INDEX received ON decisions (recipient, at) WHERE outcome = 'granted';
CREATE INDEX waiting_list ON decisions (at, id) WHERE outcome = 'waitlisted';

CREATE TRIGGER decisions_stand BEFORE UPDATE ON decisions
  WHEN NOT (OLD.outcome = 'waitlisted' AND NEW.outcome = 'granted' AND OLD.previous = NEW.previous)
  BEGIN SELECT RAISE(ABORT, 'a decision is never changed'); END;
CREATE TRIGGER decisions_stay BEFORE DELETE ON decisions
  BEGIN SELECT RAISE(ABORT, 'a decision is never deleted'); END;
