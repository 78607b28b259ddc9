-- Format 4: what customers have in their wallets, as sqlite_4.sql tells it.

CREATE TABLE wallets (
  wallet  TEXT COLLATE "C" NOT NULL,
  owner   TEXT COLLATE "C" NOT NULL,
  balance BIGINT NOT NULL CHECK (balance >= 0),
  PRIMARY KEY (owner, wallet)
) WITH (fillfactor = 80);

INSERT INTO wallets
SELECT reward, recipient, sum(CAST(amount AS BIGINT))
FROM grants JOIN decisions ON decisions.id = grants.decision
WHERE benefit IS NULL AND reward = currency AND NOT EXISTS (
  SELECT 1 FROM amendments WHERE amendments.decision = decisions.id AND kind = 'reversed')
GROUP BY reward, recipient;
