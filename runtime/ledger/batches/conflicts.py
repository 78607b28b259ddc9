"""Conflicts: repeated decisions, claims and reversals whose content would differ now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from ...decide.braking.events import AlarmEvent, AlarmResult
from ...decide.claims import ClaimEvent, ClaimIdentity, ClaimResult
from ...decide.decisions import Decision, Identity, Result
from ...decide.reversing.events import ReversalEvent, ReversalIdentity, ReversalResult
from ..contract import Ledger
from .books import exact_text

NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Conflict:
    """A repeated decision, claim or reversal with other content.

    `kept` is in force; `now` was requested. Both are texts: the rewards with their amounts, the
    names that a claim chose, or the key and the amount of a reversal.
    """

    identity: Identity | ClaimIdentity | ReversalIdentity
    kept: str
    now: str


def conflict(
    ledger: Ledger,
    asked: Decision | ClaimEvent | ReversalEvent | AlarmEvent,
    result: Result | ClaimResult | ReversalResult | AlarmResult,
) -> Conflict | None:
    """Return how a result differs from the request; `None` if it does not."""
    if not result.changed or isinstance(result, AlarmResult):
        return None
    if isinstance(result, ClaimResult):
        now = asked.chosen if isinstance(asked, ClaimEvent) else ()
        return Conflict(result.identity, _listed(result.chosen), _listed(now))
    if isinstance(result, ReversalResult):
        return Conflict(result.identity, _kept_reversal(ledger, result), _reversal(asked))
    lines = asked.lines if isinstance(asked, Decision) else ()
    kept = _listed(_words(*line) for line in ledger.lines(result.identity))
    wanted = _listed(_words(line.reward, exact_text(line), line.currency) for line in lines)
    return Conflict(result.identity, kept, wanted)


def _kept_reversal(ledger: Ledger, result: ReversalResult) -> str:
    who = result.identity
    rows = ledger.reversals(who.campaign, who.recipient)
    kept = next((row for row in rows if row.identity == who), None)
    return NOTHING if kept is None else _named(kept.of, kept.part)


def _reversal(asked: Decision | ClaimEvent | ReversalEvent | AlarmEvent) -> str:
    return _named(asked.of, asked.part) if isinstance(asked, ReversalEvent) else NOTHING


def _named(of: str | None, part: Decimal | None) -> str:
    return " ".join(word for word in (of, None if part is None else f"{part:f}") if word) or NOTHING


def _words(reward: str, amount: str, currency: str) -> str:
    return f"{amount} {reward}" if reward == currency else f"{reward} {amount} {currency}"


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words) or NOTHING
