"""The work that is due in a run: instants of schedules, periods of events, late events.

Imports go one way: `experiments` `group_customers` `history_marks` `known` `notes` `provisional`
`readings` `schedule` `ungated` ← `periods` `fixed_steps` `later_steps` `upcoming` ← `step_marks`
`timer_marks` ← `late`.
"""
