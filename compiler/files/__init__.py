"""The files of a project: where they are, what may be written where, what is secret.

Imports go one way: `folder` `positions` `private` `reasons` ← `environment` `revisions`
`yaml_text` ← `places` `secrets`.
"""
