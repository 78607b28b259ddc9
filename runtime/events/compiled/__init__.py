"""The compiler of the event path: rules become an index, and the index becomes functions.

Imports go one way: `rules` ← `code` `demands` ← `history` `pieces` ← `frame` ← `actions` `windows`
← `features` `memory` `table` ← `index` `rows` ← `dispatch`.
"""
