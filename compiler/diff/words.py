"""The changes of a campaign in plain words: the sentences that no longer hold, and new ones."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from ...dsl.diagnostics.diagnostic import Phrase
from ..plan import Plan
from ..wording.campaigns import clauses
from ..wording.clauses import Clause
from ..wording.names import names_of

_OF_THE_TEAM = frozenset({"owner", "goal"})
"""Clauses that decide nothing."""


@dataclass(frozen=True, slots=True)
class Sentences:
    """The sentences about a campaign that only the old plan has, and those of the new one."""

    campaign: str
    gone: tuple[Clause, ...]
    come: tuple[Clause, ...]


def in_words(old: Plan, new: Plan, campaigns: Collection[str]) -> tuple[Sentences, ...]:
    """The changes of these campaigns in sentences. One that reads as before is left out."""
    before, after = dict(_said(old, campaigns)), dict(_said(new, campaigns))
    found = []
    for name in dict.fromkeys((*before, *after)):
        was, is_now = before.get(name, ()), after.get(name, ())
        gone, come = _without(was, is_now), _without(is_now, was)
        if gone or come:
            found.append(Sentences(name, gone, come))
    return tuple(found)


def _said(plan: Plan, campaigns: Collection[str]) -> Iterator[tuple[str, tuple[Clause, ...]]]:
    names = names_of(plan)
    for campaign in plan.campaigns:
        if campaign.name in campaigns:
            every = clauses(names, campaign)
            yield campaign.name, tuple(one for one in every if one.kind not in _OF_THE_TEAM)


def _without(some: tuple[Clause, ...], others: tuple[Clause, ...]) -> tuple[Clause, ...]:
    # Comparing the few sentences of one form is quicker than a hash of everything in each.
    known: dict[str, list[tuple[Phrase, str | None]]] = {}
    for one in others:
        known.setdefault(one.says.key, []).append((one.says, one.step))
    return tuple(one for one in some if (one.says, one.step) not in known.get(one.says.key, ()))
