"""The explanation: which clauses held for one customer, and which did not.

Imports go one way: `cases` `clauses` ← `brief` `funnel` ← `first_failure` ← `explain`.
"""
