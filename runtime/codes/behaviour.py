"""E667–E669: audiences and periods of questions about what customers did."""

from __future__ import annotations

from ...dsl.diagnostics.diagnostic import Code

GROUP_ASKS_LEDGER = Code("E667")
