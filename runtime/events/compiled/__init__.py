"""The parts of the event path: `..engine` puts them together.

Imports go one way: `rules` ← `code` `demands` ← `history` `pieces` ← `frame` ← `features` `giving`
← `memory` `table` ← `index` `rows` ← `dispatch`.
"""
