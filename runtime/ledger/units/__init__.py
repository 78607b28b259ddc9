"""Units that are given out once each: the multiples of a sum, and the codes of a benefit."""
