"""What a run did, for people: a line a campaign, and what else they should know."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from ..screen.tables import Column

if TYPE_CHECKING:
    from ...runtime.decide.claims import ClaimOutcome
    from ...runtime.decide.decisions import Outcome
    from ...runtime.ledger.batches.conflicts import Conflict
    from ...runtime.run.report import CampaignReport, RunReport

# In the order in which a decision meets its checks.
_REFUSED = {
    "other_customer": "under another customer's key",
    "held_out": "held out",
    "not_eligible": "not eligible",
    "over_limit": "over a limit",
    "insufficient_balance": "balance too low",
    "out_of_stock": "out of stock",
    "over_budget": "over budget",
    "waitlisted": "waiting",
}


_KEPT_BACK = {
    "forbidden_phrase": "with a forbidden phrase",
    "message_failed": "that cannot be written",
    "message_too_long": "too long",
}


_CLAIMS = {
    "claimed": "claimed",
    "other_customer": "under another customer's key",
    "unknown": "of no offer",
    "not_yours": "of another's offer",
    "reversed": "of an offer taken back",
    "already_claimed": "claimed already",
    "other_choice": "with another choice made",
    "too_early": "before the offer",
    "expired": "expired",
    "not_offered": "not offered",
    "insufficient_balance": "balance too low",
    "out_of_stock": "out of stock",
}


def columns(currency: str) -> tuple[Column, ...]:
    """The headings; money is in the project's currency."""
    return (
        Column("campaign"),
        Column("reached", number=True),
        Column("granted", number=True),
        Column("earlier", number=True),
        Column("refused"),
        Column(f"spent ({currency})", number=True),
        Column("left", number=True),
    )


def rows(report: RunReport) -> list[tuple[str, ...]]:
    """A row a campaign, in the order of their names."""
    return [_row(campaign) for campaign in report.campaigns]


def notes(report: RunReport) -> Iterator[str]:
    """What a table has no room for, a line each."""
    if report.rehearsed:
        yield "a dry run: nothing was kept and nothing was delivered"
    for each in report.campaigns:
        if each.changed:
            yield changed_note(each.campaign, each.changed)
            yield from conflict_notes(each.conflicts)
        if each.claims:
            yield claims_note(each.campaign, each.claims)
        if each.kept_back:
            yield kept_back_note(each.campaign, each.kept_back)
    for table in report.left_out:
        yield f"{table.table}: {table.count:,} of {table.rows:,} rows left out"
    if report.ended:
        yield f"{report.ended:,} offers, grants or lots of points have ended"
    for channel, waiting in sorted(report.waiting.items()):
        yield f"{channel}: {waiting:,} more to deliver when their time has come"


def changed_note(campaign: str, changed: int) -> str:
    """How many decisions would be different now."""
    return (
        f"{campaign}: {changed:,} decisions would be different under this plan;"
        " what was decided before stands"
    )


def conflict_notes(conflicts: Iterable[Conflict]) -> Iterator[str]:
    """What stands of each, and what it would be now."""
    for one in conflicts:
        campaign, _, recipient, occurrence = one.identity
        now = one.now if one.now != one.kept else f"{one.now} of another cost"
        yield f"  {campaign} {recipient} {occurrence}: {one.kept}, now {now}"


def kept_back_note(campaign: str, reasons: Mapping[str, int]) -> str:
    """How many messages of grants do not go out, each reason in words."""
    return f"{campaign}: messages kept back: {', '.join(kept_back(reasons))}"


def kept_back(reasons: Mapping[str, int]) -> Iterator[str]:
    """How many messages do not go out for which reason, in words."""
    return (f"{count:,} {_KEPT_BACK.get(name, name)}" for name, count in sorted(reasons.items()))


def claims_note(campaign: str, outcomes: Mapping[ClaimOutcome, int]) -> str:
    """What became of the events that claimed, each outcome in words."""
    counts = {str(outcome): count for outcome, count in outcomes.items()}
    told = (f"{counts[name]:,} {words}" for name, words in _CLAIMS.items() if counts.get(name))
    return f"{campaign}: {sum(counts.values()):,} claims: {', '.join(told)}"


def _row(campaign: CampaignReport) -> tuple[str, ...]:
    return (
        campaign.renamed or campaign.campaign,
        f"{campaign.reached:,}",
        f"{campaign.granted:,}",
        f"{campaign.repeated:,}",
        ", ".join(refused(campaign.outcomes)) or "-",
        _money(campaign.spent),
        _money(campaign.left),
    )


def refused(outcomes: Mapping[Outcome, int]) -> Iterator[str]:
    """What was refused for which reason, in words."""
    counts = {str(outcome): count for outcome, count in outcomes.items()}
    for outcome, words in _REFUSED.items():
        if counts.get(outcome):
            yield f"{counts[outcome]:,} {words}"


def _money(amount: Decimal | None) -> str:
    return "-" if amount is None else f"{amount:,f}"
