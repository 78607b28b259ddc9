"""Plain steps, bundles and decisions: those that columns decide. `Deciding` has all others.

Plain decisions need nothing of a batch but its balances and the decisions before them. So these
are not plain: journeys, reversals, brakes on spend, message caps, late events, codes, prices, and
wallets for which campaigns wait.
"""

from __future__ import annotations

from ...decide.charges import MOST
from ...decide.decisions import Decision
from ..batches.books import Books, Bundle, StepBook
from ..brakes.spending import brakes_of


def is_plain_step(book: StepBook) -> bool:
    """Whether decisions of a step may be plain."""
    campaign = book.campaign
    return (
        campaign.journey is None
        and campaign.reversal is None
        and campaign.late_events is None
        and book.step.follows is None
        and not book.caps
        and not brakes_of(campaign)
    )


def is_plain_bundle(books: Books, bundle: Bundle) -> bool:
    """Whether a grant of a bundle takes nothing but room, and fires nothing."""
    return (
        not bundle.drains
        and not bundle.spends
        and bundle.cost <= MOST
        and books.coded.isdisjoint(bundle.benefits)
        and not any(moves.wallet in books.thresholds for moves in bundle.wallets)
    )


def is_plain(decision: Decision) -> bool:
    """Whether a decision of a plain step has one bundle, all of which it gives or nothing."""
    return not decision.fallback and decision.times is None and not decision.left
