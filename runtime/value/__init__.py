"""The value of customers: lifetime, revenue, cost of acquisition, and purchases to come.

Imports go one way: `purchases` `spending` ← `forecast` ← `value`.
"""
