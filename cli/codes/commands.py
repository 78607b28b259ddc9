"""E780–E788, E794, E809 and E849: what stops a command before it comes to the campaigns."""

from __future__ import annotations

from ...dsl.diagnostics.diagnostic import Code, Phrase

NO_SUCH_FILE = Code("E780")
NOT_ALLOWED = Code("E781")
DISK_FULL = Code("E782")
UNUSABLE_FILE = Code("E783")
FOLDER_IN_USE = Code("E784")
UNKNOWN_CAMPAIGN = Code("E785")
UNKNOWN_DIALECT = Code("E786")
UNKNOWN_CODE = Code("E787")
SETTING_MISSING = Code("E788")
UNKNOWN_STEP = Code("E794")
UNKNOWN_SOURCE = Code("E809")
NO_QUERY = Code("E838")
WORKER_ENDED = Code("E849")

A_WAREHOUSE = Phrase("commands.a_warehouse")
A_LEDGER = Phrase("commands.a_ledger")
THE_OUTPUT = Phrase("commands.the_output")
THIS_FOLDER = Phrase("commands.this_folder")
KILLED = Phrase("workers.killed")
EXITED = Phrase("workers.exited")
