"""A project: its settings, its catalog and its campaigns, read and validated.

Imports go one way: `cache` `channels` `entries` `mail_addresses` ← `config` `kept` ←
`field_types` ← `calendar_entries` `catalog_entries` `channel_entries` ← `catalog_mistakes` ←
`catalog` `config_file`
`validation` ← `settings` ← `project`.
"""
