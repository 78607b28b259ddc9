"""E843 to E846: goals with a target, and peaks."""

from __future__ import annotations

from ....dsl.diagnostics.diagnostic import Code

GOAL_OF_NOTHING = Code("E843")
GOAL_NOT_WHOLE = Code("E844")
GOAL_OF_ANOTHER_TYPE = Code("E845")
PEAK_OUTSIDE = Code("E846")
