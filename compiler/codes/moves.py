"""E37x: entering and leaving stages and audiences."""

from __future__ import annotations

from ...dsl.diagnostics.diagnostic import Code

NO_HISTORY = Code("E370")
ASKS_LEDGER = Code("E371")
TOO_MANY_INSTANTS = Code("E372")
ONCE = Code("E373")
FOR_NO_TIME = Code("E374")
