"""The demands of compliance on a campaign."""

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
    def author(self) -> str | Phrase:
        """The author of the demand, in the reader's language."""
        return self.by if self.kind == "policy" else words.THIS_CAMPAIGN


@dataclass(frozen=True, slots=True)
class Subject:
    """The facts about a campaign that its demands are checked against."""

    name: str
    node: tree.Name
    scope: Scope
    goal: str | None
    budget: Decimal | None
