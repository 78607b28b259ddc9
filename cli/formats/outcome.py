"""The results of a run as a table for people, with notes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from ...dsl.diagnostics.diagnostic import Phrase, joined
from ..screen.tables import Column

if TYPE_CHECKING:
    from ...runtime.decide.claims import ClaimOutcome
    from ...runtime.decide.decisions import Outcome
    from ...runtime.decide.reversing.events import ReversalOutcome
    from ...runtime.ledger.batches.conflicts import Conflict
    from ...runtime.run.report import CampaignReport, RunReport

# In the order in which a decision meets its checks.
_REFUSED = {
    "other_customer": Phrase("outcome.other_customer"),
    "stopped": Phrase("outcome.stopped"),
    "paused": Phrase("outcome.paused"),
    "held_out": Phrase("outcome.held_out"),
    "not_eligible": Phrase("outcome.not_eligible"),
    "not_reached": Phrase("outcome.not_reached"),
    "already_inside": Phrase("outcome.already_inside"),
    "too_late": Phrase("outcome.too_late"),
    "reversed": Phrase("outcome.reversed_before"),
    "over_limit": Phrase("outcome.over_limit"),
    "insufficient_balance": Phrase("outcome.insufficient_balance"),
    "out_of_stock": Phrase("outcome.out_of_stock"),
    "over_budget": Phrase("outcome.over_budget"),
    "waitlisted": Phrase("outcome.waitlisted"),
}


_KEPT_BACK = {
    "forbidden_phrase": Phrase("outcome.forbidden_phrase"),
    "message_failed": Phrase("outcome.message_failed"),
    "message_too_long": Phrase("outcome.message_too_long"),
}


_CLAIMS = {
    "claimed": Phrase("outcome.claimed"),
    "other_customer": Phrase("outcome.other_customer"),
    "unknown": Phrase("outcome.unknown"),
    "not_yours": Phrase("outcome.not_yours"),
    "reversed": Phrase("outcome.reversed"),
    "already_claimed": Phrase("outcome.already_claimed"),
    "other_choice": Phrase("outcome.other_choice"),
    "too_early": Phrase("outcome.too_early"),
    "expired": Phrase("outcome.expired"),
    "not_offered": Phrase("outcome.not_offered"),
    "insufficient_balance": Phrase("outcome.insufficient_balance"),
    "out_of_stock": Phrase("outcome.out_of_stock"),
}


_REVERSALS = {
    "reversed": Phrase("outcome.taken_back"),
    "partly_reversed": Phrase("outcome.partly_reversed"),
    "kept": Phrase("outcome.kept"),
    "nothing_due": Phrase("outcome.nothing_due"),
    "already_reversed": Phrase("outcome.already_reversed"),
    "names_nothing": Phrase("outcome.names_nothing"),
    "of_another": Phrase("outcome.of_another"),
    "other_customer": Phrase("outcome.other_customer"),
}


def columns(currency: str) -> tuple[Column, ...]:
    """Return the headings; money is in the project's currency."""
    return (
        Column("campaign"),
        Column("reached", number=True),
        Column("granted", number=True),
        Column("earlier", number=True),
        Column("refused"),
        Column(Phrase("headings.spent_in", currency=currency), number=True),
        Column("left", number=True),
    )


def rows(report: RunReport) -> list[tuple[str | Phrase, ...]]:
    """A row a step, in the order of the plan."""
    return [_row(campaign) for campaign in report.campaigns]


def notes(report: RunReport) -> Iterator[Phrase]:
    """Yield a line for each result that the table does not show."""
    if report.rehearsed:
        yield Phrase("outcome.dry_run")
    for each in report.campaigns:
        if each.changed:
            yield changed_note(each.shown, each.changed)
            yield from conflict_notes(each.conflicts)
        if each.claims:
            yield claims_note(each.shown, each.claims)
        if each.reversals:
            yield reversals_note(each.shown, each.reversals)
        if each.kept_back:
            yield kept_back_note(each.shown, each.kept_back)
    for table in report.left_out:
        yield Phrase(
            "outcome.left_out", table=table.table, count=f"{table.count:,}", rows=f"{table.rows:,}"
        )
    if report.ended:
        yield Phrase("outcome.ended", count=f"{report.ended:,}")
    for channel, waiting in sorted(report.waiting.items()):
        yield Phrase("outcome.more_to_deliver", channel=channel, count=f"{waiting:,}")


def changed_note(campaign: str, changed: int) -> Phrase:
    """The number of decisions that would be different now."""
    return Phrase("outcome.changed", campaign=campaign, count=f"{changed:,}")


def conflict_notes(conflicts: Iterable[Conflict]) -> Iterator[Phrase]:
    """Yield a line for each conflict: the decision in force, and what it would be now."""
    for one in conflicts:
        who = one.identity
        now: str | Phrase = one.now
        if one.now == one.kept:
            now = Phrase("outcome.of_another_cost", outcome=one.now)
        yield Phrase(
            "outcome.conflict",
            campaign=who.campaign,
            recipient=who.recipient,
            occurrence=who.occurrence,
            kept=one.kept,
            now=now,
        )


def kept_back_note(campaign: str, reasons: Mapping[str, int]) -> Phrase:
    """The number of messages of grants that do not go out, by reason in words."""
    return Phrase("outcome.kept_back", campaign=campaign, reasons=kept_back(reasons))


def kept_back(reasons: Mapping[str, int]) -> str | Phrase:
    """The number of messages that do not go out, by reason in words; `-` if there are none."""
    return _listed((_KEPT_BACK.get(name, name), count) for name, count in sorted(reasons.items()))


def claims_note(campaign: str, outcomes: Mapping[ClaimOutcome, int]) -> Phrase:
    """Return the claims of a campaign in words, by outcome."""
    counts = {str(outcome): count for outcome, count in outcomes.items()}
    became = _listed((words, counts[name]) for name, words in _CLAIMS.items() if counts.get(name))
    count = f"{sum(counts.values()):,}"
    return Phrase("outcome.claims", campaign=campaign, count=count, outcomes=became)


def reversals_note(campaign: str, outcomes: Mapping[ReversalOutcome, int]) -> Phrase:
    """Return the reversals of a campaign in words, by outcome."""
    counts = {str(outcome): count for outcome, count in outcomes.items()}
    became = _listed(
        (words, counts[name]) for name, words in _REVERSALS.items() if counts.get(name)
    )
    count = f"{sum(counts.values()):,}"
    return Phrase("outcome.reversals", campaign=campaign, count=count, outcomes=became)


def _row(campaign: CampaignReport) -> tuple[str | Phrase, ...]:
    return (
        campaign.shown,
        f"{campaign.reached:,}",
        f"{campaign.granted:,}",
        f"{campaign.repeated:,}",
        refused(campaign.outcomes),
        _money(campaign.spent),
        _money(campaign.left),
    )


def refused(outcomes: Mapping[Outcome, int]) -> str | Phrase:
    """The number of refusals by reason, in words; `-` if there are none."""
    counts = {str(outcome): count for outcome, count in outcomes.items()}
    return _listed((words, counts[name]) for name, words in _REFUSED.items() if counts.get(name))


def _listed(counted: Iterable[tuple[str | Phrase, int]]) -> str | Phrase:
    parts = [Phrase("outcome.count", count=f"{count:,}", what=words) for words, count in counted]
    return joined("outcome.comma", parts) if parts else "-"


def _money(amount: Decimal | None) -> str:
    return "-" if amount is None else f"{amount:,f}"
