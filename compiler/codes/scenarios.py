"""E90x, E91x: scenarios that name, give or expect what cannot be."""

from __future__ import annotations

from ...dsl.diagnostics.diagnostic import Code, Phrase

CAMPAIGN_UNKNOWN = Code("E900")
FIELD_UNKNOWN = Code("E901")
VALUE_UNFIT = Code("E902")
FIELD_NEEDED = Code("E903")
CLOCK_WITHOUT_START = Code("E904")
TIME_BACKWARDS = Code("E905")
GIVEN_TOO_LATE = Code("E906")
EVENT_UNKNOWN = Code("E907")
CUSTOMER_UNKNOWN = Code("E908")
OUTCOME_UNKNOWN = Code("E909")
OUTCOME_IMPOSSIBLE = Code("E910")
REWARD_IMPOSSIBLE = Code("E911")
CHANNEL_IMPOSSIBLE = Code("E912")
PRIZE_UNKNOWN = Code("E913")
PRIZE_NEEDED = Code("E914")
STAGE_UNKNOWN = Code("E915")
WALLET_UNKNOWN = Code("E916")
TITLE_TWICE = Code("E917")
THEN_TOO_EARLY = Code("E918")
NOBODY_HELD_OUT = Code("E919")
GIVEN_TWICE = Code("E920")
NOTHING_AND_MORE = Code("E921")
BUDGET_MISSING = Code("E922")
STEP_UNKNOWN = Code("E923")
TITLE_UNKNOWN = Code("E924")
NOT_A_PERCENTAGE = Code("E925")
NO_SCENARIOS = Code("W900")
RECORDED_DIFFERS = Code("W901")

DECLARED_FIRST = Phrase("names.declared_first")
A_RULE = Phrase("scenarios.a_rule")
ASKED_HERE = Phrase("scenarios.asked_here")


def of_customer() -> Phrase:
    """The owner of a field: the customer."""
    return Phrase("scenarios.of_customer")


def of_event(name: str) -> Phrase:
    """The owner of a field: an event."""
    return Phrase("scenarios.of_event", event=name)
