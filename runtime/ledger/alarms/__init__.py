"""Events that may pause a campaign, as the ledger counts them."""
