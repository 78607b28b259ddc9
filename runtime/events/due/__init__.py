"""Decisions that fall due in a stream of events: timers, later steps of journeys, schedules.

Imports go one way: `awaited` `examined` ← `scheduling` `stepping` `timing` ← `falling_due`.
"""
