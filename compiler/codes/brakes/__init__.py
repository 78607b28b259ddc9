"""E680 to E687, W680: what pauses a campaign by itself."""

from __future__ import annotations

from ....dsl.diagnostics.diagnostic import Code

NO_SUCH_MEASURE = Code("E680")
NEVER_OVER = Code("E681")
PART_OF_NOTHING = Code("E682")
NO_WINDOW = Code("E683")
NO_COUNT = Code("E684")
NOTHING_SENT = Code("E685")
NOTHING_SPENT = Code("E686")
NOBODY_TO_CALL = Code("E687")
ONE_FAILURE = Code("W680")
