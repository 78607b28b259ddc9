"""Campaigns that an operator paused or stopped.

Imports go one way: `held` ← `braking`.
"""
