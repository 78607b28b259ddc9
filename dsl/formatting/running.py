"""Clauses that say how a campaign is run: what is late, what pauses it, what takes back."""

from __future__ import annotations

from typing import TypeAlias, assert_never

from ..tree import LateWithin, PauseWhen, ReversedOn, WhilePaused
from .expressions import condition, member
from .layout import NOTHING, Doc, phrase
from .literals import literal, name

RunClause: TypeAlias = LateWithin | WhilePaused | PauseWhen | ReversedOn


def run_clause(node: RunClause) -> Doc:
    """The clause on one line."""
    match node:
        case LateWithin(of, duration):
            return phrase(of, "within", literal(duration))
        case WhilePaused(action):
            return phrase("while paused", action)
        case PauseWhen():
            return _pause_when(node)
        case ReversedOn():
            return _reversed_on(node)
        case _:
            assert_never(node)


def _pause_when(node: PauseWhen) -> Doc:
    """`pause when failures over 5% of at least 100 within 10 minutes call "Lin"`."""
    least = NOTHING if node.at_least is None else phrase("of at least", literal(node.at_least))
    within = phrase("of yesterday")
    if node.within is not None:
        within = phrase("within", literal(node.within))
    call = NOTHING if node.call is None else phrase("call", literal(node.call))
    over = literal(node.over)
    return phrase("pause when", name(node.measure), "over", over, least, within, call)


def _reversed_on(node: ReversedOn) -> Doc:
    """`reversed on refund where … by event.order_id in proportion event.amount to amount`."""
    holds = NOTHING if node.where is None else phrase("where", condition(node.where))
    ratio = NOTHING
    if node.part is not None and node.whole is not None:
        ratio = phrase("in proportion", member(node.part), "to", name(node.whole))
    return phrase("reversed on", name(node.event), holds, "by", member(node.order), ratio)
