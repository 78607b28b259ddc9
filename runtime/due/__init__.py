"""What is due: instants of schedules, stretches of events, late events.

Imports go one way: `group_customers` `readings` `schedule` ← `periods` ← `late`.
"""
