"""Journeys: the steps that an instance comes to, and those that may be taken.

Imports go one way: `walking` ← `inside`.
"""
