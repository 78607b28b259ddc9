"""Late deliveries as the ledger's tables show them, and the alerts of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from ....compiler.plan import Campaign, Plan
from ...kept import entries, kept
from ..instants import instant, instant_text
from ..promised import Overdue, broken_before, kept_until
from ..store import Store

_LATE = (
    "SELECT count(DISTINCT decision), min(granted), min(decision) FROM ("
    " SELECT outbox.decision AS decision, COALESCE((SELECT max(amendments.at) FROM amendments"
    " WHERE amendments.decision = decisions.id AND amendments.kind IN ('served', 'claimed')),"
    " decisions.at) AS granted"
    " FROM outbox JOIN decisions ON decisions.id = outbox.decision"
    " WHERE outbox.kind = 'rewards' AND outbox.state IN ('waiting', 'dead')"
    " AND decisions.campaign = ?) AS promised"
    " WHERE granted < ? AND (granted >= ? OR decision > ?)"
)
_ALERTED = (
    "SELECT body FROM outbox JOIN decisions ON decisions.id = outbox.decision"
    " WHERE kind = 'alert' AND campaign = ? AND body LIKE ?"
)
_LAST = "SELECT max(id) FROM decisions WHERE campaign = ?"
_NEXT = "SELECT COALESCE(max(n), -1) + 1 FROM outbox WHERE decision = ? AND channel = ?"
_OF_DELIVERY = '{"overdue"%'


def overdue(store: Store, plan: Plan, at: datetime) -> Iterator[Overdue]:
    """See `Promising.overdue`."""
    zone = ZoneInfo(plan.time_zone)
    for campaign in plan.campaigns:
        until = broken_before(at, campaign, zone)
        if until is None:
            continue
        count, oldest, _ = store.ask(_LATE, (campaign.name, instant_text(until), "", 0))[0]
        if count:
            granted = instant(oldest)
            since = kept_until(granted, campaign, zone).astimezone(UTC)
            yield Overdue(campaign.name, count, granted, since)


def alert_overdue(store: Store, plan: Plan, at: datetime, channel: str) -> int:
    """See `Promising.alert_overdue`."""
    zone = ZoneInfo(plan.time_zone)
    promising = [one for one in plan.campaigns if one.settled_days is not None]

    def work() -> int:
        return sum(_alert(store, campaign, zone, at, channel) for campaign in promising)

    return store.write({one.name for one in promising}, work) if promising else 0


@kept
def _alerted(body: str) -> tuple[str, int]:
    """Up to when, and up to which decision, an earlier alert knew."""
    told = entries(body)
    return str(told["granted_before"]), int(told["decided_up_to"])


def _alert(store: Store, campaign: Campaign, zone: ZoneInfo, at: datetime, channel: str) -> bool:
    """Alert of the grants that became late since the last alert of the campaign."""
    broken = broken_before(at, campaign, zone)
    if broken is None:
        return False
    until = instant_text(broken)
    told = store.ask(_ALERTED, (campaign.name, _OF_DELIVERY))
    earlier = [_alerted(body) for (body,) in told]
    # A late event is decided under the instant at which it happened.
    since, known = map(max, zip(*earlier, strict=True)) if earlier else ("", 0)
    count, oldest, decision = store.ask(_LATE, (campaign.name, until, since, known))[0]
    if not count:
        return False
    facts = {
        "overdue": count,
        "oldest": oldest,
        "since": instant_text(kept_until(instant(oldest), campaign, zone)),
        "settled_within": campaign.settled_days,
        "working_days": campaign.settled_working,
        "granted_before": until,
        "decided_up_to": store.ask(_LAST, (campaign.name,))[0][0],
    }
    ((n,),) = store.ask(_NEXT, (decision, channel))
    body = json.dumps(facts, ensure_ascii=False)
    store.add("outbox", [(decision, channel, n, "alert", body, instant_text(at), "waiting", None)])
    return True
