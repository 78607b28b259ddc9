"""Commands that look ahead of a launch: one a file, registered in `cli/main.py`."""
