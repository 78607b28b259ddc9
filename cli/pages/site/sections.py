"""The clauses of a campaign under headings, as its team reads them."""

from __future__ import annotations

from typing import Literal, assert_never

from ....compiler.plan import Campaign
from ....compiler.wording.campaigns import clauses
from ....compiler.wording.clauses import Kind
from ....compiler.wording.names import Names
from ....compiler.wording.public import Part
from ....dsl.diagnostics.diagnostic import Phrase

Topic = Literal["time", "who", "what", "rewards", "limits", "budget", "messages", "rules"]

_HEADINGS: tuple[tuple[Topic, Phrase], ...] = (
    ("time", Phrase("site.time")),
    ("who", Phrase("site.who")),
    ("what", Phrase("site.what")),
    ("rewards", Phrase("site.rewards")),
    ("limits", Phrase("site.limits")),
    ("budget", Phrase("site.budget")),
    ("messages", Phrase("site.messages")),
    ("rules", Phrase("site.rules")),
)


def topic_of(kind: Kind) -> Topic:
    """The heading that a kind of clause is under."""
    match kind:
        case "active" | "opening" | "late_events" | "catch_up" | "paused":
            return "time"
        case "stage" | "audience" | "exclusive" | "compliance" | "while" | "holdout" | "experiment":
            return "who"
        case (
            "trigger"
            | "follows"
            | "deadline"
            | "unless"
            | "if"
            | "leave"
            | "one_at_a_time"
            | "claim"
            | "removed"
        ):
            return "what"
        case "reward" | "recipient" | "expiry" | "delivery" | "settled" | "reversal" | "returns":
            return "rewards"
        case "limit" | "stock":
            return "limits"
        case "budget" | "share" | "alert" | "funds" | "exhausted":
            return "budget"
        case "message" | "message_cap" | "quiet_hours":
            return "messages"
        case "owner" | "goal" | "measure" | "peak" | "priority" | "policy" | "appeal" | "brake":
            return "rules"
        case _:
            assert_never(kind)


def sections(names: Names, campaign: Campaign) -> tuple[tuple[Phrase, tuple[Part, ...]], ...]:
    """Every sentence about a campaign, under the heading of its topic, then step by step."""
    found: dict[Topic, dict[str | None, list[Phrase]]] = {
        topic: {None: []} for topic, _ in _HEADINGS
    }
    for one in clauses(names, campaign):
        step = None if one.kind == "leave" else one.step
        found[topic_of(one.kind)].setdefault(step, []).append(one.says)
    of = names.of_campaign(campaign)
    return tuple(
        (heading, parts)
        for topic, heading in _HEADINGS
        if (
            parts := tuple(
                Part(None if step is None else of.step_label(step), tuple(sentences))
                for step, sentences in found[topic].items()
                if sentences
            )
        )
    )
