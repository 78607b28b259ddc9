"""From what a rule of the grammar matched to its node: a method a rule, named like the rule.

Each takes the rule's children, tokens and nodes in the order of the text, with nothing in the place
of an optional part that is not there. Nodes are made while parsing, from the inside out, so nothing
recurses and nothing is walked twice. Area by area: `builder_campaigns`, `builder_rewards`,
`builder_policies`, `builder_expressions`.
"""

from __future__ import annotations

from typing import Any
from unicodedata import normalize

from ...tree import Boolean, Name, Node
from ..tokens import Token, covering
from .campaigns import CampaignBuilder
from .expressions import ExpressionBuilder
from .policies import PolicyBuilder
from .rewards import RewardBuilder


class Builder(CampaignBuilder, RewardBuilder, PolicyBuilder, ExpressionBuilder):
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
