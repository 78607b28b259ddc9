-- The ledger on PostgreSQL, format 2: the tables of sqlite_1.sql and sqlite_2.sql, which tell what is
-- in them. Text is compared by its bytes (collation C), as SQLite does. Rows refer to each other by
-- numbers that the transaction itself has handed out; `campaigner ledger verify` looks for any that
-- refers to nothing, since checking each while a rush is on takes a third of the time.

CREATE TABLE meta (
  only_row       SMALLINT PRIMARY KEY CHECK (only_row = 1),
  format_version SMALLINT NOT NULL,
  project        TEXT NOT NULL,
  language       SMALLINT NOT NULL,
  currency       TEXT NOT NULL
);

CREATE TABLE plans (
  id     BIGINT PRIMARY KEY,
  digest TEXT COLLATE "C" NOT NULL UNIQUE
);

CREATE TABLE decisions (
  id         BIGINT PRIMARY KEY,
  campaign   TEXT COLLATE "C" NOT NULL,
  step       TEXT COLLATE "C" NOT NULL,
  recipient  TEXT COLLATE "C" NOT NULL,
  occurrence TEXT COLLATE "C" NOT NULL,
  customer   TEXT COLLATE "C" NOT NULL,
  at         TEXT COLLATE "C" NOT NULL,
  outcome    TEXT COLLATE "C" NOT NULL CHECK (outcome IN
    ('granted', 'waitlisted', 'held_out', 'over_limit', 'out_of_stock', 'over_budget')),
  refused_by TEXT COLLATE "C",
  fallback   SMALLINT NOT NULL CHECK (fallback IN (0, 1)),
  content    TEXT COLLATE "C" NOT NULL,
  plan       BIGINT NOT NULL,
  facts      TEXT NOT NULL,
  previous   BYTEA NOT NULL,
  UNIQUE (campaign, step, occurrence, recipient)
);

CREATE INDEX received ON decisions (recipient, at) WHERE outcome = 'granted';
CREATE INDEX waiting_list ON decisions (at, id) WHERE outcome = 'waitlisted';

CREATE TABLE grants (
  decision   BIGINT NOT NULL,
  line       INTEGER NOT NULL,
  reward     TEXT COLLATE "C" NOT NULL,
  benefit    TEXT COLLATE "C",
  amount     TEXT COLLATE "C" NOT NULL,
  currency   TEXT COLLATE "C" NOT NULL,
  cost       BIGINT NOT NULL CHECK (cost >= 0),
  deliver_at TEXT COLLATE "C" NOT NULL,
  expires_at TEXT COLLATE "C",
  PRIMARY KEY (decision, line)
);

-- Balances are written over and over: room on each page keeps that within the page.
CREATE TABLE accounts (
  id        BIGINT PRIMARY KEY,
  account   TEXT COLLATE "C" NOT NULL,
  period    TEXT COLLATE "C" NOT NULL,
  key       TEXT COLLATE "C" NOT NULL,
  measure   TEXT NOT NULL CHECK (measure IN ('money', 'grants')),
  benefit   TEXT COLLATE "C",
  declared  BIGINT NOT NULL CHECK (declared >= 0),
  cap       BIGINT NOT NULL CHECK (cap >= declared),
  spent     BIGINT NOT NULL CHECK (spent BETWEEN 0 AND cap),
  exhausted SMALLINT NOT NULL CHECK (exhausted IN (0, 1)),
  alerted   TEXT NOT NULL,
  UNIQUE (account, period, key)
) WITH (fillfactor = 80);

CREATE SEQUENCE account_numbers;

CREATE TABLE postings (
  decision BIGINT NOT NULL,
  account  BIGINT NOT NULL,
  amount   BIGINT NOT NULL CHECK (amount > 0),
  PRIMARY KEY (decision, account)
);

CREATE TABLE touches (
  account   TEXT COLLATE "C" NOT NULL,
  recipient TEXT COLLATE "C" NOT NULL,
  at        TEXT COLLATE "C" NOT NULL,
  decision  BIGINT NOT NULL,
  n         INTEGER NOT NULL,
  PRIMARY KEY (account, recipient, at, decision, n)
);

CREATE TABLE outbox (
  decision   BIGINT NOT NULL,
  channel    TEXT COLLATE "C" NOT NULL,
  n          INTEGER NOT NULL,
  kind       TEXT NOT NULL CHECK (kind IN ('message', 'rewards', 'alert')),
  body       TEXT NOT NULL,
  deliver_at TEXT COLLATE "C" NOT NULL,
  state      TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'suppressed')),
  reason     TEXT,
  PRIMARY KEY (decision, channel, n),
  CHECK ((state = 'suppressed') = (reason IS NOT NULL))
);

CREATE INDEX waiting ON outbox (channel, deliver_at, decision, n) WHERE state = 'waiting';

CREATE TABLE channels (
  channel TEXT COLLATE "C" PRIMARY KEY,
  length  BIGINT NOT NULL CHECK (length >= 0)
);

CREATE TABLE progress (
  campaign TEXT COLLATE "C" PRIMARY KEY,
  through  TEXT COLLATE "C" NOT NULL
);

CREATE TABLE seen_events (
  event      TEXT COLLATE "C" NOT NULL,
  occurrence TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (event, occurrence)
);

-- A lane for each writer at work; the row is locked while it writes.
CREATE TABLE chains (
  lane INTEGER PRIMARY KEY,
  last BIGINT NOT NULL,
  hash BYTEA NOT NULL
);

CREATE TABLE amendments (
  id       BIGINT PRIMARY KEY,
  decision BIGINT NOT NULL,
  kind     TEXT NOT NULL CHECK (kind IN ('reversed', 'served')),
  at       TEXT COLLATE "C" NOT NULL,
  reason   TEXT NOT NULL,
  plan     BIGINT,
  previous BYTEA NOT NULL,
  UNIQUE (decision, kind)
);

CREATE FUNCTION stands() RETURNS trigger LANGUAGE plpgsql AS
$$BEGIN RAISE EXCEPTION 'an entry of the ledger is never changed and never deleted'; END$$;

CREATE TRIGGER decisions_stand BEFORE UPDATE ON decisions FOR EACH ROW
  WHEN (NOT (OLD.outcome = 'waitlisted' AND NEW.outcome = 'granted' AND OLD.previous = NEW.previous))
  EXECUTE FUNCTION stands();
CREATE TRIGGER decisions_stay BEFORE DELETE ON decisions FOR EACH ROW EXECUTE FUNCTION stands();
CREATE TRIGGER grants_stand BEFORE UPDATE OR DELETE ON grants
  FOR EACH ROW EXECUTE FUNCTION stands();
CREATE TRIGGER postings_stand BEFORE UPDATE OR DELETE ON postings
  FOR EACH ROW EXECUTE FUNCTION stands();
CREATE TRIGGER amendments_stand BEFORE UPDATE OR DELETE ON amendments
  FOR EACH ROW EXECUTE FUNCTION stands();
CREATE TRIGGER decisions_whole BEFORE TRUNCATE ON decisions EXECUTE FUNCTION stands();
CREATE TRIGGER grants_whole BEFORE TRUNCATE ON grants EXECUTE FUNCTION stands();
CREATE TRIGGER postings_whole BEFORE TRUNCATE ON postings EXECUTE FUNCTION stands();
CREATE TRIGGER amendments_whole BEFORE TRUNCATE ON amendments EXECUTE FUNCTION stands();
