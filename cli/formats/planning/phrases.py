"""The phrases of previews and differences, by the words of their data."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ....dsl.diagnostics.diagnostic import Phrase

CLAUSES: Mapping[str, Phrase] = MappingProxyType(
    {
        "audience": Phrase("preview.kind.audience"),
        "campaign": Phrase("preview.kind.campaign"),
        "cap": Phrase("preview.kind.cap"),
        "compliance": Phrase("preview.kind.compliance"),
        "customers": Phrase("preview.kind.customers"),
        "decided_before": Phrase("preview.kind.decided_before"),
        "decisions": Phrase("preview.kind.decisions"),
        "eligible": Phrase("preview.kind.eligible"),
        "exclusive": Phrase("preview.kind.exclusive"),
        "granted": Phrase("preview.kind.granted"),
        "reached": Phrase("preview.kind.reached"),
        "goal": Phrase("diff.kind.goal"),
        "holdout": Phrase("preview.kind.holdout"),
        "if": Phrase("preview.kind.if"),
        "key": Phrase("preview.kind.key"),
        "recipient": Phrase("preview.kind.recipient"),
        "reward": Phrase("preview.kind.reward"),
        "stage": Phrase("preview.kind.stage"),
        "trigger": Phrase("preview.kind.trigger"),
        "while": Phrase("preview.kind.while"),
    }
)
"""The kinds of lines of a preview, and of groups of customers."""

REASONS: Mapping[str, Phrase] = MappingProxyType(
    {
        "not_active": Phrase("preview.not_active"),
        "not_due": Phrase("preview.not_due"),
        "not_reached": Phrase("preview.not_reached"),
        "up_to_date": Phrase("preview.up_to_date"),
    }
)
"""Why a campaign is not in a preview; of those who lost customers its lines say so."""

OWNERS: Mapping[str, Phrase] = MappingProxyType(
    {
        "audience": Phrase("diff.owner.audience"),
        "benefit": Phrase("diff.owner.benefit"),
        "campaign": Phrase("diff.owner.campaign"),
        "field": Phrase("diff.owner.field"),
        "lifecycle": Phrase("diff.owner.lifecycle"),
        "policy": Phrase("diff.owner.policy"),
        "pool": Phrase("diff.owner.pool"),
        "project": Phrase("diff.owner.project"),
    }
)
"""The kinds of things that change."""

CHANGES: Mapping[str, Phrase] = MappingProxyType(
    {
        "audience": Phrase("diff.kind.audience"),
        "benefit": Phrase("diff.kind.benefit"),
        "budget": Phrase("diff.kind.budget"),
        "calendar": Phrase("diff.kind.calendar"),
        "campaign": Phrase("diff.kind.campaign"),
        "cap": Phrase("diff.kind.cap"),
        "chance": Phrase("diff.kind.chance"),
        "data": Phrase("diff.kind.data"),
        "experiment": Phrase("diff.kind.experiment"),
        "holdout": Phrase("diff.kind.holdout"),
        "journey": Phrase("diff.kind.journey"),
        "lateness": Phrase("diff.kind.lateness"),
        "lifecycle": Phrase("diff.kind.lifecycle"),
        "measure": Phrase("diff.kind.measure"),
        "message": Phrase("diff.kind.message"),
        "other": Phrase("diff.kind.other"),
        "policy": Phrase("diff.kind.policy"),
        "priority": Phrase("diff.kind.priority"),
        "project": Phrase("diff.kind.project"),
        "reversal": Phrase("diff.kind.reversal"),
        "brake": Phrase("diff.kind.brake"),
        "reward": Phrase("diff.kind.reward"),
        "spend": Phrase("diff.kind.spend"),
        "trigger": Phrase("diff.kind.trigger"),
        "window": Phrase("diff.kind.window"),
    }
)
"""The kinds of changes."""

WAYS: Mapping[str, Phrase] = MappingProxyType(
    {
        "added": Phrase("diff.added"),
        "removed": Phrase("diff.removed"),
        "reordered": Phrase("diff.reordered"),
        "entering": Phrase("diff.entering"),
        "leaving": Phrase("diff.leaving"),
    }
)
"""How something changed, and who enters or leaves."""
