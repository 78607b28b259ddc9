"""Triggers that wait for more than an event or an instant: groups, patterns, timers.

Imports go one way: `counting` `multiples` ← `recent` `streaks` ← `groups` `patterns` `timers`.
"""
