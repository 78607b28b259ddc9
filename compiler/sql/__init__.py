"""SQL of a plan: `campaign` asks for one campaign, `all` for many at once.

Imports go one way: `columns` `comments` `everybody` `translate` ← `ctes` `rewards` `seeds` ←
`sources` `statement` `windows` ← `histories` `waiting` ← `looks` `occasions` ← `tasks` ←
`facts` ← `decisions` ← `journeys` ← `all` `campaign`.
"""
