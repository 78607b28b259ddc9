-- Format 9: campaigns over time, as sqlite_9.sql tells it.

ALTER TABLE decisions DROP CONSTRAINT decisions_outcome_check;
ALTER TABLE decisions ADD CONSTRAINT decisions_outcome_check CHECK (outcome IN
  ('granted', 'waitlisted', 'held_out', 'too_late', 'over_limit', 'insufficient_balance',
   'out_of_stock', 'over_budget', 'claimed', 'unknown', 'reversed', 'already_claimed',
   'other_choice', 'too_early', 'expired', 'not_offered', 'already_inside', 'partly_reversed'));
