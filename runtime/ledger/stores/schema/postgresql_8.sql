-- Format 8: a rewind takes back all that lies after an instant, as sqlite_8.sql tells it.

ALTER TABLE decisions DROP CONSTRAINT decisions_outcome_check;
ALTER TABLE decisions ADD CONSTRAINT decisions_outcome_check CHECK (outcome IN
  ('granted', 'waitlisted', 'held_out', 'too_late', 'over_limit', 'insufficient_balance',
   'out_of_stock', 'over_budget', 'claimed', 'unknown', 'reversed', 'already_claimed',
   'other_choice', 'too_early', 'expired', 'not_offered'));

CREATE TABLE rewinds (
  id       BIGINT PRIMARY KEY,
  at       TEXT COLLATE "C" NOT NULL,
  reason   TEXT NOT NULL,
  author   TEXT NOT NULL,
  taken    TEXT NOT NULL,
  previous BYTEA NOT NULL
);

CREATE TABLE rewound_decisions (LIKE decisions, rewind BIGINT NOT NULL, PRIMARY KEY (id));
CREATE TABLE rewound_amendments (LIKE amendments, rewind BIGINT NOT NULL, PRIMARY KEY (id));
CREATE INDEX rewound_amendments_of ON rewound_amendments (decision);
CREATE TABLE rewound_grants (
  LIKE grants, rewind BIGINT NOT NULL, PRIMARY KEY (decision, line, rewind));

CREATE TABLE rewound_postings (
  decision BIGINT NOT NULL,
  account  TEXT COLLATE "C" NOT NULL,
  period   TEXT COLLATE "C" NOT NULL,
  key      TEXT COLLATE "C" NOT NULL,
  amount   BIGINT NOT NULL,
  rewind   BIGINT NOT NULL,
  PRIMARY KEY (decision, account, period, key, rewind)
);

CREATE TABLE rewound_settlements (
  entry   BIGINT NOT NULL,
  account TEXT COLLATE "C" NOT NULL,
  period  TEXT COLLATE "C" NOT NULL,
  key     TEXT COLLATE "C" NOT NULL,
  amount  BIGINT NOT NULL,
  rewind  BIGINT NOT NULL,
  PRIMARY KEY (entry, account, period, key)
);

CREATE TABLE rewound_outbox (
  decision BIGINT NOT NULL,
  channel  TEXT COLLATE "C" NOT NULL,
  n        INTEGER NOT NULL,
  kind     TEXT NOT NULL,
  rewind   BIGINT NOT NULL,
  PRIMARY KEY (decision, channel, n, rewind)
);

CREATE TABLE exhaustions (
  account  BIGINT NOT NULL,
  at       TEXT COLLATE "C" NOT NULL,
  entry    BIGINT NOT NULL,
  declared BIGINT NOT NULL
);
CREATE INDEX exhaustions_of ON exhaustions (account);

INSERT INTO exhaustions
SELECT id, '', coalesce((SELECT max(last) FROM chains), 0), declared FROM accounts WHERE exhausted = 1;

CREATE TABLE event_customers (
  event    TEXT COLLATE "C" NOT NULL,
  key      TEXT COLLATE "C" NOT NULL,
  customer TEXT COLLATE "C" NOT NULL,
  at       TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (event, key)
);

CREATE TABLE steps_of_format_7 (
  campaign TEXT COLLATE "C" NOT NULL,
  step     TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (campaign, step)
);

INSERT INTO steps_of_format_7 SELECT DISTINCT campaign, step FROM decisions;

DROP TRIGGER IF EXISTS decisions_stand ON decisions;
DROP TRIGGER IF EXISTS decisions_stay ON decisions;
DROP TRIGGER IF EXISTS amendments_stand ON amendments;
DROP TRIGGER IF EXISTS grants_stand ON grants;
DROP TRIGGER IF EXISTS postings_stand ON postings;
DROP TRIGGER IF EXISTS settlements_stand ON settlements;

