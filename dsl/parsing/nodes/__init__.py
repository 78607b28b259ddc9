"""The builder: the nodes of a tree, made while the parser reduces.

Imports go one way: `campaigns` `expressions` `rewards` ← `policies` ← `builder`.
"""
