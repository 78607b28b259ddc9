"""W3xx: clauses that compile and yet do nothing, or more than their author can have meant."""

from __future__ import annotations

from ...dsl.diagnostics.diagnostic import Code, Phrase

ENDED = Code("W301")
NEVER_FIRES = Code("W302")
DAILY_WITHOUT_LIMIT = Code("W303")
CASH_WITHOUT_BOUND = Code("W304")
NO_REWARDS_CHANNEL = Code("W305")
NO_ALERTS_CHANNEL = Code("W306")
ORDER_BY_NAME = Code("W307")
ALWAYS_QUIET = Code("W308")
SETTLED_BY_NOBODY = Code("W311")
FORESEEABLE = Code("W312")
NO_CHANNEL = Phrase("silence.no_channel")
DELIVERED_LATER = Phrase("silence.delivered_later")
