"""The warehouses that a run can read, one engine each."""
