BEGIN TRANSACTION;
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
INSERT INTO "accounts" VALUES(1,'campaign/gift/limit per customer','','ann','grants',NULL,1,1,1,0,'0');
INSERT INTO "accounts" VALUES(2,'campaign/gift/total','','','money',NULL,10000,10000,9000,1,'0');
INSERT INTO "accounts" VALUES(3,'campaign/gift/limit per customer','','bob','grants',NULL,1,1,1,0,'0');
CREATE TABLE channels (
  channel TEXT PRIMARY KEY,
  length  INTEGER NOT NULL CHECK (length >= 0)
) STRICT;
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
INSERT INTO "decisions" VALUES(1,'gift','main','ann','2026-01-10 10:00','ann','2026-01-10T02:00:00.000000Z','granted',NULL,0,'8bc4c249dad30f2793508a17c50a168b',1);
INSERT INTO "decisions" VALUES(2,'gift','main','bob','2026-01-10 10:01','bob','2026-01-10T02:01:00.000000Z','granted',NULL,0,'54a6c5d575a2b6c61faefbb85141dc93',1);
INSERT INTO "decisions" VALUES(3,'gift','main','cat','2026-01-10 10:02','cat','2026-01-10T02:02:00.000000Z','over_budget','campaign/gift/total',0,'6ed4e156f11cfb66536409f659281132',1);
INSERT INTO "decisions" VALUES(4,'gift','main','dan','2026-01-10 10:02','dan','2026-01-10T02:02:00.000000Z','held_out',NULL,0,'165eb7e24586792b00baaa2868aa32ba',1);
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
INSERT INTO "grants" VALUES(1,0,'cash',NULL,'60.00','CNY',6000,'2026-01-10T02:00:00.000000Z',NULL);
INSERT INTO "grants" VALUES(2,0,'cash',NULL,'30.00','CNY',3000,'2026-01-10T02:01:00.000000Z',NULL);
CREATE TABLE meta (
  only_row       INTEGER PRIMARY KEY CHECK (only_row = 1),
  format_version INTEGER NOT NULL,
  project        TEXT NOT NULL,
  language       INTEGER NOT NULL,
  currency       TEXT NOT NULL
) STRICT;
INSERT INTO "meta" VALUES(1,1,'shop',1,'CNY');
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
INSERT INTO "outbox" VALUES(1,'push',0,'message','hello','2026-01-10T02:00:00.000000Z','waiting',NULL);
INSERT INTO "outbox" VALUES(2,'push',0,'message','hello','2026-01-10T02:01:00.000000Z','waiting',NULL);
CREATE TABLE plans (
  id     INTEGER PRIMARY KEY,
  digest TEXT NOT NULL UNIQUE
) STRICT;
INSERT INTO "plans" VALUES(1,'0000000000000000000000000000000000000000000000000000000000000000');
CREATE TABLE postings (
  decision INTEGER NOT NULL REFERENCES decisions (id),
  account  INTEGER NOT NULL REFERENCES accounts (id),
  amount   INTEGER NOT NULL CHECK (amount > 0),
  PRIMARY KEY (decision, account)
) STRICT, WITHOUT ROWID;
INSERT INTO "postings" VALUES(1,1,1);
INSERT INTO "postings" VALUES(1,2,6000);
INSERT INTO "postings" VALUES(2,2,3000);
INSERT INTO "postings" VALUES(2,3,1);
CREATE TABLE progress (
  campaign TEXT PRIMARY KEY,
  through  TEXT NOT NULL
) STRICT;
INSERT INTO "progress" VALUES('gift','2026-01-10T02:03:00.000000Z');
CREATE TABLE seen_events (
  event      TEXT NOT NULL,
  occurrence TEXT NOT NULL,
  PRIMARY KEY (event, occurrence)
) STRICT, WITHOUT ROWID;
INSERT INTO "seen_events" VALUES('invest','e1');
CREATE TABLE touches (
  account   TEXT NOT NULL,
  recipient TEXT NOT NULL,
  at        TEXT NOT NULL,
  decision  INTEGER NOT NULL REFERENCES decisions (id),
  n         INTEGER NOT NULL,
  PRIMARY KEY (account, recipient, at, decision, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX received ON decisions (recipient, at) WHERE outcome = 'granted';
CREATE INDEX waiting ON outbox (channel, deliver_at, decision, n) WHERE state = 'waiting';
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
COMMIT;
