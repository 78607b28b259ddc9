"""E33x and W33x: schedules that fire never, or whose days cannot be counted."""

from __future__ import annotations

from ...dsl.diagnostics.diagnostic import Code

FESTIVAL_WITHOUT_DAY = Code("E330")
WEEKS_WITHOUT_START = Code("E331")
NO_WEEKS = Code("E332")
NO_DAY_OF_YEAR = Code("E333")
NO_WEEKDAY = Code("E334")
NEVER_OPEN = Code("W330")
