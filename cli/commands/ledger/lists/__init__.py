"""The verbs of `campaigner ledger` that list what is there; one verb a file."""
