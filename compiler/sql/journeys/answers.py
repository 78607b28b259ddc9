"""Questions about the steps of a journey: which a statement answers, and which the ledger does."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answers:
    """The questions in which the ledger has the last word, and a statement answers too.

    `grants`: conditions on past grants. `reached`: whether a step that keeps another from being
    taken was reached. A question without an answer lets everybody through.
    """

    grants: bool
    reached: bool


TO_SHOW = Answers(grants=True, reached=True)
"""People read what rules alone give."""

TO_RUN = Answers(grants=False, reached=False)
"""The runtime asks the ledger."""

TO_COUNT = Answers(grants=False, reached=True)
"""A count asks rules alone, and no past grants."""
