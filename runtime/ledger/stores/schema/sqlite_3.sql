-- Format 3: what delivery remembers.

CREATE TABLE outbox_3 (
  decision   INTEGER NOT NULL REFERENCES decisions (id),
  channel    TEXT NOT NULL,
  n          INTEGER NOT NULL,
  kind       TEXT NOT NULL CHECK (kind IN ('message', 'rewards', 'alert')),
  body       TEXT NOT NULL,
  deliver_at TEXT NOT NULL,
  state      TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'suppressed', 'dead')),
  reason     TEXT,
  PRIMARY KEY (decision, channel, n),
  CHECK ((state = 'suppressed') = (reason IS NOT NULL))
) STRICT, WITHOUT ROWID;

INSERT INTO outbox_3 SELECT * FROM outbox;
DROP TABLE outbox;
ALTER TABLE outbox_3 RENAME TO outbox;

CREATE INDEX waiting ON outbox (channel, deliver_at, decision, n) WHERE state = 'waiting';
CREATE INDEX dead ON outbox (channel, deliver_at, decision, n) WHERE state = 'dead';

-- Rows of the outbox that somebody is sending or that could not be sent. They are not tried again
-- before `try_after`, by the machine's clock; `error` is what became of the last attempt.
CREATE TABLE attempts (
  decision  INTEGER NOT NULL REFERENCES decisions (id),
  channel   TEXT NOT NULL,
  n         INTEGER NOT NULL,
  failed    INTEGER NOT NULL CHECK (failed >= 0),
  try_after TEXT,
  error     TEXT,
  PRIMARY KEY (decision, channel, n)
) STRICT, WITHOUT ROWID;

-- When the messages that count towards a policy's cap went out, or are just going out.
CREATE TABLE sent (
  account   TEXT NOT NULL,
  recipient TEXT NOT NULL,
  decision  INTEGER NOT NULL REFERENCES decisions (id),
  channel   TEXT NOT NULL,
  n         INTEGER NOT NULL,
  at        TEXT NOT NULL,
  PRIMARY KEY (account, recipient, decision, channel, n)
) STRICT, WITHOUT ROWID;

-- Of a channel's file, how many bytes are known to hold delivered lines; of any channel, until when
-- its receiver asked to be left alone.
CREATE TABLE channels_3 (
  channel TEXT PRIMARY KEY,
  length  INTEGER CHECK (length >= 0),
  held    TEXT
) STRICT;

INSERT INTO channels_3 (channel, length) SELECT channel, length FROM channels;
DROP TABLE channels;
ALTER TABLE channels_3 RENAME TO channels;
