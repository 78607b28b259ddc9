"""The builder: the nodes of a tree, made while the parser reduces.

Imports go one way: `expressions` `journeys` `measures` `rewards` `scenarios` ← `campaigns`
`triggers` ← `policies` ← `builder`.
"""
