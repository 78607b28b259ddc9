"""Lifecycles with their stages, and audiences."""

from __future__ import annotations

from ..tree import Audience, Lifecycle, Stage
from .expressions import SUM, condition, operand, parenthesised
from .layout import (
    NOTHING,
    Align,
    Doc,
    Group,
    Indent,
    Line,
    block,
    columned,
    join,
    phrase,
    words_of,
)
from .literals import label, name, titled


def lifecycle(node: Lifecycle) -> Doc:
    """The stages in columns: name, label, condition."""
    named = titled("lifecycle", node.name, node.label)
    head = phrase(named, "ladder") if node.kind == "ladder" else named
    if node.score is not None:
        head = phrase(named, "by score", operand(node.score, SUM))
    rows = [_stage(each, "from" if node.kind == "ladder" else "when") for each in node.stages]
    return phrase(Indent(head), block([Indent(row) for row in columned(rows, gap=2)]))


def _stage(node: Stage, opening: str) -> tuple[Doc, Doc, Doc]:
    holds = NOTHING
    if node.threshold is not None:
        holds = phrase("from", Align(operand(node.threshold, SUM)))
    elif node.condition is not None:
        holds = phrase(opening, Align(condition(node.condition)))
    return phrase("stage", name(node.name)), label(node.label), holds


def audience(node: Audience) -> Doc:
    """`audience high_value "高净值" aum >= 500_000 CNY`."""
    head = titled("audience", node.name, node.label)
    holds = condition(node.condition)
    if node.label is None and next(words_of(holds)).text.startswith('"'):
        # Bare, the text would be the label.
        holds = parenthesised(holds)
    return Indent(join(head, Group(join(Line(), Align(holds)))))
