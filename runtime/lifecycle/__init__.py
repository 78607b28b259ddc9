"""The lifecycle of customers: stages at instants, moves between them, and what touched these.

Imports go one way: `asking` `instants` `model` `touches` ← `counting` `orders` ←
`lifecycle`.
"""
