"""The clauses that each block admits, for messages about misplaced ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from types import MappingProxyType

from ...diagnostics.diagnostic import Phrase, joined
from ..keywords import spelled

_POLICY = (
    "REQUIRE",
    "FORBID_PHRASE",
    "FORBID_FIELD_FROM",
    "DISCLOSE",
    "QUIET_HOURS",
    "AT_MOST",
    "HOLDOUT_AT_LEAST",
    "APPROVAL_BY",
    "APPROVED_BY",
)
_CAMPAIGN = (
    "OWNER",
    "GOAL",
    "ACTIVE",
    "PEAK",
    "STAGE",
    "AUDIENCE",
    "TRIGGER",
    "TASKS",
    "JOURNEY",
    "REWARD",
    "TAKE",
    "BUDGET",
    "MESSAGE",
    "COMPLIANCE",
    "PRIORITY",
    "RENAMED_FROM",
    "EXCLUSIVE_WITH",
    "APPEAL",
    "SETTLED_WITHIN",
    "LATE_EVENTS_WITHIN",
    "CATCH_UP_WITHIN",
    "WHILE_PAUSED",
    "PAUSE_WHEN",
    "REVERSED_ON",
    "MEASURE",
    "EXPERIMENT",
)
_BUDGET = (
    "TOTAL",
    "CAP_PER_PERIOD",
    "CAP_PER_CUSTOMER",
    "STOCK",
    "SHARE",
    "FROM",
    "RESERVE",
    "ALERT_AT",
    "WHEN_EXHAUSTED",
)

_SCENARIO = (
    "GIVEN",
    "GIVEN_CUSTOMER",
    "GIVEN_HELD_OUT",
    "GIVEN_NOW",
    "GIVEN_NO_PRIZE",
    "GIVEN_PRIZE",
    "GIVEN_ARM",
    "GIVEN_SPENT",
    "WHEN",
    "UNTIL",
    "THEN",
    "THEN_NOTHING",
)

FILE = "FILE"
"""The block that is the file itself; the others are named after the word that opens them."""

CLAUSES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        FILE: ("CAMPAIGN", "LIFECYCLE", "AUDIENCE", "BENEFIT", "BUDGET", "POLICY", "SCENARIO"),
        "CAMPAIGN": _CAMPAIGN,
        "LIFECYCLE": ("STAGE",),
        "BENEFIT": ("KIND", "VALUE", "COST", "STOCK", "EXPIRES_AFTER"),
        "BUDGET": _BUDGET,
        "POLICY": _POLICY,
        "COMPLIANCE": ("FOLLOWS", *_POLICY),
        "TASKS": ("TASK", "ALL_DONE", "REWARD", "TAKE", "MESSAGE"),
        "JOURNEY": ("STEP", "LEAVE_ON", "WHILE", "REMOVED", "REWARD", "TAKE", "MESSAGE", "LIMIT"),
        "MEASURE": ("CONVERSION_ON", "REVENUE", "SUCCESS_WHEN", "GUARD_AT_MOST"),
        "BY": ("WHEN", "OTHERWISE"),
        "DRAW": ("REST",),
        "EXPERIMENT": ("HOLDOUT", "SPLIT"),
        "SCENARIO": _SCENARIO,
    }
)
"""The first words of the clauses of each block."""

MODIFIERS = ("LIMIT", "FIRST", "TO", "TO_EACH", "DELIVER_ON_DAY", "CLAIMED_ON", "EXPIRES_AFTER")
"""The modifiers of a reward."""

STARTS = frozenset({clause for block in CLAUSES.values() for clause in block} | {*MODIFIERS})
"""Where reading can go on, when it comes first on a line."""

STARTS_WITHIN_LINE = frozenset({*_BUDGET, "KIND", "VALUE", "COST", "EXPIRES_AFTER", "LIMIT"}) - {
    "FROM"
}
"""Where it can go on even in the middle of one: these words are used for nothing else."""

PLAIN_STARTS = STARTS - {
    *(
        "WHEN",
        "OTHERWISE",
        "REST",
        "FROM",
        "TO",
        "FIRST",
        "VALUE",
        "COST",
        "STOCK",
        "STAGE",
        "AT_MOST",
    ),
}
"""Words that only ever begin a clause: where one comes first on a line, a clause is meant."""

LATER = frozenset(
    {
        *("PAUSE",),
    }
)
"""The first words of forms that come with a later version of the language."""

AFTER_NAME_OF_AUDIENCE = frozenset(
    {
        *("LABEL", "NAME", "QUOTED_NAME", "NOT", "HAS", "NO", "RECEIVED"),
        *("COUNT", "SUM", "AVERAGE", "STAGE_IS", "STAGE_IN"),
    }
)
"""Tokens after `audience NAME` that show a declaration; none can follow a field of a clause."""

BLOCKS: Mapping[str, Phrase] = MappingProxyType(
    {
        FILE: Phrase("blocks.a_file"),
        "CAMPAIGN": Phrase("blocks.campaign"),
        "LIFECYCLE": Phrase("blocks.lifecycle"),
        "BENEFIT": Phrase("blocks.benefit"),
        "BUDGET": Phrase("blocks.budget"),
        "POLICY": Phrase("blocks.policy"),
        "COMPLIANCE": Phrase("blocks.compliance"),
        "TASKS": Phrase("blocks.tasks"),
        "JOURNEY": Phrase("blocks.journey"),
        "MEASURE": Phrase("blocks.measure"),
        "BY": Phrase("blocks.by"),
        "DRAW": Phrase("blocks.draw"),
        "EXPERIMENT": Phrase("blocks.experiment"),
        "SCENARIO": Phrase("blocks.scenario"),
    }
)
"""The name of each block in messages."""


def home(clause: str) -> Phrase:
    """Where a clause belongs: `in a budget`."""
    if clause in MODIFIERS and clause != "EXPIRES_AFTER":
        return Phrase("blocks.after_a_reward")
    blocks = either([BLOCKS[block] for block, clauses in CLAUSES.items() if clause in clauses])
    return Phrase("blocks.in", block=blocks)


def either(choices: Sequence[str | Phrase]) -> str | Phrase:
    """`a, b or c`."""
    *others, last = choices
    if not others:
        return last
    listed = joined("blocks.comma", others)
    # Chinese sets a space between its characters and code, which is a plain text.
    if isinstance(others[-1], str) or isinstance(last, str):
        return Phrase("blocks.or_code", left=listed, right=last)
    return Phrase("blocks.or", left=listed, right=last)


def clauses_like(found: str, block: str) -> list[str]:
    """The clauses of the block whose name, or first word, is like a word; the nearest first."""
    clauses = {spelled(clause): clause for clause in CLAUSES[block]}
    words = {text.partition(" ")[0]: clause for text, clause in clauses.items()} | clauses
    close = get_close_matches(found.lower(), words, n=3, cutoff=0.7)
    return list(dict.fromkeys(words[one] for one in close))
