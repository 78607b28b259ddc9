"""SQL about what customers did: their value, their paths, and what sets audiences apart.

Imports go one way: `begun` ← `sides` `value` ← `contrast` `paths`.
"""
