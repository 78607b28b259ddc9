"""Labels of customers for other systems: who is in which audience or stage, and since when.

Imports go one way: `labels` ← `scores` `changes` ← `channels` `files` `tables`.
"""