-- An entry leaves its table only for that of what was taken back.
CREATE FUNCTION leaves() RETURNS trigger LANGUAGE plpgsql AS
$$
DECLARE kept BOOLEAN;
BEGIN
  CASE TG_TABLE_NAME
    WHEN 'decisions' THEN SELECT EXISTS (
      SELECT 1 FROM rewound_decisions AS gone
      WHERE gone.id = OLD.id AND gone.previous = OLD.previous) INTO kept;
    WHEN 'amendments' THEN SELECT EXISTS (
      SELECT 1 FROM rewound_amendments AS gone
      WHERE gone.id = OLD.id AND gone.previous = OLD.previous) INTO kept;
    WHEN 'grants' THEN SELECT EXISTS (
      SELECT 1 FROM rewound_grants AS gone
      WHERE gone.decision = OLD.decision AND gone.line = OLD.line) INTO kept;
    WHEN 'postings' THEN SELECT EXISTS (
      SELECT 1 FROM rewound_postings AS gone WHERE gone.decision = OLD.decision) INTO kept;
    ELSE SELECT EXISTS (
      SELECT 1 FROM rewound_settlements AS gone WHERE gone.entry = OLD.entry) INTO kept;
  END CASE;
  IF NOT kept THEN
    RAISE EXCEPTION 'an entry of the ledger is never changed and never deleted';
  END IF;
  RETURN OLD;
END
$$;

-- What was served is granted, and waits again where that was taken back.
CREATE FUNCTION waits_again() RETURNS trigger LANGUAGE plpgsql AS
$$BEGIN
  IF NOT EXISTS (
    SELECT 1 FROM rewound_amendments AS gone WHERE gone.decision = OLD.id AND kind = 'served') THEN
    RAISE EXCEPTION 'an entry of the ledger is never changed and never deleted';
  END IF;
  RETURN NEW;
END$$;

CREATE TRIGGER decisions_stand BEFORE UPDATE ON decisions FOR EACH ROW
  WHEN (OLD.previous <> NEW.previous OR NOT (
    (OLD.outcome = 'waitlisted' AND NEW.outcome = 'granted') OR
    (OLD.outcome = 'granted' AND NEW.outcome = 'waitlisted')))
  EXECUTE FUNCTION stands();
CREATE TRIGGER decisions_wait BEFORE UPDATE ON decisions FOR EACH ROW
  WHEN (OLD.outcome = 'granted' AND NEW.outcome = 'waitlisted') EXECUTE FUNCTION waits_again();
CREATE TRIGGER decisions_stay BEFORE DELETE ON decisions FOR EACH ROW EXECUTE FUNCTION leaves();
CREATE TRIGGER amendments_stand BEFORE UPDATE ON amendments FOR EACH ROW EXECUTE FUNCTION stands();
CREATE TRIGGER amendments_stay BEFORE DELETE ON amendments FOR EACH ROW EXECUTE FUNCTION leaves();
CREATE TRIGGER grants_stand BEFORE UPDATE ON grants FOR EACH ROW EXECUTE FUNCTION stands();
CREATE TRIGGER grants_stay BEFORE DELETE ON grants FOR EACH ROW EXECUTE FUNCTION leaves();
CREATE TRIGGER postings_stand BEFORE UPDATE ON postings FOR EACH ROW EXECUTE FUNCTION stands();
CREATE TRIGGER postings_stay BEFORE DELETE ON postings FOR EACH ROW EXECUTE FUNCTION leaves();
CREATE TRIGGER settlements_stand BEFORE UPDATE ON settlements FOR EACH ROW EXECUTE FUNCTION stands();
CREATE TRIGGER settlements_stay BEFORE DELETE ON settlements FOR EACH ROW EXECUTE FUNCTION leaves();

CREATE TRIGGER rewinds_stand BEFORE UPDATE OR DELETE ON rewinds
  FOR EACH ROW EXECUTE FUNCTION stands();
CREATE TRIGGER rewinds_whole BEFORE TRUNCATE ON rewinds EXECUTE FUNCTION stands();
CREATE TRIGGER rewound_decisions_stand BEFORE UPDATE OR DELETE ON rewound_decisions
  FOR EACH ROW EXECUTE FUNCTION stands();
