"""The words that the language keeps for itself."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_WORDS = """
    active after ago and appeal as at audience average because before benefit between budget by
    campaign choose compliance contains cost count disclose distinct draw else experiment first
    follows for forfeited from given goal has holdout if in is journey kind ladder last lifecycle
    limit max measure message min no not now of on or otherwise owner pause per policy priority
    reaching received removed require reserve rest reward scenario share since split stage step
    stock stop sum take task tasks then to today total trigger unless until value waitlist when
    where while yes
"""
_PHRASES = """
    AFTER_EVENT ALERT_AT ALL_DONE ANNIVERSARY_OF APPROVAL_BY APPROVED_BY ARM_IS AT_MINUTE AT_MOST
    BALANCE BEFORE_EVENT BUDGET_OVER BY_END_OF_MONTH BY_SCORE CALL CAP_PER_CUSTOMER CAP_PER_PERIOD
    CATCH_UP_WITHIN CEIL CLAIMED_ON CODES_FROM COMPUTED_UP_TO CONVERSION_ON DAILY_ON DAYS_SINCE
    DAYS_UNTIL DELIVER_ON_DAY EACH_PERIOD EVENT_HAS EVERY EVERY_DAY EVERY_HOUR EXCLUSIVE_WITH
    EXPIRES_AFTER FLOOR FORBID_FIELD_FROM FORBID_PHRASE FROM_DAY GIVEN_ARM GIVEN_CUSTOMER
    GIVEN_HELD_OUT GIVEN_NOW GIVEN_NO_PRIZE GIVEN_PRIZE GIVEN_SPENT GOAL_IS GUARD_AT_MOST
    HOLDOUT_AT_LEAST IGNORING_CASE IN_A_ROW IN_LAST IN_MESSAGES IN_PROPORTION IS_KNOWN IS_TODAY
    IS_UNKNOWN LAST_PERIOD LATE_EVENTS_WITHIN LEAVE_ON MESSAGES_PER NOT_IN OF_AT_LEAST
    OF_EVERY_MONTH OF_EVERY_QUARTER OF_MONTH OF_YESTERDAY ONE_AT_A_TIME ON_DAY ON_FESTIVAL
    ON_NTH_DAY OPEN_EVERY_MONTH OVER PAUSE_WHEN PEAK PER_CUSTOMER PER_EVENT PER_PERIOD QUIET_HOURS
    RENAMED_FROM RETURNING_TO_BUDGET REVENUE REVERSED_ON ROUND ROUNDED SETTLED_WITHIN STAGE_IN
    STAGE_IS STAGE_NOT_IN STARTS_WITH SUCCESS_WHEN THEN_NOTHING THIS_PERIOD TO_DAY TO_EACH UP_TO
    WHEN_ENTERING WHEN_EXHAUSTED WHILE_PAUSED WITHIN WITHIN_LAST WITHIN_NEXT WORKING_DAYS
    WORTH_UP_TO
"""

WORDS = frozenset(_WORDS.split())
"""Every word that is a terminal of its own (a test compares them with the grammar)."""

LATER_WORDS = frozenset(
    {
        *("ago", "forfeited", "given", "holdout", "if", "removed", "rest", "scenario", "split"),
        *("then", "until", "while"),
    }
)
"""Words that joined the language after names could be called so: names where they cannot stand."""

KEYWORDS = WORDS | {"day", "days", "exhausted", "festival", "known", "unknown"}
"""Names that need backticks: the words, and what would be read as part of a phrase after one."""

VALUES = frozenset({"yes", "no", "now", "today"})
"""Those that are values: where one was meant as a name, a condition can be read all the same."""

PHRASES = frozenset(_PHRASES.split())
"""Terminals of several words; functions, whose names are theirs only before a bracket."""

_UNLIKE_THEIR_TERMINAL: Mapping[str, str] = MappingProxyType(
    {
        "CAP_PER_PERIOD": "per day",
        "CAP_PER_CUSTOMER": "per customer",
        "PER_PERIOD": "per month",
        "EACH_PERIOD": "each month",
        "ROUNDED": "rounded down",
        "EVERY_DAY": "every day",
        "ON_NTH_DAY": "on first day",
        "AT_MINUTE": "at :15",
        "WHEN_ENTERING": "when entering",
        "DAILY_ON": "daily on",
        "WHILE_PAUSED": "while paused lapse",
        "SUCCESS_WHEN": "success when stage becomes",
        "AFTER_TASK": "after",
        "MEASURED_WITHIN": "within",
        "OPEN_BRACE": "{",
        "CLOSE_BRACE": "}",
        "OPEN_BRACKET": "(",
        "CLOSE_BRACKET": ")",
        "COMMA": ",",
        "COLON": ":",
    }
)


def spelled(terminal: str) -> str:
    """How a word or phrase of the grammar is written: `EXPIRES_AFTER` is `expires after`."""
    return _UNLIKE_THEIR_TERMINAL.get(terminal, terminal.lower().replace("_", " "))
