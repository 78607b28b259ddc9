"""Every draw of a ledger drawn again, and each that comes out otherwise by name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from ....compiler.plan.chance import Seeds, seed_digest, ticket
from ....dsl.diagnostics.diagnostic import Diagnostic, diagnose
from ...codes import ledger as codes
from ...kept import entries
from ..drawn import Draw, DrawnAgain, Prize, Redraw, odds_read, prize_text
from ..store import Row, Store
from .entries import revealed

_DRAWS = "SELECT campaign, step, plan, seed, odds FROM draws ORDER BY id"
_DECISIONS = """
SELECT id, recipient, occurrence, customer, outcome, fallback, content, plan, facts, 0
FROM decisions WHERE campaign = ? AND step = ?
UNION ALL
SELECT id, recipient, occurrence, customer, outcome, fallback, content, plan, facts, 1
FROM rewound_decisions WHERE campaign = ? AND step = ?
ORDER BY 1
"""
_LINES = """
SELECT decision, line, reward, amount, grants.benefit IS NOT NULL
FROM grants JOIN decisions ON decisions.id = decision
WHERE campaign = ? AND step = ? ORDER BY decision, line
"""


def redraw(store: Store, seeds: Seeds, draws: Sequence[Draw]) -> Redraw:
    """See `Drawing.redraw`."""
    with store.reading():
        published = revealed(store)
        steps: dict[tuple[str, str], dict[int, Draw]] = {}
        for campaign, step, plan, seed, odds in store.ask(_DRAWS):
            draw = Draw(campaign, step, seed, odds_read(odds))
            steps.setdefault((campaign, step), {})[plan] = draw
        now = {(draw.campaign, draw.step): draw for draw in draws}
        found: list[Diagnostic] = []
        rows: list[DrawnAgain] = []
        for key in sorted({*steps, *now}):
            seed = published.get(key[0]) or seeds.of(key[0])
            step = _Step(*key, steps.get(key, {}), now.get(key), seed)
            found.extend(step.findings(store))
            rows.extend(step.rows())
        return Redraw(tuple(rows), tuple(found))


class _Step:
    """A step that draws. `declared`: how, by plan; `now`: the plan at hand, for all others."""

    def __init__(
        self,
        campaign: str,
        step: str,
        declared: Mapping[int, Draw],
        now: Draw | None,
        seed: str | None,
    ) -> None:
        self._key = (campaign, step)
        self._declared = declared
        self._now = now
        self._seed = seed
        self._digest = None if seed is None else seed_digest(seed)
        self._redrawn: Counter[str | None] = Counter()
        self._left: Counter[str | None] = Counter({draw.seed: 0 for draw in declared.values()})

    def rows(self) -> Iterator[DrawnAgain]:
        """The number of decisions of each seed."""
        for seed in sorted({*self._redrawn, *self._left}, key=lambda one: one or ""):
            yield DrawnAgain(*self._key, seed, self._redrawn[seed], self._left[seed])

    def findings(self, store: Store) -> Iterator[Diagnostic]:
        """The decisions that another prize was drawn for."""
        lines = groupby(store.stream(_LINES, self._key), key=lambda row: int(row[0]))
        number, given = next(lines, (0, iter(())))
        for row in store.stream(_DECISIONS, (*self._key, *self._key)):
            got: list[Row] = []
            while number and number <= row[0]:
                if number == row[0]:
                    got = list(given)
                number, given = next(lines, (0, iter(())))
            yield from self._finding(_Decision._make((*row, _read(got))))

    def _finding(self, decision: _Decision) -> Iterator[Diagnostic]:
        draw = self._declared.get(decision.plan)
        seed = None if draw is None else draw.seed
        by_hand = "manual" in entries(decision.facts)
        if by_hand:
            return
        if (draw is None and self._now is None) or (seed is not None and seed != self._digest):
            self._left[seed] += 1
            return
        drawn = ticket(
            *self._key, decision.customer, decision.occurrence, self._seed if seed else None
        )
        odds = draw or self._now
        prize = None if odds is None else odds.prize(drawn)
        if prize is not None and decision.has(prize):
            self._redrawn[seed] += 1
            return
        other = None if odds is None else decision.among(odds.prizes)
        if draw is None and other is None:
            # From before odds were kept: they may have been others then.
            self._left[seed] += 1
            return
        self._redrawn[seed] += 1
        yield diagnose(
            codes.DRAWN_OTHERWISE,
            None,
            decision="/".join((*self._key, decision.recipient, decision.occurrence)),
            found=decision.granted_prize(other),
            ticket=drawn,
            expected=codes.NO_PRIZE if prize is None else prize.shown,
        )


class _Decision(NamedTuple):
    """A decision of the step, with the lines of its grant: reward, and amount of no benefit.

    `rewound`: it was taken back, and its lines with it.
    """

    number: int
    recipient: str
    occurrence: str
    customer: str
    outcome: str
    fallback: int
    content: str
    plan: int
    facts: str
    rewound: int
    lines: tuple[tuple[str, str | None], ...]

    def has(self, prize: Prize) -> bool:
        """Whether this is what was asked for and, where it was granted, what was given."""
        if prize.content and self.content != prize.content:
            return False
        if self.fallback or self.rewound or self.outcome != "granted":
            return True
        given = self.lines[: len(prize.lines)]
        return len(given) == len(prize.lines) and all(
            name == wanted and (much is None or amount == much)
            for (name, amount), (wanted, much) in zip(given, prize.lines, strict=True)
        )

    def among(self, prizes: Sequence[Prize]) -> Prize | None:
        """The prize that it is instead, if it is one."""
        return next((prize for prize in prizes if self.has(prize)), None)

    def granted_prize(self, other: Prize | None) -> str:
        """Return the granted prize as people read it."""
        if self.lines:
            return prize_text(self.lines)
        return other.shown if other else self.outcome


def _read(rows: Sequence[Row]) -> tuple[tuple[str, str | None], ...]:
    return tuple((reward, None if of else amount) for _, _, reward, amount, of in rows)
