"""From the tree to its one written form: what is said, how it is laid out, where comments go.

Imports go one way: `layout` ← `literals` `names` `page` ← `comments` `expressions` ← `policies`
`rewards` ← `campaigns` ← `formatter`.
"""
