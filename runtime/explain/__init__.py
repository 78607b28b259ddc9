"""The explanation: which clauses held for one customer, and which did not.

Imports go one way: `clauses` `task_case` ← `journey_case` `move_clauses` `timer_clauses` ←
`cases` ← `brief` `funnel` ← `first_failure` ← `explain`.
"""
