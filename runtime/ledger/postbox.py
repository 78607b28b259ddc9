"""The outbox of a stored ledger, inside a transaction that the ledger opened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from ...compiler.plan.types import from_minor
from ..decide.decisions import Identity
from ..kept import kept_number
from .brakes.braking import LAST
from .brakes.ended import Ended
from .instants import instant, instant_text
from .outbox import (
    IN_TIME,
    INSTEAD,
    PASSED_ON,
    Fulfilment,
    Kind,
    Letter,
    OutboxRow,
    Sent,
    State,
    waits_for,
)
from .store import Store

_WAITING = (
    "SELECT decision, channel, n, outbox.kind, campaign, step, recipient, occurrence, customer, at,"  # noqa: S608  (our own words)
    " deliver_at, body, COALESCE(failed, 0)"
    " FROM outbox JOIN decisions ON decisions.id = decision"
    " LEFT JOIN attempts USING (decision, channel, n)"
    " WHERE state = 'waiting' AND channel = ? AND deliver_at <= ?"
    " AND (outbox.kind = 'alert' OR NOT EXISTS (SELECT 1 FROM brakes"
    f" WHERE brakes.campaign = decisions.campaign AND brakes.kind = 'paused' AND {LAST}))"
    " AND (try_after IS NULL OR try_after <= ? OR try_after > ?)"
    " ORDER BY deliver_at, decision, n LIMIT ?"
)
_GIVEN = (
    "SELECT reward, grants.benefit, amount, currency, expires_at, code,"
    " coalesce((SELECT sum(units) FROM reductions WHERE reductions.decision = grants.decision"
    " AND reductions.line = grants.line), 0) FROM grants"
    " LEFT JOIN codes ON codes.decision = grants.decision AND codes.line = grants.line"
    " AND state = 'given'"
    " WHERE grants.decision = ?"
    " AND NOT (reward = 'choice' AND grants.benefit IS NULL AND reward <> currency)"
    " ORDER BY grants.line"
)
_SETTLE = "UPDATE outbox SET state = ?, reason = ? WHERE decision = ? AND channel = ? AND n = ?"
_FORGET = "DELETE FROM attempts WHERE decision = ? AND channel = ? AND n = ?"
_MOVE = "UPDATE outbox SET deliver_at = ? WHERE decision = ? AND channel = ? AND n = ?"
_PUT_OFF = (
    "INSERT INTO attempts (decision, channel, n, failed, try_after) VALUES (?, ?, ?, 0, ?)"
    " ON CONFLICT (decision, channel, n) DO UPDATE SET try_after = excluded.try_after"
)
_FAIL = (
    "INSERT INTO attempts (decision, channel, n, failed, try_after, error, first)"
    " VALUES (?, ?, ?, 1, ?, ?, ?)"
    " ON CONFLICT (decision, channel, n) DO UPDATE SET failed = attempts.failed + 1,"
    " try_after = excluded.try_after, error = excluded.error,"
    " first = COALESCE(attempts.first, excluded.first)"
)
_FIRST = "SELECT first FROM attempts WHERE decision = ? AND channel = ? AND n = ?"
_NEXT = (
    "SELECT channel, n FROM outbox WHERE decision = ? AND state = 'suppressed' AND reason = ?"
    " AND NOT EXISTS (SELECT 1 FROM amendments WHERE amendments.decision = outbox.decision"
    " AND kind = 'reversed')"
)
_REVIVE = (
    "UPDATE outbox SET state = 'waiting'"
    " WHERE decision = ? AND channel = ? AND n = ? AND state = 'dead'"
)
_LETTERS = (
    "SELECT decision, channel, n, kind, campaign, step, recipient, occurrence, deliver_at, state,"
    " reason, COALESCE(failed, 0), try_after, error"
    " FROM outbox JOIN decisions ON decisions.id = decision"
    " LEFT JOIN attempts USING (decision, channel, n)"
)
_IN_ORDER = " ORDER BY channel, deliver_at, decision, n"
_LEFT = (
    "SELECT min(ends.at) FROM journeys AS own"
    " JOIN journeys AS other ON other.campaign = own.campaign AND other.customer = own.customer"
    " AND other.occurrence = own.occurrence"
    " JOIN decisions AS ends ON ends.id = other.decision AND ends.outcome = 'left'"
    " JOIN decisions AS mine ON mine.id = own.decision"
    " AND mine.campaign = own.campaign AND mine.customer = own.customer"
    " WHERE mine.id = ?"
)
_SENT = (
    "SELECT account, recipient, decision, channel, n, at FROM sent"
    " WHERE account = ? AND recipient = ?"
)
_COUNT = (
    "INSERT INTO sent (account, recipient, decision, channel, n, at) VALUES (?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (account, recipient, decision, channel, n) DO UPDATE SET at = excluded.at"
)
_UNCOUNT = (
    "DELETE FROM sent"
    " WHERE account = ? AND recipient = ? AND decision = ? AND channel = ? AND n = ?"
)
_SET_LENGTH = (
    "INSERT INTO channels (channel, length) VALUES (?, ?)"
    " ON CONFLICT (channel) DO UPDATE SET length = excluded.length"
)
_HOLD = (
    "INSERT INTO channels (channel, held) VALUES (?, ?)"
    " ON CONFLICT (channel) DO UPDATE SET held = excluded.held"
)

FURTHEST = timedelta(days=2)
"""The longest delay of an attempt; a longer one was written before the clock was set back."""


class StoredOutbox:
    """The `Outbox` of a store."""

    def __init__(self, store: Store, ended: Ended | None = None) -> None:
        self._store = store
        self._ended = ended

    def keep_ended(self) -> None:
        """Store what ended, for brakes; at the end of the transaction."""
        if self._ended is not None:
            self._ended.keep(self._store)

    def waiting(
        self, channel: str, until: datetime, limit: int, now: datetime | None = None
    ) -> list[OutboxRow]:
        """See `Outbox.waiting`."""
        # Without a clock, every attempt is due: all instants sort after the empty text.
        due, furthest = ("", "") if now is None else (_text(now), _text(now + FURTHEST))
        values = (channel, _text(until), due, furthest, limit)
        return [self._row(*row) for row in self._store.ask(_WAITING, values)]

    def _row(self, decision: int, channel: str, n: int, kind: Kind, *rest: str) -> OutboxRow:
        campaign, step, recipient, occurrence, customer, at, deliver_at, body, failed = rest
        return OutboxRow(
            decision,
            channel,
            n,
            kind,
            Identity(campaign, step, recipient, occurrence),
            customer,
            instant(at),
            instant(deliver_at),
            body,
            self._rewards_of(decision) if kind == "rewards" else (),
            int(failed),
        )

    def _rewards_of(self, decision: int) -> tuple[Fulfilment, ...]:
        """Return the lines of a grant, without what events have taken back."""
        found: list[Fulfilment] = []
        for reward, benefit, amount, currency, expires, code, taken in self._store.ask(
            _GIVEN, (decision,)
        ):
            left, units = kept_number(amount), int(taken)
            if units and benefit is None:
                left -= units if reward == currency else from_minor(units, currency)
            if not units or (benefit is None and left):
                until = None if expires is None else instant(expires)
                found.append(Fulfilment(reward, left, currency, until, code))
        return tuple(found)

    def settle(
        self, delivered: Iterable[OutboxRow], suppressed: Mapping[str, Iterable[OutboxRow]]
    ) -> None:
        """See `Outbox.settle`."""
        arrived = list(delivered)
        self._mark("delivered", None, arrived)
        if self._ended is not None:
            self._ended.add(arrived, failed=False)
        for reason, rows in suppressed.items():
            some = list(rows)
            self._mark("suppressed", reason, some)
            if reason in PASSED_ON:
                for row in some:
                    self._pass_on(row)

    def _pass_on(self, row: OutboxRow) -> bool:
        """Let the next channel's row wait, if there is one; return whether there was."""
        following = self._store.ask(_NEXT, (row.decision, waits_for(row.channel, row.n)))
        rows = [("waiting", None, row.decision, channel, n) for channel, n in following]
        self._store.change(_SETTLE, rows)
        return bool(rows)

    def _mark(self, state: State, reason: str | None, rows: list[OutboxRow]) -> None:
        self._store.change(_SETTLE, [(state, reason, *_place(row)) for row in rows])
        self._store.change(_FORGET, map(_place, rows))

    def move(self, rows: Iterable[tuple[OutboxRow, datetime]]) -> None:
        """See `Outbox.move`."""
        self._store.change(_MOVE, [(_text(to), *_place(row)) for row, to in rows])

    def put_off(self, rows: Iterable[OutboxRow], to: datetime | None) -> None:
        """See `Outbox.put_off`."""
        told = None if to is None else _text(to)
        self._store.change(_PUT_OFF, [(*_place(row), told) for row in rows])

    def fail(self, rows: Iterable[tuple[OutboxRow, str, datetime | None]], at: datetime) -> None:
        """See `Outbox.fail`."""
        failed = list(rows)
        self._store.change(
            _FAIL,
            [
                (*_place(row), None if again is None else _text(again), error, _text(at))
                for row, error, again in failed
            ],
        )
        dead = [row for row, _, again in failed if again is None]
        if self._ended is not None:
            self._ended.add(dead, failed=True)
        passed = [row for row in dead if self._is_in_time(row, at) and self._pass_on(row)]
        self._mark("suppressed", INSTEAD, passed)
        gone = {_place(row) for row in passed}
        left = (_place(row) for row in dead if _place(row) not in gone)
        self._store.change(_SETTLE, [("dead", None, *place) for place in left])

    def _is_in_time(self, row: OutboxRow, at: datetime) -> bool:
        """Whether the row failed first not longer ago than `IN_TIME`."""
        ((first,),) = self._store.ask(_FIRST, _place(row))
        return first is not None and at - instant(first) <= IN_TIME

    def revive(self, letters: Iterable[Letter]) -> None:
        """See `Outbox.revive`."""
        places = [_place(letter) for letter in letters]
        self._store.change(_REVIVE, places)
        self._store.change(_FORGET, places)

    def length(self, channel: str) -> int | None:
        """See `Outbox.length`."""
        rows = self._store.ask("SELECT length FROM channels WHERE channel = ?", (channel,))
        return rows[0][0] if rows else None

    def set_length(self, channel: str, length: int) -> None:
        """See `Outbox.set_length`."""
        self._store.change(_SET_LENGTH, [(channel, length)])

    def paused_until(self, channel: str) -> datetime | None:
        """See `Outbox.paused_until`."""
        rows = self._store.ask("SELECT held FROM channels WHERE channel = ?", (channel,))
        return instant(rows[0][0]) if rows and rows[0][0] is not None else None

    def hold(self, channel: str, to: datetime) -> None:
        """See `Outbox.hold`."""
        self._store.change(_HOLD, [(channel, _text(to))])

    def left(self, rows: Iterable[OutboxRow]) -> dict[int, datetime]:
        """See `Outbox.left`."""
        found = {row.decision: self._store.ask(_LEFT, (row.decision,)) for row in rows}
        return {decision: instant(at) for decision, ((at,),) in found.items() if at is not None}

    def sent(self, asked: Iterable[tuple[str, str]]) -> list[Sent]:
        """See `Outbox.sent`."""
        return [
            Sent(account, recipient, decision, channel, n, instant(at))
            for pair in dict.fromkeys(asked)
            for account, recipient, decision, channel, n, at in self._store.ask(_SENT, pair)
        ]

    def count_sent(self, messages: Iterable[Sent]) -> None:
        """See `Outbox.count_sent`."""
        self._store.change(_COUNT, [(*_counted(one), _text(one.at)) for one in messages])

    def uncount(self, messages: Iterable[Sent]) -> None:
        """See `Outbox.uncount`."""
        self._store.change(_UNCOUNT, map(_counted, messages))


def letters(store: Store, state: State | None, channel: str | None) -> Iterator[Letter]:
    """See `Ledger.letters`."""
    given = {"state": state, "channel": channel}
    asked = [(f"{name} = ?", value) for name, value in given.items() if value is not None]
    where = " WHERE " + " AND ".join(part for part, _ in asked) if asked else ""
    query = _LETTERS + where + _IN_ORDER
    for decision, on, n, kind, *rest in store.stream(query, [value for _, value in asked]):
        *identity, due, stands, reason, failed, after, error = rest
        again = None if after is None else instant(after)
        yield Letter(
            decision,
            on,
            n,
            kind,
            Identity(*identity),
            instant(due),
            stands,
            reason,
            failed,
            again,
            error,
        )


def _place(row: OutboxRow | Letter) -> tuple[int, str, int]:
    return row.decision, row.channel, row.n


def _counted(one: Sent) -> tuple[str, str, int, str, int]:
    return one.account, one.recipient, one.decision, one.channel, one.n


_text = instant_text
