"""The recovery: one message a mistake, and the parser goes on behind it.

Imports go one way: `blocks` `machine` ← `expectations` `phrases` `reserved` `surroundings` ←
`repairs` ← `resume`.
"""
