"""E120 to E129 and E326: how numbers, money, dates, times and durations are written."""

from __future__ import annotations

from ..diagnostics.diagnostic import Code

NOT_A_DATE = Code("E120")
DATE_FORM = Code("E121")
NOT_A_TIME = Code("E122")
NUMBER_TOO_LARGE = Code("E123")
TOO_MANY_DECIMALS = Code("E124")
UNKNOWN_UNIT = Code("E125")
BAD_DURATION = Code("E126")
CURRENCY_FORM = Code("E127")
NUMBER_FORM = Code("E326")
MISSING_CURRENCY = Code("E128")
SPACED_PERCENT = Code("E129")
