"""The results of a run as JSON, in the shape of docs/json.md."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from .grants import grant_row
from .nothing import Teller, as_object

if TYPE_CHECKING:
    from ...runtime.run.report import CampaignReport, RunReport

FORMAT_VERSION = 1


def render(report: RunReport, teller: Teller) -> str:
    """One JSON document."""
    return json.dumps(_document(report, teller), ensure_ascii=False, indent=2) + "\n"


def on_one_line(report: RunReport, teller: Teller) -> str:
    """The document without line breaks."""
    return json.dumps(_document(report, teller), ensure_ascii=False)


def _document(report: RunReport, teller: Teller) -> dict[str, object]:
    delivered = report.delivered
    grants = [] if report.grants is None else [grant_row(row) for row in report.grants]
    return {
        "format_version": FORMAT_VERSION,
        "from": _instant(report.start),
        "to": _instant(report.end),
        "dry_run": report.rehearsed,
        "campaigns": [_campaign(one, teller) for one in report.campaigns],
        "ended": report.ended,
        "left_out": [
            {"table": one.table, "count": one.count, "rows": one.rows} for one in report.left_out
        ],
        "delivered": _counts(delivered.delivered.items()),
        "suppressed": _counts(delivered.suppressed.items()),
        "failed": _counts(delivered.failed.items()),
        "dead": _counts(delivered.dead.items()),
        "waiting": _counts(report.waiting.items()),
        **({} if report.grants is None else {"grants": grants}),
    }


def _campaign(one: CampaignReport, teller: Teller) -> dict[str, object]:
    nothing = one.nothing
    return {
        "campaign": one.campaign,
        "step": one.step,
        "renamed": one.renamed,
        "looked": one.looked,
        "reached": one.reached,
        "granted": one.granted,
        "repeated": one.repeated,
        "changed": one.changed,
        "outcomes": _counts(one.outcomes.items()),
        "claims": _counts(one.claims.items()),
        "reversals": _counts(one.reversals.items()),
        "kept_back": _counts(one.kept_back.items()),
        "spent": _money(one.spent),
        "budget": _money(one.budget),
        "left": _money(one.left),
        "nothing": None if nothing is None else as_object(nothing, teller.why(one)),
    }


def _counts(counts: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Return the counts that are not 0, by name."""
    return {name: count for name, count in sorted(counts) if count}


def _money(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:f}"


def _instant(at: datetime) -> str:
    return at.isoformat()
