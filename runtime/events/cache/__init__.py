"""Customers with their past, kept between the batches of a worker.

Imports go one way: `asking` `columns` `coming` `horizon` `unchanged` ← `loading` ← `customers`.
"""
