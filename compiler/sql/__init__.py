"""SQL of a plan: `campaign` asks for one campaign, `all` for many at once.

Imports go one way: `columns` `comments` `translate` ← `ctes` `rewards` `seeds` ← `groups`
`statement` `windows` ← `patterns` ← `sources` ← `histories` ← `facts` ← `decisions` ← `all`
`campaign`.
"""
