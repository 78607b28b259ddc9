WITH away AS (
  SELECT customer_id, arg_max(login_id, (logged_in_at, login_id)) AS login_id
  FROM logins
  WHERE logged_in_at <= TIMESTAMP '2026-03-06 10:00'
  GROUP BY customer_id
  HAVING max(logged_in_at) >= TIMESTAMP '2026-02-19 16:00'
     AND max(logged_in_at) < TIMESTAMP '2026-02-20 16:00'
),
assets AS (
  SELECT customer_id, arg_max(assets, (measured_at, snapshot_id)) AS latest, max(assets) AS most
  FROM asset_days
  WHERE measured_at <= TIMESTAMP '2026-03-06 10:00' AND customer_id IN (SELECT customer_id FROM away)
  GROUP BY customer_id
)
SELECT 'wake_up' AS campaign, 'main' AS step, customer_id AS recipient, login_id AS occurrence,
       TIMESTAMP '2026-03-06 10:00' AS "at",
       CASE WHEN aum >= 500000 THEN 'coffee' ELSE 'points' END AS reward,
       CASE WHEN aum >= 500000 THEN 30 WHEN aum >= 10000 THEN 50 ELSE 20 END AS amount,
       CASE WHEN aum >= 500000 THEN 'CNY' ELSE 'points' END AS currency
FROM assets
JOIN away USING (customer_id)
JOIN customers USING (customer_id)
WHERE latest < 0.5 * most AND consent_marketing AND NOT employee
  AND left(md5(concat('holdout/wake_up/main/', customer_id)), 8) >= '0ccccccc'
ORDER BY login_id
