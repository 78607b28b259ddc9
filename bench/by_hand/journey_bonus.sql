-- Who claimed a voucher and was upgraded by the end of the next month, on day 5 of the one after.
WITH ticket AS (
  SELECT claims.customer_id, claim_id, level, claimed_at,
         date_trunc('month', timezone('Asia/Shanghai', timezone('UTC', claimed_at))) AS month
  FROM claims SEMI JOIN customers USING (customer_id)
  WHERE claimed_at BETWEEN '2026-01-01' AND '2026-06-30'
), upgraded AS (
  SELECT ticket.customer_id, claim_id, month, min(changed_at) AS upgraded_at
  FROM ticket JOIN tiers USING (customer_id)
  WHERE new_tier > level AND changed_at > claimed_at
    AND changed_at < timezone('UTC', timezone('Asia/Shanghai', month + INTERVAL 2 MONTH))
  GROUP BY ALL
), bonus AS (
  SELECT *, timezone('UTC', timezone('Asia/Shanghai',
              month + INTERVAL 2 MONTH + INTERVAL 4 DAY + INTERVAL 10 HOUR)) AS "at"
  FROM upgraded
)
SELECT 'lift' AS campaign, 'bonus' AS step, customer_id AS recipient, claim_id AS occurrence, "at",
       'coffee' AS reward, 30.00 AS amount, 'CNY' AS currency
FROM bonus
WHERE "at" > upgraded_at AND "at" <= '2026-06-30'
ORDER BY "at", claim_id, customer_id
