"""E630 to E638 and W630: measures of campaigns."""

from __future__ import annotations

from ....dsl.diagnostics.diagnostic import Code

MEASURES_NOTHING = Code("E630")
MEASURED_BY_OTHERS = Code("E631")
NO_SUM_OF_EVENTS = Code("E632")
NO_REVENUE = Code("E633")
MEASURED_TWICE = Code("E634")
NO_WINDOW = Code("E635")
GUARD_OVER_ALL = Code("E636")
STAGE_WITHOUT_PAST = Code("E637")
STAGE_OF_THE_LEDGER = Code("E638")
NOBODY_HELD_OUT = Code("W630")
