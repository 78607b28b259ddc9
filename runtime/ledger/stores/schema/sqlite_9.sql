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
    outcome = 'already_inside' OR outcome = 'partly_reversed'),
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
