SELECT 'quarter_start' AS campaign, 'main' AS step, customer_id AS recipient,
       '2026-04-01T08:00:00+08:00' AS occurrence, TIMESTAMP '2026-04-01 00:00' AS "at",
       'points' AS reward, 88 AS amount, 'points' AS currency
FROM (
  SELECT customer_id
  FROM investments
  WHERE invested_at >= TIMESTAMP '2026-02-28 16:00' AND invested_at < TIMESTAMP '2026-03-31 16:00'
  GROUP BY customer_id
  HAVING sum(amount) >= 50000
)
JOIN customers USING (customer_id)
WHERE consent_marketing AND NOT employee
  AND left(md5(concat('holdout/quarter_start/main/', customer_id)), 8) >= '0ccccccc'
ORDER BY md5(concat('order/quarter_start/2026-04-01T08:00:00+08:00/', customer_id))
