"""The warehouses that a run can read, one package for each engine.

Imports go one way: `text_sets` `types` ← `column_types` `contract` ← `check` `duckdb` `freshness`
`on_demand` `postgresql` `rows` `seeded` `spark` ← `code_tables` `engines` `laid_over` `pasts`
← `bad_rows` ← `cost_table` ← `survey`.
"""
