"""E4xx: logic: what can never happen, and what is not sure yet."""

from __future__ import annotations

from ...dsl.diagnostics.diagnostic import Code

BRANCH_AFTER_OTHERWISE = Code("E401")
EXCLUSIVE_WITH_ITSELF = Code("E402")
PRIZE_AFTER_REST = Code("E403")
NEVER_DRAWN = Code("E404")
EMPTY_REWARD = Code("E405")
CHOICE_OVER = Code("E406")
CHOICE_AMONG_MANY = Code("E407")
GROUP_BY_OTHERS = Code("E420")
PATTERN_BY_OTHERS = Code("E354")
EACH_OF_NOBODY = Code("E421")
CLAIM_OF_NOTHING = Code("E422")
CLAIM_BY_OTHERS = Code("E423")
NEVER_ONE_EVENT = Code("E450")
NOTHING_LATE = Code("E451")
WALLET_CIRCLE = Code("E470")
WALLET_NEVER_FILLED = Code("E471")
WALLET_OF_ANOTHER = Code("E472")
WALLET_NEVER_LATE = Code("E473")
PROVISIONAL_FESTIVAL = Code("W401")
