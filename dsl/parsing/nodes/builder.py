"""Build a node for each reduced rule of the grammar: one method per rule, named like the rule.

A method takes the rule's children, tokens and nodes, in the order of the text. An optional part
that is absent is `None`. Nodes are built bottom-up while parsing, so nothing recurses and
nothing is visited twice. The methods are in the modules of this package, by what they
are about.
"""

from __future__ import annotations

from typing import Any
from unicodedata import normalize

from ...tree import Boolean, Name, Node
from ..tokens import Token, covering
from .campaigns import CampaignBuilder
from .expressions import ExpressionBuilder
from .journeys import JourneyBuilder
from .measures import MeasureBuilder
from .policies import PolicyBuilder
from .rewards import RewardBuilder
from .scenarios import ScenarioBuilder
from .triggers import TriggerBuilder


class Builder(
    CampaignBuilder,
    TriggerBuilder,
    JourneyBuilder,
    MeasureBuilder,
    RewardBuilder,
    PolicyBuilder,
    ScenarioBuilder,
    ExpressionBuilder,
):
    """Every rule's node."""

    @staticmethod
    def name(children: list[Token]) -> Name:
        """An identifier, with or without backticks."""
        (word,) = children
        return Name(normalize("NFKC", word.text.strip("`")), span=word.span)

    @staticmethod
    def literal(children: list[Token]) -> Node | None:
        """The node that the lexer made of the literal."""
        return children[0].literal

    @staticmethod
    def yes(children: list[Any]) -> Boolean:
        """`yes`."""
        return Boolean(True, span=covering(children))

    @staticmethod
    def no(children: list[Any]) -> Boolean:
        """`no` as a value."""
        return Boolean(False, span=covering(children))
