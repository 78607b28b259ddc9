"""The period in which a campaign is active."""

from __future__ import annotations

from datetime import datetime

from ...compiler.plan import Campaign


def is_active(campaign: Campaign, at: datetime) -> bool:
    """Whether an instant lies in the campaign's active period, both ends included."""
    after_start = campaign.active_from is None or campaign.active_from <= at
    before_end = campaign.active_to is None or at <= campaign.active_to
    return after_start and before_end
