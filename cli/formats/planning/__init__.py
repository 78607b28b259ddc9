"""The output of commands that look ahead of a launch: changes of a diff, counts of a preview.

Imports go one way: `compared` `phrases` ← `changes` `counts` `simulated`.
"""
