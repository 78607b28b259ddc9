"""E38x: timers that can never fire, or whose moment cannot be found."""

from __future__ import annotations

from ...dsl.diagnostics.diagnostic import Code

CLOCK_OF_HOURS = Code("E380")
UNLESS_WITHOUT_EVENT = Code("E381")
UNLESS_BY_OTHERS = Code("E382")
NO_MOMENT = Code("E383")
NEVER_AFTER_EVENT = Code("E384")
MOMENT_WITH_PAST = Code("E385")
ANNIVERSARY_OF_EVENT = Code("E386")
UNKNOWN_MOMENT = Code("E387")
AMBIGUOUS_MOMENT = Code("E388")
CLOCK_WITH_SECONDS = Code("E389")
