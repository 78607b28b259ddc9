"""Plain campaigns, decided by columns: whole readings of the warehouse at a time.

A decision of a plain campaign depends on nothing but caps, so it needs no row of a ledger. With 50
plain campaigns over 5,000 customers a simulation takes a tenth of the time that it takes decision
by decision (`bench/simulate.py`).

Imports go one way: `arrays` `plain` ← `balances` `gifts` ← `totals` ← `deciding`.
"""
