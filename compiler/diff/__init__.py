"""Two plans, and all that differs between them in meaning.

A plan has a normal form, which is the same for everything that means the same. It is without
places, with names inlined that no ledger keeps, and sorted wherever an order has no meaning.

Imports go one way: `kinds` `normal` `spend` `words` ← `clauses` `rerouted` `worse` ← `alike`
`declared` ← `steps` ← `facets` ← `changes`.
"""
