"""Draws in the ledger: odds, seeds, and the findings of drawing again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from ...compiler.plan.chance import Seeds
from ...dsl.diagnostics.diagnostic import Diagnostic
from ..kept import kept


class Prize(NamedTuple):
    """A prize of a draw. A ticket wins the first prize whose `below` is greater.

    `content` is the ledger's hash of the prize; empty if its amount depends on data. `lines` are
    its rewards, with amounts where they are the same for everybody.
    """

    below: str
    content: str
    lines: tuple[tuple[str, str | None], ...]

    @property
    def shown(self) -> str:
        """The prize as people read it: `coffee and 10 points`."""
        return prize_text(self.lines)


def prize_text(lines: Sequence[tuple[str, str | None]]) -> str:
    """Format rewards, with their amounts where known."""
    return " and ".join(name if much is None else f"{much} {name}" for name, much in lines)


@dataclass(frozen=True, slots=True)
class Draw:
    """A step that draws. `seed` is the digest of the campaign's seed; `None` without one."""

    campaign: str
    step: str
    seed: str | None
    prizes: tuple[Prize, ...]

    def prize(self, ticket: str) -> Prize | None:
        """Return the prize that a ticket wins, if any."""
        return next((one for one in self.prizes if ticket < one.below), None)


def odds_text(prizes: Sequence[Prize]) -> str:
    """Encode prizes as JSON, for an entry of the ledger."""
    return json.dumps(prizes, ensure_ascii=False, separators=(",", ":"))


@kept
def odds_read(text: str) -> tuple[Prize, ...]:
    """Decode the prizes that `odds_text` encoded."""
    return tuple(
        Prize(below, content, tuple((name, much) for name, much in lines))
        for below, content, lines in json.loads(text)
    )


@dataclass(frozen=True, slots=True)
class Reveal:
    """A published seed. `digest` is its SHA-256, `at` the instant of its first publication."""

    campaign: str
    seed: str
    digest: str
    at: datetime


@dataclass(frozen=True, slots=True)
class DrawnAgain:
    """The decisions of a draw with one seed, by its digest; `None` without a seed.

    `redrawn` were drawn again. `left` could not be, since their seed or their odds are unknown.
    """

    campaign: str
    step: str
    seed: str | None
    redrawn: int
    left: int


@dataclass(frozen=True, slots=True)
class Redraw:
    """All draws of a ledger, drawn again. `findings` names each that differs."""

    draws: tuple[DrawnAgain, ...]
    findings: tuple[Diagnostic, ...]


class Drawing(Protocol):
    """The part of a ledger that makes draws verifiable."""

    def declare(self, digest: str, draws: Sequence[Draw]) -> None:
        """Store the odds of a plan's draws before the first draw: an entry for each, once.

        Raise `CannotRun` if a campaign that has drawn with a seed now has another one, or none.
        """

    def drawn_with(self, campaign: str) -> str | None:
        """The digest of the seed with which the campaign draws; `None` without one."""

    def revealed(self) -> frozenset[str]:
        """The campaigns whose seeds were published."""

    def reveal(self, campaign: str, seed: str, at: datetime) -> Reveal:
        """Publish a campaign's seed, once, as an entry. Later calls return that entry."""

    def redraw(self, seeds: Seeds, draws: Sequence[Draw]) -> Redraw:
        """Draw again everything that was drawn with these seeds, published ones, or none.

        `draws` are the current plan's, for decisions from before ledgers stored odds.
        """
