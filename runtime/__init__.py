"""The runtime: from a plan to decisions, to the ledger, to deliveries.

Imports go one way: `codes` ← `decide` `kept` `postgresql_url` `quiet_hours` `statistics`
`temporary` ← `rendering` `warehouse` ← `ledger` `value` ← `delivery` `due` ← `explain` ← `run` ←
`events` `preview` `scenarios` `simulate` ← `ingest` `lifecycle` `measure` `paths` ← `feedback`
`review`.
"""
