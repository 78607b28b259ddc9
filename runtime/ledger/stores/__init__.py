"""The stores: SQLite and PostgreSQL, how they are opened, and their schemas.

Imports go one way: `asked_postgresql` `copying` `faults` `faults_postgresql` `qualified`
`sealing_postgresql` `sealing_sqlite` `tables_sqlite` ← `rehearsing` `sqlite` ← `migrating` ←
`connect_sqlite` ← `memory` `sessions` ← `postgresql` ← `connect_postgresql`.
"""
