"""The outbox rows of a grant, written in its transaction."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from ...decide.decisions import Line
from ...quiet_hours import first_allowed
from ..instants import instant_text
from ..outbox import waits_for
from .balances import Balance
from .batch import Charges, PreparedGrant, Request
from .books import ALERTS, REWARDS, Books
from .entries import Entries, OutboxRows
from .frequency import Frequency

NO_HOUR = "quiet_hours"


class OutboxWriter:
    """Adds the outbox rows of one batch's grants to its entries."""

    def __init__(self, books: Books, frequency: Frequency, entries: Entries) -> None:
        self._books = books
        self._frequency = frequency
        self._entries = entries
        self._of_messages_alone = not (books.tells_rewards or books.tells_alerts)

    def tell(
        self, number: int, request: Request, given: PreparedGrant, codes: Sequence[str] = ()
    ) -> tuple[str, ...]:
        """Add messages, rewards to fulfil, and alerts; return reasons of unsendable messages.

        `codes` are those of the grant's benefits.
        """
        if self._of_messages_alone and not request.book.step.messages:
            return ()
        rows = OutboxRows(number)
        kept_back: tuple[str, ...] = ()
        # A manual grant has no warehouse from which to fill a message.
        if request.book.step.messages and request.manual is None:
            kept_back = self._tell_messages(rows, request, given.lines, codes)
        # An offer cannot be fulfilled yet.
        if self._books.tells_rewards and given.lines and given.lines[0].choice is None:
            rows.add(REWARDS, "rewards", "", given.deliver_at)
        if self._books.tells_alerts:
            self._tell_alerts(rows, request, given.charges)
        self._entries.outbox.extend(rows.rows)
        return kept_back

    def _tell_messages(
        self, rows: OutboxRows, request: Request, lines: tuple[Line, ...], codes: Sequence[str]
    ) -> tuple[str, ...]:
        decision, book, recipient = request.decision, request.book, request.key[2]
        start = max(decision.at, decision.deliver_at)
        deliver_at = first_allowed(self._books.zone, book.campaign.quiet_hours, start)
        written = self._books.messages.write(decision, lines, codes)
        before = ("", 0)
        for n, message in enumerate(written):
            channel, text = message.channel, message.text
            instead_of, before = before, (channel, rows.next(channel))
            if message.reason is not None:
                due = instant_text(start if deliver_at is None else deliver_at)
                rows.add(channel, "message", text, due, message.reason)
                continue
            if book.step.messages[n].otherwise:
                due = instant_text(start if deliver_at is None else deliver_at)
                rows.add(channel, "message", text, due, waits_for(*instead_of))
                continue
            if book.step.messages[n].staff:
                rows.add(channel, "message", text, instant_text(start))
                continue
            if deliver_at is None:
                rows.add(channel, "message", text, instant_text(start), NO_HOUR)
                continue
            capped = self._frequency.refusing(book.caps, recipient, decision.at)
            due = instant_text(deliver_at)
            if capped is not None:
                rows.add(channel, "message", text, due, capped.id)
                continue
            rows.add(channel, "message", text, due)
            self._count(rows.number, n, request, decision.at)
        return tuple(one.reason for one in written if one.reason is not None)

    def _count(self, number: int, n: int, request: Request, at: datetime) -> None:
        recipient = request.key[2]
        self._frequency.add(request.book.caps, recipient, at)
        self._entries.touches.extend(
            (cap.id, recipient, instant_text(at), number, n) for cap in request.book.caps
        )

    def _tell_alerts(self, rows: OutboxRows, request: Request, charges: Charges) -> None:
        for balance, _ in charges:
            if balance.account.alerts:
                for threshold in balance.new_alerts():
                    rows.add(ALERTS, "alert", self._alert(balance, threshold), request.at)

    def _alert(self, balance: Balance, threshold: Decimal) -> str:
        charging, (account, period, key) = self._books.charging, balance.slot
        facts = {
            "account": account,
            "period": period,
            "key": key,
            "threshold": f"{threshold.normalize():f}",
            "spent": charging.amount_text(balance.account, balance.spent),
            "cap": charging.amount_text(balance.account, balance.declared),
        }
        return json.dumps(facts, ensure_ascii=False)
