"""E662–E669, E847: events, fields and groups that commands about the past are asked for."""

from __future__ import annotations

from ...dsl.diagnostics.diagnostic import Code

NO_SUCH_EVENT = Code("E662")
NO_SUCH_AMOUNT = Code("E663")
NO_SUCH_CHANNEL = Code("E664")
NO_CHANNEL = Code("E665")
NOT_IN_RANGE = Code("E666")
NO_LEDGER_YET = Code("E847")
