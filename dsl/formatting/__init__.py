"""From the tree to its canonical text: content, layout and comments.

Imports go one way: `layout` ← `literals` `names` `page` ← `comments` `experiments` `expressions` ←
`lifecycles` `measures` `policies` `rewards` `running` `scenarios` ← `goals` ← `campaigns` ←
`formatter`.
"""
