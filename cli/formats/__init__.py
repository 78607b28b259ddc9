"""How diagnostics are shown: one format a file, each a function from a `Report` to text.

Imports go one way: `csv_cells` `nothing` `outcome` `report` `tree` ← `concise` `events` `github`
`json` `records` `sarif` `text` ← `measuring` `parquet` `planning` ← `listing` `scenarios` ←
`grants` ← `outcome_json`.
"""
