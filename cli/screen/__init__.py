"""The screen: tables, progress, failures and the language in which they are shown.

Imports go one way: `difference` `excerpt` `files` `kept` `letters` `streams` `terminal` ←
`crash` `progress` `tables`.
"""
