"""The site for the team: every campaign, a calendar, the lifecycles, and the fields in use.

Imports go one way: `folder` `impact` `layout` `months` `sections` `tested` ← `diagrams` ←
`pages`.
"""
