"""The exit codes of all commands.

A shell reports death by a signal as 128 plus its number. The last two codes follow this, and so
does a command that a signal stopped (`cli/stopping.py`), such as 143 after SIGTERM.
"""

from __future__ import annotations

FINE = 0
FINDINGS = 1
COULD_NOT_RUN = 2
ROWS_LEFT_OUT = 3
DOES_NOT_ADD_UP = 4
NOT_DELIVERED = 5
INTERRUPTED = 130
READER_GONE = 141
