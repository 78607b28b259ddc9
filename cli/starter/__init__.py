"""The project that `campaigner init` starts with: its files, and the rows of its warehouse."""
