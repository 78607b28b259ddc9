"""The screen: tables, progress, failures and the language in which they are shown.

Imports go one way: `difference` `excerpt` `files` `headings` `letters` `masking` `streams`
`terminal` ← `crash` `speaking` ← `progress` `tables`.
"""
