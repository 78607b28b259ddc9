-- Format 4: what customers have in their wallets.

-- A balance is what the lines of the wallet's own currency came to, without what was taken back.
CREATE TABLE wallets (
  wallet  TEXT NOT NULL,
  owner   TEXT NOT NULL,
  balance INTEGER NOT NULL CHECK (balance >= 0),
  PRIMARY KEY (owner, wallet)
) STRICT, WITHOUT ROWID;

INSERT INTO wallets
SELECT reward, recipient, sum(CAST(amount AS INTEGER))
FROM grants JOIN decisions ON decisions.id = grants.decision
WHERE benefit IS NULL AND reward = currency AND NOT EXISTS (
  SELECT 1 FROM amendments WHERE amendments.decision = decisions.id AND kind = 'reversed')
GROUP BY reward, recipient;
