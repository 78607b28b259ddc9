"""SQL of histories: counts, sums and picks of past events.

Imports go one way: `marks` ← `at_instant` `entered` `joined` ← `distinct` ← `grouped`.
"""
