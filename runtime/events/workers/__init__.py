"""Several workers for one stream of events: what they may decide, and which lines each one gets.

A worker is a process with connections of its own to the ledger and the warehouse. It gets all
events of its customers, in their order.

Imports go one way: `adding` `apart` `dealing`.
"""
