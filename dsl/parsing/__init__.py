"""The parsing: from bytes to tokens, from tokens to a tree.

Imports go one way: `amounts` `keywords` `literals` `tables` `tokens` ← `characters`
`following` `nodes` ← `grammar` `spelling` ← `lexer` ← `recovery` ← `parser`.
"""
