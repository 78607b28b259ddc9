WITH invested AS (
  SELECT customer_id
  FROM investments
  WHERE invested_at <= TIMESTAMP '2026-03-06 01:00'
  GROUP BY customer_id
  HAVING max(invested_at) > TIMESTAMP '2025-09-07 01:00'
),
chosen AS (
  SELECT customer_id, aum >= 500000 AND segment IN ('affluent', 'private') AS high_value
  FROM customers
  WHERE consent_marketing AND NOT employee
    AND left(md5(concat('holdout/red_friday/main/', customer_id)), 8) >= '0ccccccc'
    AND customer_id IN (SELECT customer_id FROM invested)
    AND customer_id IN (
      SELECT customer_id FROM logins
      WHERE logged_in_at > TIMESTAMP '2026-02-27 01:00' AND logged_in_at <= TIMESTAMP '2026-03-06 01:00'
    )
)
SELECT 'red_friday' AS campaign, 'main' AS step, customer_id AS recipient,
       '2026-03-06T09:00:00+08:00' AS occurrence, TIMESTAMP '2026-03-06 01:00' AS "at",
       line.reward, line.amount, line.currency
FROM chosen
JOIN (VALUES (true, 0, 'coffee', 30.00, 'CNY'),
             (true, 1, 'points', 50.00, 'points'),
             (false, 0, 'points', 20.00, 'points')) AS line(high_value, line, reward, amount, currency)
  USING (high_value)
ORDER BY high_value DESC, md5(concat('order/red_friday/2026-03-06T09:00:00+08:00/', customer_id)), line.line
