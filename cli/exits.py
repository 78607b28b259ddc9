"""How a command can end. A shell reports the last two as 128 and the signal's number."""

from __future__ import annotations

FINE = 0
FINDINGS = 1
COULD_NOT_RUN = 2
INTERRUPTED = 130
READER_GONE = 141
