"""SQL of histories: counts, sums and picks of past events.

Imports go one way: `at_instant` `entered` `joined` ← `distinct` ← `grouped`.
"""
