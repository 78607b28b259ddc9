"""E180 to E182, E188 to E190, E940 to E949 and W940: plans, and versions that are compared."""

from __future__ import annotations

from ...dsl.diagnostics.diagnostic import Code

PLAN_MALFORMED = Code("E180")
PLAN_VERSION = Code("E181")
PLAN_TOO_DEEP = Code("E182")
PLAN_LANGUAGE = Code("E188")
PLAN_CHANGED = Code("E189")
PLAN_OF_ANOTHER = Code("E190")

# --- versions that are compared -----------------------------------------------------------------

NO_SUCH_VERSION = Code("E940")
NO_GIT = Code("E941")
NO_REPOSITORY = Code("E942")
NO_PROJECT_THEN = Code("E943")
GIT_REFUSED = Code("E944")
NOT_COMMITTED = Code("W940")

# --- a draw that runs and was made worse --------------------------------------------------------

ODDS_LOWERED = Code("E945")
STOCK_LOWERED = Code("E946")
DRAW_SHORTENED = Code("E947")
DRAW_GONE = Code("E948")

# --- an experiment that has begun ---------------------------------------------------------------

EXPERIMENT_REROUTED = Code("E949")

# --- a project with an edit ---------------------------------------------------------------------

NO_SUCH_EDIT = Code("E932")
SEVERAL_NAMESAKES = Code("E933")
EDIT_UNREADABLE = Code("E935")
