"""A project: its settings, its catalog and its campaigns, read and validated.

Imports go one way: `cache` `entries` `mail_addresses` ← `field_types` ← `catalog_entries`
`channels` ← `catalog` `config` `validation` ← `settings` ← `project`.
"""
