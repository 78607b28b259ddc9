"""Texts of ledgers that hold several facts: how far a step has come, steps of claims and the like.

No name has a slash or a number sign in it, so no name of a step or a campaign is one of these.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from ....compiler.plan.steps import UNNAMED, StepKey
from ...decide.braking.events import AlarmIdentity
from ...decide.claims import ClaimIdentity
from ...decide.decisions import Identity
from ...decide.reversing.events import ReversalIdentity

BEGAN = "/since"
ALARM = "/alarm/"
CLAIM = "/claim"
REVERSAL = "/reversal"
WATCHED = "/watched"
"""The name under which the ledger keeps the last pass of a `run --watch`."""


def heartbeat(source: str) -> str:
    """The name under which the ledger keeps the last pass of an `ingest` of a source."""
    return f"/ingest/{source}"


class Mark(NamedTuple):
    """An instant of a step: that up to which it was carried out, or the first of its events.

    `began` is kept where the campaign has no start of its own: it began when it first ran.
    """

    key: StepKey
    of: Literal["through", "began"] = "through"

    @property
    def text(self) -> str:
        """The name under which the ledger keeps it."""
        campaign, step = self.key
        name = campaign if step == UNNAMED else f"{campaign}#{step}"
        return name if self.of == "through" else f"{name}{BEGAN}"


def claim_step(step: str) -> str:
    """The step under which `decisions` has the claims of a step's offers."""
    return f"{step}{CLAIM}"


def kept_claim(identity: ClaimIdentity) -> Identity:
    """The identity under which `decisions` has a claim."""
    campaign, step = identity.key
    return Identity(campaign, claim_step(step), identity.recipient, identity.occurrence)


def claim_of(kept: Identity) -> ClaimIdentity:
    """The claim that `decisions` has under an identity."""
    step = kept.step.removesuffix(CLAIM)
    return ClaimIdentity(kept.campaign, step, kept.recipient, kept.occurrence)


def alarm_step(step: str, event: str) -> str:
    """The step under which `decisions` has the alarms of a kind of event, from the first step."""
    return f"{step}{ALARM}{event}"


def kept_alarm(identity: AlarmIdentity) -> Identity:
    """The identity under which `decisions` has an alarm."""
    campaign, step = identity.key
    kept = alarm_step(step, identity.event)
    return Identity(campaign, kept, identity.recipient, identity.occurrence)


def reversal_step(step: str) -> str:
    """The step under which `decisions` has the reversals of a campaign, from its first step."""
    return f"{step}{REVERSAL}"


def kept_reversal(identity: ReversalIdentity) -> Identity:
    """The identity under which `decisions` has a reversal."""
    campaign, step = identity.key
    return Identity(campaign, reversal_step(step), identity.recipient, identity.occurrence)


def reversal_of(kept: Identity) -> ReversalIdentity:
    """The reversal that `decisions` has under an identity."""
    step = kept.step.removesuffix(REVERSAL)
    return ReversalIdentity(kept.campaign, step, kept.recipient, kept.occurrence)
