"""Commands that say what came of campaigns: one a file, registered in `cli/main.py`."""
