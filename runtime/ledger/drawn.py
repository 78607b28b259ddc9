"""Draws as a ledger keeps them: the odds, which seed decides, and what a redraw found."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from ...compiler.plan.chance import Seeds
from ...dsl.diagnostics.diagnostic import Diagnostic


class Prize(NamedTuple):
    """A prize of a draw: the first one whose `below` comes after the ticket is drawn.

    `content`: the ledger's hash of what it gives; empty where data decides how much. `lines`: its
    rewards, with the amounts that are the same for everybody.
    """

    below: str
    content: str
    lines: tuple[tuple[str, str | None], ...]

    @property
    def shown(self) -> str:
        """As people read it: `coffee and 10 points`."""
        return shown(self.lines)


def shown(lines: Sequence[tuple[str, str | None]]) -> str:
    """Rewards with their amounts, where there is one to be told."""
    return " and ".join(name if much is None else f"{much} {name}" for name, much in lines)


@dataclass(frozen=True, slots=True)
class Draw:
    """A step that draws, under a plan. `seed`: the digest of the campaign's; `None` without one."""

    campaign: str
    step: str
    seed: str | None
    prizes: tuple[Prize, ...]

    def prize(self, ticket: str) -> Prize | None:
        """The prize that a ticket draws, if it draws one."""
        return next((one for one in self.prizes if ticket < one.below), None)


def odds_told(prizes: Sequence[Prize]) -> str:
    """Prizes as an entry of the ledger keeps them: JSON."""
    return json.dumps(prizes, ensure_ascii=False, separators=(",", ":"))


def odds_read(told: str) -> tuple[Prize, ...]:
    """The prizes that `odds_told` wrote."""
    return tuple(
        Prize(below, content, tuple((name, much) for name, much in lines))
        for below, content, lines in json.loads(told)
    )


@dataclass(frozen=True, slots=True)
class Reveal:
    """A seed that was published. `digest` is its SHA-256, `at` when it was published first."""

    campaign: str
    seed: str
    digest: str
    at: datetime


@dataclass(frozen=True, slots=True)
class DrawnAgain:
    """The decisions of a draw with one seed. `seed`: its digest; `None` for those without.

    `redrawn` were drawn again; `left` could not be, as their seed or their odds are not known.
    """

    campaign: str
    step: str
    seed: str | None
    redrawn: int
    left: int


@dataclass(frozen=True, slots=True)
class Redraw:
    """All draws of a ledger drawn again; `findings` names each that comes out otherwise."""

    draws: tuple[DrawnAgain, ...]
    findings: tuple[Diagnostic, ...]


class Drawing(Protocol):
    """The part of a ledger that keeps draws honest."""

    def declare(self, digest: str, draws: Sequence[Draw]) -> None:
        """Keeps, before anything is drawn under the plan of that digest, how it is drawn.

        An entry each, once. `CannotRun` if a campaign that has drawn with a seed has another now,
        or none.
        """

    def drawn_with(self, campaign: str) -> str | None:
        """The digest of the seed with which the campaign draws; `None` if it has none."""

    def revealed(self) -> frozenset[str]:
        """The campaigns whose seeds were published."""

    def reveal(self, campaign: str, seed: str, at: datetime) -> Reveal:
        """Publishes a campaign's seed, once: an entry. Later calls return what was kept."""

    def redraw(self, seeds: Seeds, draws: Sequence[Draw]) -> Redraw:
        """Draws again whatever was drawn with these seeds, with published ones, or without any.

        `draws`: those of the plan at hand, for decisions from before ledgers kept the odds.
        """
