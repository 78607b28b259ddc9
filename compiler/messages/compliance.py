"""What compliance demands of a campaign."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from ...dsl import tree
from ...dsl.diagnostics.diagnostic import Phrase
from ..check.scope import Scope
from ..codes import compliance as words

CLASSES = ("C1", "C2", "C3")


@dataclass(frozen=True, slots=True)
class Demand:
    """A statement and who makes it: a policy, or the campaign itself."""

    by: str
    kind: Literal["policy", "campaign"]
    statement: tree.PolicyStatement

    @property
    def said(self) -> str | Phrase:
        """Who makes it, in the reader's language."""
        return self.by if self.kind == "policy" else words.THIS_CAMPAIGN


@dataclass(frozen=True, slots=True)
class Subject:
    """What is known of the campaign when its demands are weighed."""

    name: str
    node: tree.Name
    scope: Scope
    goal: str | None
    budget: Decimal | None
