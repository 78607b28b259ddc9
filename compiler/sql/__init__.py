"""SQL of a plan: `campaign` asks for one campaign, `all` for many at once.

Imports go one way: `columns` `comments` `translate` ← `ctes` `rewards` `seeds` ← `counting`
`sources` `statement` `windows` ← `groups` `histories` `patterns` `timers` ← `occasions` ← `facts` ←
`decisions` ← `all` `campaign`.
"""
