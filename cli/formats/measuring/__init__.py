"""The output of commands that say what came of campaigns: tables for people, JSON and CSV.

Imports go one way: `measured` `shares` `sheet` ← `contrast` `orders` `paths` `review` `value` ←
`lifecycle`.
"""
