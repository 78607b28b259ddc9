-- Who claimed a voucher and was not upgraded by 10:00 of the seventh day after.
WITH ticket AS (
  SELECT claims.customer_id, claim_id, level, claimed_at,
         timezone('UTC', timezone('Asia/Shanghai',
           CAST(CAST(timezone('Asia/Shanghai', timezone('UTC', claimed_at)) AS DATE) + 7 AS TIMESTAMP)
           + INTERVAL 10 HOUR)) AS nudged_at
  FROM claims SEMI JOIN customers USING (customer_id)
  WHERE claimed_at BETWEEN '2026-01-01' AND '2026-06-30'
)
SELECT 'lift' AS campaign, 'nudge' AS step, ticket.customer_id AS recipient, claim_id AS occurrence,
       nudged_at AS "at", NULL::VARCHAR AS reward, NULL::DECIMAL(28, 10) AS amount,
       NULL::VARCHAR AS currency
FROM ticket
WHERE nudged_at <= '2026-06-30' AND NOT EXISTS (
  FROM tiers
  WHERE tiers.customer_id = ticket.customer_id AND new_tier > level
    AND changed_at > claimed_at AND changed_at <= nudged_at
    AND changed_at < timezone('UTC', timezone('Asia/Shanghai',
      date_trunc('month', timezone('Asia/Shanghai', timezone('UTC', claimed_at)))
      + INTERVAL 2 MONTH))
)
ORDER BY nudged_at, claim_id, ticket.customer_id
