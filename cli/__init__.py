"""The command `campaigner`: one command a file, one report format a file.

Imports go one way: `codes` `exits` `starter` `stopping` ← `screen` ← `formats` `opening` ←
`failures` ← `projects` ← `arguments` ← `changes` `main` `settling` ← `__main__` `commands`.
"""
