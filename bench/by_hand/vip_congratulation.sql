SELECT 'vip_congratulation' AS campaign, 'main' AS step, customer_id AS recipient,
       '2026-03-02T10:00:00+08:00' AS occurrence, TIMESTAMP '2026-03-02 02:00' AS "at",
       'lounge_pass' AS reward, 180.00 AS amount, 'CNY' AS currency
FROM (
  SELECT customer_id
  FROM asset_days
  WHERE measured_at <= TIMESTAMP '2026-03-02 02:00'
  GROUP BY customer_id
  HAVING arg_max(assets, (measured_at, snapshot_id)) >= 500000
     AND NOT coalesce(
       arg_max(assets, (measured_at, snapshot_id))
         FILTER (measured_at <= TIMESTAMP '2026-03-01 02:00') >= 500000,
       false
     )
)
JOIN customers USING (customer_id)
WHERE consent_marketing AND NOT employee
  AND left(md5(concat('holdout/vip_congratulation/main/', customer_id)), 8) >= '0ccccccc'
ORDER BY md5(concat('order/vip_congratulation/2026-03-02T10:00:00+08:00/', customer_id))
