WITH large AS (
  SELECT basket_id, household_id, bought_at, amount,
         timezone('UTC', timezone('America/New_York',
           timezone('America/New_York', timezone('UTC', bought_at)) - INTERVAL 90 DAY)) AS since
  FROM baskets
  WHERE bought_at BETWEEN TIMESTAMP '2017-11-01 04:00' AND TIMESTAMP '2017-12-01 04:59'
    AND amount >= 75
),
counted AS (
  SELECT large.basket_id, large.household_id, large.bought_at, large.amount,
         count(*) FILTER (other.bought_at < large.bought_at
                          OR other.basket_id::VARCHAR < large.basket_id::VARCHAR) AS before,
         count(*) FILTER (other.bought_at > since) AS recent
  FROM large
  JOIN baskets AS other
    ON other.household_id = large.household_id AND other.bought_at <= large.bought_at
  GROUP BY ALL
)
SELECT 'spend_back' AS campaign, 'main' AS step, household_id::VARCHAR AS recipient,
       basket_id::VARCHAR AS occurrence, bought_at AS "at", 'cash' AS reward,
       CASE WHEN recent >= 20 THEN least(round_even(amount * 0.02, 2), 3.50)
            ELSE least(round_even(amount * 0.015, 2), 2.50) END AS amount,
       'USD' AS currency
FROM counted
JOIN households USING (household_id)
WHERE before >= 2
ORDER BY bought_at, occurrence
