"""How diagnostics are shown: one format a file, each a function from a `Report` to text."""
