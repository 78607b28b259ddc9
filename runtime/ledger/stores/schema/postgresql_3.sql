-- Format 3: what delivery remembers, as sqlite_3.sql tells it.

ALTER TABLE outbox DROP CONSTRAINT outbox_state_check;
ALTER TABLE outbox ADD CONSTRAINT outbox_state_check
  CHECK (state IN ('waiting', 'delivered', 'suppressed', 'dead'));

CREATE INDEX dead ON outbox (channel, deliver_at, decision, n) WHERE state = 'dead';

CREATE TABLE attempts (
  decision  BIGINT NOT NULL,
  channel   TEXT COLLATE "C" NOT NULL,
  n         INTEGER NOT NULL,
  failed    INTEGER NOT NULL CHECK (failed >= 0),
  try_after TEXT COLLATE "C",
  error     TEXT,
  PRIMARY KEY (decision, channel, n)
);

CREATE TABLE sent (
  account   TEXT COLLATE "C" NOT NULL,
  recipient TEXT COLLATE "C" NOT NULL,
  decision  BIGINT NOT NULL,
  channel   TEXT COLLATE "C" NOT NULL,
  n         INTEGER NOT NULL,
  at        TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (account, recipient, decision, channel, n)
);

ALTER TABLE channels ALTER COLUMN length DROP NOT NULL;
ALTER TABLE channels ADD COLUMN held TEXT COLLATE "C";
