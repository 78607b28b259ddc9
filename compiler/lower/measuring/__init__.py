"""From goals and measures as written to those of a plan, and whether the answers can be honest.

Imports go one way: `events` `goals` `measurable` ← `revenue` ← `measures`.
"""
