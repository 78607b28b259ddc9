"""The lifecycle of customers: their stages at instants, read from the warehouse."""
