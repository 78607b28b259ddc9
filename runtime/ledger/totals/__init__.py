"""Sums over decisions: of one plan, of one campaign, and of all campaigns by customer.

Imports go one way: `moves` ← `exposures` ← `totals` ← `of_campaign`.
"""
