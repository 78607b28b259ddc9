"""The ways that customers take from one event to another, and what sets two audiences apart.

Imports go one way: `members` ← `contrast` `paths`.
"""
