"""Format experiments."""

from __future__ import annotations

from ..tree import Experiment, Holdout, Split
from .layout import Doc, Indent, block, listed, phrase
from .literals import literal, name


def experiment(node: Experiment) -> Doc:
    """The holdout and the split, each on a line of its own."""
    statements = [Indent(_statement(one)) for one in node.statements]
    return phrase("experiment", name(node.name), block(statements))


def _statement(node: Holdout | Split) -> Doc:
    if isinstance(node, Holdout):
        return phrase("holdout", literal(node.percent))
    arms = [phrase(name(arm.name), literal(arm.percent)) for arm in node.arms]
    return phrase("split", listed(arms))
