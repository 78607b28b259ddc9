"""E570 to E579: events that take back what a campaign granted, or that cancel other events."""

from __future__ import annotations

from ...dsl.diagnostics.diagnostic import Code

REVERSED_WITHOUT_EVENT = Code("E570")
REVERSED_BY_OTHERS = Code("E571")
NO_KEY_FIELD = Code("E572")
NOTHING_TO_REVERSE = Code("E573")
NOT_IN_PROPORTION = Code("E574")
PROPORTION_TO_NOTHING = Code("E575")
