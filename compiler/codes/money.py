"""E5xx: money: budgets, caps, limits and what they pay for."""

from __future__ import annotations

from ...dsl.diagnostics.diagnostic import Code

OTHER_CURRENCY = Code("E501")
NOTHING_PAYS = Code("E502")
CANNOT_PAY_ONE = Code("E503")
SHARES_OVER = Code("E504")
SHARE_WITHOUT_TOTAL = Code("E505")
POOL_CIRCLE = Code("E506")
NOT_IN_POOL = Code("E507")
NOT_IN_BUDGET_REWARD = Code("E508")
ODDS_OVER = Code("E509")
PRICE_OF_ANOTHER = Code("E510")
NEVER_CHOSEN = Code("E511")
RESERVE_WITHOUT_TOTAL = Code("E520")
NOTHING_TO_WATCH = Code("E521")
CASH_IS_NO_WALLET = Code("E560")
PER_NOTHING = Code("E561")
VALUE_NOT_SAID = Code("E562")
COST_OF_COMPUTED = Code("E563")
VALUE_IS_FIXED = Code("E564")
BOUND_OF_NOTHING = Code("E565")
