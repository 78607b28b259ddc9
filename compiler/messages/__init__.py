"""Messages: templates, filters, masks, and what compliance asks of a text.

Imports go one way: `compliance` `masks` `phrases` `templates` ← `filters` ← `renderings` `typing`
`uses` ← `messages`.
"""
