-- Format 6: offers that are claimed, and grants that are redeemed or expire, as sqlite_6.sql tells.

ALTER TABLE grants ADD COLUMN returns SMALLINT NOT NULL DEFAULT 0 CHECK (returns IN (0, 1));

ALTER TABLE amendments ADD COLUMN settles INTEGER NOT NULL DEFAULT -1;
ALTER TABLE amendments ADD COLUMN lost BIGINT NOT NULL DEFAULT 0 CHECK (lost >= 0);
ALTER TABLE amendments ALTER COLUMN settles DROP DEFAULT;
ALTER TABLE amendments ALTER COLUMN lost DROP DEFAULT;
ALTER TABLE amendments DROP CONSTRAINT amendments_kind_check;
ALTER TABLE amendments ADD CONSTRAINT amendments_kind_check
  CHECK (kind IN ('reversed', 'served', 'claimed', 'lapsed', 'redeemed', 'expired'));
ALTER TABLE amendments ADD CHECK ((settles < 0) = (kind IN ('reversed', 'served')));
ALTER TABLE amendments DROP CONSTRAINT amendments_decision_kind_key;
ALTER TABLE amendments ADD UNIQUE (decision, kind, settles);
CREATE UNIQUE INDEX settled ON amendments (decision, settles) WHERE settles >= 0;

CREATE TABLE settlements (
  entry   BIGINT NOT NULL,
  account BIGINT NOT NULL,
  amount  BIGINT NOT NULL CHECK (amount <> 0),
  PRIMARY KEY (entry, account)
);

CREATE TRIGGER settlements_stand BEFORE UPDATE OR DELETE ON settlements
  FOR EACH ROW EXECUTE FUNCTION stands();
CREATE TRIGGER settlements_whole BEFORE TRUNCATE ON settlements EXECUTE FUNCTION stands();

CREATE TABLE due (
  at       TEXT COLLATE "C" NOT NULL,
  decision BIGINT NOT NULL,
  line     INTEGER NOT NULL,
  PRIMARY KEY (at, decision, line)
);

INSERT INTO due
SELECT expires_at, grants.decision, grants.line FROM grants
WHERE benefit IS NULL AND reward = currency AND expires_at IS NOT NULL;
