"""SQL of lifecycles: the stages of customers at many instants in one pass, and their orders.

Imports go one way: `stages` ← `orders`.
"""
