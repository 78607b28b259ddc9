"""Statistics of measures: pure functions over numbers, each with its source.

Imports go one way: `effects` `moments` `proportions` `sample_ratio` ← `differences` `power`.
"""
