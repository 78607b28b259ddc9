"""E570 to E579, E860 to E864: events that take back what was granted, or cancel other events."""

from __future__ import annotations

from ...dsl.diagnostics.diagnostic import Code

REVERSED_WITHOUT_EVENT = Code("E570")
REVERSED_BY_OTHERS = Code("E571")
NO_KEY_FIELD = Code("E572")
NOTHING_TO_REVERSE = Code("E573")
NOT_IN_PROPORTION = Code("E574")
PROPORTION_TO_NOTHING = Code("E575")

# --- the catalog's `cancelled_by` ----------------------------------------------------------------

CANCELLED_BY_NOTHING = Code("E860")
CANCELLED_BY_NO_FIELD = Code("E861")
CANCELLED_BY_NO_KEY = Code("E862")
CANCELS_ITSELF = Code("E863")
CANCELLED_IN_TURN = Code("E864")
