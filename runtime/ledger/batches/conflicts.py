"""Conflicts: repeated decisions and claims whose content would differ now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ...decide.claims import ClaimEvent, ClaimIdentity, ClaimResult
from ...decide.decisions import Decision, Identity, Result
from ..contract import Ledger
from .books import exact_text

NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Conflict:
    """A repeated decision or claim with other content. `kept` is in force; `now` was requested.

    Both are texts: the rewards with their amounts, or the names that a claim chose.
    """

    identity: Identity | ClaimIdentity
    kept: str
    now: str


def conflict(
    ledger: Ledger, asked: Decision | ClaimEvent, result: Result | ClaimResult
) -> Conflict | None:
    """Return how a result differs from the request; `None` if it does not."""
    if not result.changed:
        return None
    if isinstance(result, ClaimResult):
        now = asked.chosen if isinstance(asked, ClaimEvent) else ()
        return Conflict(result.identity, _listed(result.chosen), _listed(now))
    lines = asked.lines if isinstance(asked, Decision) else ()
    kept = _listed(_words(*line) for line in ledger.lines(result.identity))
    wanted = _listed(_words(line.reward, exact_text(line), line.currency) for line in lines)
    return Conflict(result.identity, kept, wanted)


def _words(reward: str, amount: str, currency: str) -> str:
    return f"{amount} {reward}" if reward == currency else f"{reward} {amount} {currency}"


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words) or NOTHING
