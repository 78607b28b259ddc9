"""A clause in words: one sentence, its kind, and where it was written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ...dsl.diagnostics.diagnostic import Language, Phrase, in_language
from ..plan.expressions import Origin

Kind = Literal[
    "active",
    "alert",
    "appeal",
    "audience",
    "brake",
    "budget",
    "catch_up",
    "claim",
    "compliance",
    "deadline",
    "delivery",
    "exclusive",
    "exhausted",
    "experiment",
    "expiry",
    "follows",
    "funds",
    "goal",
    "holdout",
    "if",
    "late_events",
    "leave",
    "limit",
    "measure",
    "message",
    "message_cap",
    "one_at_a_time",
    "opening",
    "owner",
    "paused",
    "peak",
    "policy",
    "priority",
    "quiet_hours",
    "recipient",
    "removed",
    "returns",
    "reversal",
    "reward",
    "settled",
    "share",
    "stage",
    "stock",
    "trigger",
    "unless",
    "while",
]


@dataclass(frozen=True, slots=True)
class Clause:
    """A sentence about a campaign, or about the step `step` of it.

    `origin` is the place of the clause, `None` of a default that nobody wrote.
    """

    kind: Kind
    says: Phrase
    origin: Origin | None
    step: str | None = None

    def say(self, language: Language) -> str:
        """The sentence, with a capital letter where the language has them."""
        return sentence(self.says, language)


def sentence(says: Phrase, language: Language) -> str:
    """The phrase, with a capital letter where it begins with a letter that has one."""
    text = in_language(says, language)
    return text[:1].upper() + text[1:]
