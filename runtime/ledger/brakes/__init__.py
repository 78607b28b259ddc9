"""Campaigns that an operator, or a brake of their own, paused, resumed or stopped.

Imports go one way: `held` ← `braking` ← `tripping` ← `ended` `spending`.
"""
