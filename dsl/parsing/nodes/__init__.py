"""The builder: the nodes of a tree, made while the parser reduces.

Imports go one way: `expressions` `rewards` ← `campaigns` ← `policies` ← `builder`.
"""
