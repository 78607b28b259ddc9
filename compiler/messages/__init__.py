"""Messages: templates, filters, masks, and what compliance asks of a text.

Imports go one way: `compliance` `masks` `phrases` `templates` ← `arms` `filters` `reading`
← `renderings` `typing` `uses` ← `variables` ← `messages`.
"""