CREATE TRIGGER rewound_decisions_whole BEFORE TRUNCATE ON rewound_decisions EXECUTE FUNCTION stands();
CREATE TRIGGER rewound_amendments_stand BEFORE UPDATE OR DELETE ON rewound_amendments
  FOR EACH ROW EXECUTE FUNCTION stands();
CREATE TRIGGER rewound_amendments_whole BEFORE TRUNCATE ON rewound_amendments EXECUTE FUNCTION stands();
CREATE TRIGGER rewound_grants_stand BEFORE UPDATE OR DELETE ON rewound_grants
  FOR EACH ROW EXECUTE FUNCTION stands();
CREATE TRIGGER rewound_grants_whole BEFORE TRUNCATE ON rewound_grants EXECUTE FUNCTION stands();
CREATE TRIGGER rewound_postings_stand BEFORE UPDATE OR DELETE ON rewound_postings
  FOR EACH ROW EXECUTE FUNCTION stands();
CREATE TRIGGER rewound_postings_whole BEFORE TRUNCATE ON rewound_postings EXECUTE FUNCTION stands();
CREATE TRIGGER rewound_settlements_stand BEFORE UPDATE OR DELETE ON rewound_settlements
  FOR EACH ROW EXECUTE FUNCTION stands();
CREATE TRIGGER rewound_settlements_whole BEFORE TRUNCATE ON rewound_settlements EXECUTE FUNCTION stands();
CREATE TRIGGER rewound_outbox_stand BEFORE UPDATE OR DELETE ON rewound_outbox
  FOR EACH ROW EXECUTE FUNCTION stands();
CREATE TRIGGER rewound_outbox_whole BEFORE TRUNCATE ON rewound_outbox EXECUTE FUNCTION stands();

-- What no entry tells is sealed, as sqlite_8.sql tells it. The triggers
-- that count are made by sealing_postgresql.py.

CREATE TABLE seals (
  name  TEXT COLLATE "C" NOT NULL,
  lane  INTEGER NOT NULL,
  held  BIGINT NOT NULL,
  total BIGINT NOT NULL,
  PRIMARY KEY (name, lane)
) WITH (fillfactor = 50);

-- How campaigns draw, and published seeds, as sqlite_8.sql tells it.

CREATE TABLE draws (
  id       BIGINT PRIMARY KEY,
  campaign TEXT COLLATE "C" NOT NULL,
  step     TEXT COLLATE "C" NOT NULL,
  plan     BIGINT NOT NULL,
  seed     TEXT COLLATE "C",
  odds     TEXT NOT NULL,
  previous BYTEA NOT NULL,
  UNIQUE (campaign, step, plan)
);
CREATE TABLE reveals (
  id       BIGINT PRIMARY KEY,
  campaign TEXT COLLATE "C" NOT NULL UNIQUE,
  seed     TEXT COLLATE "C" NOT NULL,
  at       TEXT COLLATE "C" NOT NULL,
  previous BYTEA NOT NULL
);
CREATE TRIGGER draws_stand BEFORE UPDATE OR DELETE ON draws
  FOR EACH ROW EXECUTE FUNCTION stands();
CREATE TRIGGER draws_whole BEFORE TRUNCATE ON draws EXECUTE FUNCTION stands();
CREATE TRIGGER reveals_stand BEFORE UPDATE OR DELETE ON reveals
  FOR EACH ROW EXECUTE FUNCTION stands();
CREATE TRIGGER reveals_whole BEFORE TRUNCATE ON reveals EXECUTE FUNCTION stands();

-- The key of the hashes that stand for the values of private fields, as sqlite_8.sql tells it.

CREATE TABLE hash_keys (
  id     INTEGER PRIMARY KEY CHECK (id = 1),
  secret TEXT NOT NULL
);
INSERT INTO hash_keys VALUES (1, replace(concat(gen_random_uuid(), gen_random_uuid()), '-', ''));

-- When a row failed first: a dead letter goes to the next channel only soon after that.

ALTER TABLE attempts ADD COLUMN first TEXT COLLATE "C";
