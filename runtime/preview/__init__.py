"""A look ahead: how many customers each campaign would reach, and what it would cost.

Imports go one way: `groups` ← `counting` `differing` ← `preview` `samples`.
"""
