"""Exit codes of every command.

A shell reports death by a signal as 128 plus its number; the last two codes follow it, and
so does that of a command that a signal stopped (`cli/stopping.py`), such as 143 after SIGTERM.
"""

from __future__ import annotations

FINE = 0
FINDINGS = 1
COULD_NOT_RUN = 2
ROWS_LEFT_OUT = 3
DOES_NOT_ADD_UP = 4
INTERRUPTED = 130
READER_GONE = 141
