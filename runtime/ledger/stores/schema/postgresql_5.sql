-- Format 5: a decision may be refused because the recipient's wallet cannot pay the price.

ALTER TABLE decisions DROP CONSTRAINT decisions_outcome_check;
ALTER TABLE decisions ADD CONSTRAINT decisions_outcome_check CHECK (outcome IN
  ('granted', 'waitlisted', 'held_out', 'over_limit', 'insufficient_balance', 'out_of_stock',
   'over_budget'));
