"""The command `campaigner`: one command a file, one report format a file.

Imports go one way: `codes` `exits` `fixing` `nearest` `starter` `stopping`
`watching` ← `screen` ← `formats` ←
`pages` `resources` `queries` ← `failures` ← `event_results` `ingesting` `projects`
← `arguments` `workers` ← `applying` `changes` `main` `settling` ← `__main__` `commands`.
"""
