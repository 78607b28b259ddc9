-- Format 7: an event that claims from an offer is kept as a decision of a step of its own.

ALTER TABLE decisions DROP CONSTRAINT decisions_outcome_check;
ALTER TABLE decisions ADD CONSTRAINT decisions_outcome_check CHECK (outcome IN
  ('granted', 'waitlisted', 'held_out', 'over_limit', 'insufficient_balance', 'out_of_stock',
   'over_budget', 'claimed', 'unknown', 'reversed', 'already_claimed', 'other_choice',
   'too_early', 'expired', 'not_offered'));
