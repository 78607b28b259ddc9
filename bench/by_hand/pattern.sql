-- Who comes to five orders within 30 days, and had fewer at the order before.
WITH counted AS (
  SELECT customer_id, order_id, ordered_at, count(*) OVER (
    PARTITION BY customer_id ORDER BY ordered_at
    RANGE BETWEEN INTERVAL 30 DAY PRECEDING AND CURRENT ROW
  ) AS orders_lately
  FROM orders SEMI JOIN customers USING (customer_id)
  WHERE ordered_at <= '2026-12-31'
), reaching AS (
  SELECT *, lag(orders_lately, 1, 0) OVER (PARTITION BY customer_id ORDER BY ordered_at) AS before
  FROM counted
  QUALIFY orders_lately >= 5 AND before < 5
), numbered AS (
  SELECT *, row_number() OVER (PARTITION BY customer_id ORDER BY ordered_at) AS firing
  FROM reaching
)
SELECT 'often' AS campaign, 'main' AS step, customer_id AS recipient,
       CAST(firing AS VARCHAR) AS occurrence, ordered_at AS "at", 'coffee' AS reward,
       30.00 AS amount, 'CNY' AS currency
FROM numbered
WHERE ordered_at BETWEEN '2026-01-01' AND '2026-12-31'
ORDER BY "at", occurrence, recipient
