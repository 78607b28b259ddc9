"""The gate at delivery: whether a message may still be sent.

Time has passed since the decision. So consent, quiet hours and message caps are checked again, at
the instant at which the message is really sent.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from ...compiler.plan import Account, Campaign, Plan
from ..ledger.batches.frequency import Frequency
from ..ledger.outbox import LEFT, NO_CONSENT, Outbox, OutboxRow, Sent
from ..quiet_hours import first_allowed

StillAllowed = Callable[[str, Collection[str]], set[str]]
"""Returns the recipients of a campaign who still meet its compliance checks."""

Consents = Callable[[str, Collection[str]], set[str]]
"""Returns the recipients for whom a field of the customer is yes."""

NOT_ALLOWED = "not_allowed_at_delivery"
NO_CAMPAIGN = "campaign_removed"
NO_HOUR = "quiet_hours"


@dataclass(slots=True)
class Sifted:
    """Rows to send now, rows to send later, and suppressed rows by reason."""

    going: list[OutboxRow] = field(default_factory=list)
    later: list[tuple[OutboxRow, datetime]] = field(default_factory=list)
    stopped: dict[str, list[OutboxRow]] = field(default_factory=dict)

    def stop(self, row: OutboxRow, reason: str) -> None:
        """Suppress a row for good."""
        self.stopped.setdefault(reason, []).append(row)


class Gate:
    """A plan's rules for messages. Without `still_allowed`, compliance is not checked."""

    def __init__(
        self,
        plan: Plan,
        still_allowed: StillAllowed | None = None,
        consents: Consents | None = None,
    ) -> None:
        accounts = {account.id: account for account in plan.accounts}
        self._zone = ZoneInfo(plan.time_zone)
        self._campaigns = {campaign.name: campaign for campaign in plan.campaigns}
        self._caps = {
            campaign.name: tuple(accounts[id_] for id_ in campaign.message_caps)
            for campaign in plan.campaigns
        }
        self._staff = {
            message.channel
            for campaign in plan.campaigns
            for step in campaign.steps
            for message in step.messages
            if message.staff
        }
        self._fields = {
            message.channel: message.consent
            for campaign in plan.campaigns
            for step in campaign.steps
            for message in step.messages
            if message.consent is not None
        }
        self._consents = consents
        self._still_allowed = still_allowed

    def sift(
        self, outbox: Outbox, rows: Sequence[OutboxRow], at: Callable[[OutboxRow], datetime]
    ) -> Sifted:
        """Sort rows by what may be done with them. `at` returns when a row would be sent.

        Rows to be sent are counted for caps. A message of a journey that its customer left by then
        is stopped. Of all others only those to customers are checked: rewards, alerts and messages
        to staff always pass.
        """
        sifted = Sifted()
        allowed, refusing = self._allowed(rows), self._without_consent(rows)
        frequency = self._frequency(outbox, rows)
        left = outbox.left(row for row in rows if self._is_of_journey(row))
        for row in rows:
            campaign = self._campaigns.get(row.identity.campaign)
            if row.decision in left and left[row.decision] <= at(row):
                sifted.stop(row, LEFT)
            elif not self._is_for_customers(row):
                sifted.going.append(row)
            elif campaign is None:
                # Its rules are gone with it, so they cannot be checked.
                sifted.stop(row, NO_CAMPAIGN)
            elif row.identity.recipient not in allowed[campaign.name]:
                sifted.stop(row, NOT_ALLOWED)
            elif (row.channel, row.identity.recipient) in refusing:
                sifted.stop(row, NO_CONSENT)
            else:
                self._judge(sifted, frequency, campaign, row, at(row))
        outbox.count_sent(one for row in sifted.going for one in self.counted(row, at(row)))
        self.uncount(outbox, [row for stopped in sifted.stopped.values() for row in stopped])
        return sifted

    def counted(self, row: OutboxRow, at: datetime) -> list[Sent]:
        """Return the caps for which a message counts if it is sent at that instant."""
        recipient = row.identity.recipient
        return [
            Sent(cap.id, recipient, row.decision, row.channel, row.n, at)
            for cap in self._caps_of(row)
        ]

    def uncount(self, outbox: Outbox, rows: Sequence[OutboxRow]) -> None:
        """Remove rows from the counts, since they will not be sent."""
        outbox.uncount(one for row in rows for one in self.counted(row, row.deliver_at))

    def _caps_of(self, row: OutboxRow) -> tuple[Account, ...]:
        return self._caps.get(row.identity.campaign, ()) if self._is_for_customers(row) else ()

    def _is_of_journey(self, row: OutboxRow) -> bool:
        campaign = self._campaigns.get(row.identity.campaign)
        return row.kind == "message" and campaign is not None and campaign.journey is not None

    def _is_for_customers(self, row: OutboxRow) -> bool:
        return row.kind == "message" and row.channel not in self._staff

    def _judge(
        self,
        sifted: Sifted,
        frequency: Frequency,
        campaign: Campaign,
        row: OutboxRow,
        at: datetime,
    ) -> None:
        first = first_allowed(self._zone, campaign.quiet_hours, at)
        if first is None:
            sifted.stop(row, NO_HOUR)
            return
        if first != at:
            sifted.later.append((row, first))
            return
        caps, recipient = self._caps_of(row), row.identity.recipient
        capped = frequency.refusing(caps, recipient, at)
        if capped is not None:
            sifted.stop(row, capped.id)
            return
        frequency.add(caps, recipient, at)
        sifted.going.append(row)

    def _allowed(self, rows: Sequence[OutboxRow]) -> dict[str, Collection[str]]:
        addressed: dict[str, dict[str, None]] = {}
        for row in rows:
            if self._is_for_customers(row) and row.identity.campaign in self._campaigns:
                addressed.setdefault(row.identity.campaign, {})[row.identity.recipient] = None
        if self._still_allowed is None:
            return dict(addressed)
        return {name: self._still_allowed(name, list(who)) for name, who in addressed.items()}

    def _without_consent(self, rows: Sequence[OutboxRow]) -> set[tuple[str, str]]:
        """Return channels and recipients who do not consent to messages on them."""
        asked: dict[str, dict[str, None]] = {}
        for row in rows:
            if self._is_for_customers(row) and row.channel in self._fields:
                asked.setdefault(row.channel, {})[row.identity.recipient] = None
        if self._consents is None:
            return set()
        refusing: set[tuple[str, str]] = set()
        for channel, who in asked.items():
            agreed = self._consents(self._fields[channel], list(who))
            refusing.update((channel, one) for one in who if one not in agreed)
        return refusing

    def _frequency(self, outbox: Outbox, rows: Sequence[OutboxRow]) -> Frequency:
        """Return what recipients got before, without these rows' own earlier attempts."""
        pairs = [(cap.id, row.identity.recipient) for row in rows for cap in self._caps_of(row)]
        own = {(row.decision, row.channel, row.n) for row in rows}
        got: dict[tuple[str, str], list[datetime]] = {}
        for one in outbox.sent(pairs) if pairs else ():
            if (one.decision, one.channel, one.n) not in own:
                got.setdefault((one.account, one.recipient), []).append(one.at)
        return Frequency(self._zone, {pair: sorted(times) for pair, times in got.items()})
