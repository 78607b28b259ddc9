"""SQL dialects: one file an engine, and `registry` with all of them.

Imports go one way: `common` ← `details` `registry` `standard` ← `bigquery` `clickhouse` `duckdb`
`mysql` `postgresql` `redshift` `snowflake` `spark` `sqlite` `trino`.
"""
