"""Arguments: how options, instants and groups of commands are read, and what is suggested.

Imports go one way: `completion` `ordering` ← `spoken` `usage` ← `options` `projects` `steps` ←
`instants` `lazy` `sheets` ← `groups`.
"""
