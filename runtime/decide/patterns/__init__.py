"""Triggers that wait for several events: groups of customers, patterns of one customer.

Imports go one way: `counting` ← `firings` `groups`.
"""
